"""The timed loops: an event over arrays, one indirect call each, without the GIL.

A loop takes a (function, self) pair from each index once a batch (designs/contract.pxd) and then
knows nothing of designs.  In a *chained* loop each index depends on the answer before it, as a
caller's next step does, so that one lookup's cache misses cannot overlap the next one's.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from pagecache.designs.contract cimport (
    AROUND_PAGES,
    FAULT_AROUND,
    GET,
    HUGE_FAULT,
    INSERT,
    LOAD,
    MARK,
    READ,
    READ_PAGES,
    SCAN,
    TRUNCATE,
    PageIndex,
    insert_t,
    lookup_t,
    pair_t,
    raise_insert,
    read_t,
    verb_t,
    whole_t,
)
from pagecache.designs.indexes cimport Indexes

cdef enum:
    COPY_BYTES = 4096
    COPY_SOURCES = 4096  # 16 MiB of them, so that the copied pages come from beyond the caches


# Pages that one event of a range covers.
COVERED = {"read": READ_PAGES, "fault_around": AROUND_PAGES}


cdef class NullIndex(PageIndex):
    """No index: each event returns at once.  The row ``(harness)`` times the empty loop with it."""

    provides = frozenset({"mark", "scan"})
    nodes = 0
    index_bytes = 0

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return 0

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        return 0

    cdef uint64_t fault_around(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t huge_fault(self, uint64_t huge_index) noexcept nogil:
        return 0

    cdef uint64_t mark(self, uint64_t index) noexcept nogil:
        return 0

    cdef uint64_t truncate(self) noexcept nogil:
        return 0


cdef class Batch(Indexes):
    """Events over the indexes of one or many files.

    Parameters
    ----------
    indexes : sequence of PageIndex
        One a file; arrays name them by their position.
    copy : bool
        Copy 4 KiB between two lookups, as a read() does, so that the caches hold data too.

    Notes
    -----
    `file` (uint32) and `index` (uint64) are arrays of shape (n,).  Every method returns a sum
    modulo 2**64.
    """

    cdef uint64_t zero
    cdef char* source
    cdef char* target
    cdef uint64_t copies

    def __cinit__(self, indexes, *, bint copy=False):
        if copy:
            self.source = <char*>malloc(COPY_BYTES * COPY_SOURCES)
            self.target = <char*>malloc(COPY_BYTES)
            if self.source is NULL or self.target is NULL:
                raise MemoryError("no room for the pages to copy")
            fill_sources(self.source)

    def __dealloc__(self):
        free(self.source)
        free(self.target)

    @property
    def copied(self):
        """The page that was copied last; nothing if none was."""
        return self.target[:COPY_BYTES] if self.copies else b""

    def get(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Look up and reference the page at each index; chained.  The sum of the frames."""
        return chained(self, GET, file, index, self.checked(file, index))

    def load(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """The walk alone, chained.  The sum of the frames that the entries name."""
        return chained(self, LOAD, file, index, self.checked(file, index, False))

    def load_unchained(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """The walk alone; the next may begin before the last has ended."""
        cdef uint64_t k, total = 0, events = self.checked(file, index, False)
        cdef const pair_t* calls = self.pairs(LOAD)
        with nogil:
            for k in range(events):
                total += look_up(calls + file[k], index[k])
                between(self)
        return total

    def read(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Find the folios of the 32 pages from each index on; chained.  The sum of the frames."""
        cdef uint64_t k, answer = 0, total = 0, events = self.checked(file, index)
        cdef const pair_t* calls = self.pairs(READ)
        cdef const pair_t* pair
        with nogil:
            for k in range(events):
                pair = calls + file[k]
                answer = (<read_t>pair.call)(
                    pair.self, index[k] + (answer & self.zero), READ_PAGES)
                total += answer
                between(self)
        return total

    def fault_around(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Find the cached pages of the aligned 16 around each index; chained."""
        return chained(self, FAULT_AROUND, file, index, self.checked(file, index))

    def huge_fault(self, const uint32_t[::1] file, const uint64_t[::1] huge_index):
        """Look up each huge page by its number in the file, one reference each; chained."""
        return chained(self, HUGE_FAULT, file, huge_index, self.checked(file, huge_index))

    def populate(self, const uint32_t[::1] file, const uint64_t[::1] index,
                 const uint8_t[::1] order, const uint64_t[::1] pfn):
        """Insert folios up to the first that fails; how many.

        Raises MemoryError, KeyError (a page is cached already), ValueError (the design does not
        take the order) or IndexError (no such frames), naming the folio's index.
        """
        cdef uint64_t k, events = self.checked(file, index, False)
        cdef const pair_t* calls = self.pairs(INSERT)
        cdef int failed = 0
        if order.shape[0] != index.shape[0] or pfn.shape[0] != index.shape[0]:
            raise ValueError("order and pfn must be as long as index")
        with nogil:
            for k in range(events):
                failed = (<insert_t>calls[file[k]].call)(
                    calls[file[k]].self, index[k], order[k], pfn[k])
                if failed:
                    break
        if failed:
            raise_insert(failed, index[k], order[k], pfn[k])
        return events

    def mark(self, const uint32_t[::1] file, const uint64_t[::1] index):
        """Set the folio at each index dirty.  The sum of the folios' first frames."""
        cdef uint64_t k, total = 0, events = self.checked(file, index)
        cdef const pair_t* calls = self.pairs(MARK)
        self.need("mark")
        with nogil:
            for k in range(events):
                total += look_up(calls + file[k], index[k])
        return total

    def scan(self):
        """Walk the folios marked dirty, file by file.  The sum of their first frames."""
        self.need("scan")
        self.check_backed()
        return over_files(self, SCAN)

    def truncate(self):
        """Remove every folio of every file.  The number of pages removed."""
        return over_files(self, TRUNCATE)

    def need(self, what):
        """NotImplementedError unless every index provides `what`."""
        for index in self.indexes:
            if what not in index.provides:
                raise NotImplementedError(f"{type(index).__name__} has no event {what!r}")


cdef inline uint64_t look_up(const pair_t* pair, uint64_t index) noexcept nogil:
    return (<lookup_t>pair.call)(pair.self, index)


cdef inline uint64_t chained(
        Batch batch, verb_t verb, const uint32_t[::1] file, const uint64_t[::1] index,
        uint64_t events) noexcept:
    cdef uint64_t k, answer = 0, total = 0
    cdef const pair_t* calls = batch.pairs(verb)
    with nogil:
        for k in range(events):
            answer = look_up(calls + file[k], index[k] + (answer & batch.zero))
            total += answer
            between(batch)
    return total


cdef uint64_t over_files(Batch batch, verb_t verb) noexcept:
    cdef uint64_t total = 0
    cdef uint32_t k
    cdef const pair_t* calls = batch.pairs(verb)
    with nogil:
        for k in range(batch.files):
            total += (<whole_t>calls[k].call)(calls[k].self)
    return total


cdef void fill_sources(char* source) noexcept nogil:
    """Each page in bytes of its own: memory never written is one page of zeroes, always cached."""
    cdef uint64_t k
    for k in range(COPY_SOURCES):
        memset(source + k * COPY_BYTES, 1 + k % 255, COPY_BYTES)


cdef inline void between(Batch batch) noexcept nogil:
    """What lies between two lookups: nothing, or the copy of a page."""
    if batch.source is not NULL:
        batch.copies += 1
        memcpy(batch.target, batch.source + batch.copies % COPY_SOURCES * COPY_BYTES, COPY_BYTES)
