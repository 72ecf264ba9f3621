"""The abstract class, the empty index that shows what the loops cost, and the loops."""

from libc.errno cimport EFAULT, EINVAL, ENOMEM
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

cdef enum:
    READ_PAGES = 32  # a buffered read of 128 KiB
    AROUND_PAGES = 16  # fault_around_bytes is 64 KiB
    COPY_BYTES = 4096
    COPY_SOURCES = 4096  # 16 MiB of them, so that the copied pages come from beyond the caches


cdef class PageIndex:
    """The index of one file under some design.  Cannot be made itself: subclass it in Cython.

    A subclass overrides all methods declared in contract.pxd that it can do, and has
    `nodes` (int), `node_bytes` (int), `dump()` and `check()` as Python attributes.
    """

    def __init__(self, *args, **kwargs):
        if type(self) is PageIndex:
            raise TypeError("PageIndex is abstract; make a design: pagecache.designs.make(NAME)")

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        return 0

    cdef uint64_t huge_fault(self, uint64_t huge_index) noexcept nogil:
        return 0

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return 0

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        return -1

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t mark(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t scan(self) noexcept nogil:
        return 0

    cdef uint64_t truncate(self) noexcept nogil:
        return 0

    # From Python, one at a time: for tests and for a look around.

    def insert_folio(self, uint64_t index, unsigned int order, uint64_t pfn):
        """Cache the folio of `order` at frame `pfn` from `index` on.

        Raises KeyError if a page there is cached already, ValueError for an order the design does
        not take or an `index` out of line, IndexError for frames without struct pages, MemoryError
        if the node pool cannot grow; the index is as before.
        """
        if order > 63 or index & ((<uint64_t>1 << order) - 1):
            raise ValueError(f"a folio of order {order} cannot start at index {index}")
        raise_insert(self.insert(index, order, pfn), index, order, pfn)

    def remove_folio(self, uint64_t index):
        """Drop the folio that covers `index`; how many pages that were (0: none there)."""
        check_backed(self)
        return self.remove(index)

    def frame(self, uint64_t index):
        """The frame of the page at `index`, or None.  O(height)."""
        cdef uint64_t frame
        check_backed(self)
        frame = self.get(index)
        return None if frame == ~<uint64_t>0 else frame

    def named(self, uint64_t index):
        """The frame that the slot for `index` names: the page's own or its head's; None: none."""
        cdef uint64_t frame = self.load(index)
        return None if frame == ~<uint64_t>0 else frame


cdef class NullIndex(PageIndex):
    """No index at all: each event returns at once.  Measured as the row ``(harness)``."""

    nodes = 0
    node_bytes = 0

    def dump(self):
        """Nothing to show."""
        return ""

    def check(self):
        """Nothing to break."""


cdef class Batch:
    """Events over the indexes of one or many files, in compiled loops without the GIL.

    Parameters
    ----------
    indexes : sequence of PageIndex
        One a file; arrays name them by their position.
    copy : bool
        Copy 4 KiB between two lookups, as a read() does, so that the caches hold data too.

    Notes
    -----
    `file` (uint32) and `index` (uint64) are arrays of shape (n,).  Every method returns a sum
    modulo 2**64.  In a *chained* loop each index depends on the answer before it, as a caller's
    next step does, so that one lookup's cache misses cannot overlap the next one's.
    """

    def __cinit__(self, indexes, *, bint copy=False):
        self.indexes = list(indexes)
        self.table = <void**>calloc(max(len(self.indexes), 1), sizeof(void*))
        if self.table is NULL:
            raise MemoryError("no room for the table of indexes")
        for k, index in enumerate(self.indexes):
            if not isinstance(index, PageIndex):
                raise TypeError(f"index {k} is a {type(index).__name__}, not a PageIndex")
            self.table[k] = <void*>index
        self.struct_pages = all(getattr(index, "struct_pages", True) for index in self.indexes)
        if copy:
            self.source = <char*>malloc(COPY_BYTES * COPY_SOURCES)
            self.target = <char*>malloc(COPY_BYTES)
            if self.source is NULL or self.target is NULL:
                raise MemoryError("no room for the pages to copy")

    def __dealloc__(self):
        free(self.table)
        free(self.source)
        free(self.target)

    cdef uint64_t checked(self, const uint32_t[::1] file, const uint64_t[::1] index,
                          bint touching=True) except? 0:
        """The number of events, once it is sure that all they touch is there."""
        if touching:
            self.check_struct_pages()
        cdef Py_ssize_t k
        cdef uint32_t files = len(self.indexes)
        if file.shape[0] != index.shape[0]:
            raise ValueError(f"{file.shape[0]} files and {index.shape[0]} indices do not go together")
        for k in range(file.shape[0]):
            if file[k] >= files:
                raise IndexError(f"file {file[k]} of event {k} is none of the {files}")
        return file.shape[0]

    cdef int check_struct_pages(self) except -1:
        if not self.struct_pages:
            raise ValueError("these struct pages are not backed by memory: only walks can be run")
        return 0

    def get(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Look up and reference the page at each index; chained.  The sum of the frames."""
        cdef uint64_t k, answer = 0, total = 0, events = self.checked(file, index)
        with nogil:
            for k in range(events):
                answer = (<PageIndex>self.table[file[k]]).get(index[k] + (answer & self.zero))
                total += answer
                between(self)
        return total

    def load(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """The walk alone, chained.  The sum of the frames that the slots name."""
        cdef uint64_t k, answer = 0, total = 0, events = self.checked(file, index, False)
        with nogil:
            for k in range(events):
                answer = (<PageIndex>self.table[file[k]]).load(index[k] + (answer & self.zero))
                total += answer
                between(self)
        return total

    def load_unchained(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """The walk alone; the next may begin before the last has ended."""
        cdef uint64_t k, total = 0, events = self.checked(file, index, False)
        with nogil:
            for k in range(events):
                total += (<PageIndex>self.table[file[k]]).load(index[k])
                between(self)
        return total

    def read(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Find the folios of the 32 pages from each index on; chained.  The sum of the frames."""
        cdef uint64_t k, answer = 0, total = 0, events = self.checked(file, index)
        with nogil:
            for k in range(events):
                answer = (<PageIndex>self.table[file[k]]).read(
                    index[k] + (answer & self.zero), READ_PAGES)
                total += answer
                between(self)
        return total

    def fault_around(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Find the cached pages of the aligned 16 around each index; chained."""
        cdef uint64_t k, answer = 0, total = 0, events = self.checked(file, index)
        with nogil:
            for k in range(events):
                answer = (<PageIndex>self.table[file[k]]).read(
                    (index[k] & ~<uint64_t>(AROUND_PAGES - 1)) + (answer & self.zero), AROUND_PAGES)
                total += answer
                between(self)
        return total

    def huge_fault(self, const uint32_t[::1] file, const uint64_t[::1] huge_index):
        """Look up each huge page by its number in the file, one reference each; chained."""
        cdef uint64_t k, answer = 0, total = 0, events = self.checked(file, huge_index)
        with nogil:
            for k in range(events):
                answer = (<PageIndex>self.table[file[k]]).huge_fault(
                    huge_index[k] + (answer & self.zero))
                total += answer
                between(self)
        return total

    def populate(self, const uint32_t[::1] file, const uint64_t[::1] index,
                 const uint8_t[::1] order, const uint64_t[::1] pfn):
        """Insert folios up to the first that fails; how many.

        Raises MemoryError, KeyError (a page is cached already), ValueError (no order of the
        design's) or IndexError (no such frames), naming the folio's index.
        """
        cdef uint64_t k, events = self.checked(file, index, False)
        cdef int failed = 0
        if order.shape[0] != index.shape[0] or pfn.shape[0] != index.shape[0]:
            raise ValueError("order and pfn must be as long as index")
        with nogil:
            for k in range(events):
                failed = (<PageIndex>self.table[file[k]]).insert(index[k], order[k], pfn[k])
                if failed:
                    break
        if failed:
            raise_insert(failed, index[k], order[k], pfn[k])
        return events

    def mark(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Set the folio at each index dirty.  The sum of the folios' first frames."""
        cdef uint64_t k, total = 0, events = self.checked(file, index)
        with nogil:
            for k in range(events):
                total += (<PageIndex>self.table[file[k]]).mark(index[k])
        return total

    def scan(self):
        """Walk the folios marked dirty, file by file.  The sum of their first frames."""
        cdef uint64_t k, total = 0, files = len(self.indexes)
        self.check_struct_pages()
        with nogil:
            for k in range(files):
                total += (<PageIndex>self.table[k]).scan()
        return total

    def truncate(self):
        """Remove every folio of every file.  The number of pages removed."""
        cdef uint64_t k, total = 0, files = len(self.indexes)
        with nogil:
            for k in range(files):
                total += (<PageIndex>self.table[k]).truncate()
        return total


cdef inline void between(Batch batch) noexcept nogil:
    """What lies between two lookups: nothing, or the copy of a page."""
    if batch.source is not NULL:
        batch.copies = (batch.copies + 1) % COPY_SOURCES
        memcpy(batch.target, batch.source + batch.copies * COPY_BYTES, COPY_BYTES)


cdef int check_backed(PageIndex index) except -1:
    if not getattr(index, "struct_pages", True):
        raise ValueError("these struct pages are not backed by memory: nothing can be looked up")
    return 0


cdef int raise_insert(int failed, uint64_t index, unsigned int order, uint64_t pfn) except -1:
    """The exception for what an insertion answered."""
    if failed == -ENOMEM:
        raise MemoryError(f"the node pool cannot grow for the folio at index {index}")
    if failed == -EINVAL:
        raise ValueError(f"this design takes no folio of order {order} at index {index}")
    if failed == -EFAULT:
        raise IndexError(f"frame {pfn} and all of its folio of order {order} must have struct pages")
    if failed:
        raise KeyError(f"a page of the folio at index {index} is cached already")
    return 0
