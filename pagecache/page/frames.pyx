"""The array of struct pages."""

from libc.stdint cimport uint64_t

from pagecache.sizes cimport array_size, round_up_size, size_add


cdef extern from "<sys/mman.h>" nogil:
    void* mmap(void* address, size_t size, int protection, int flags, int fd, long position)
    int munmap(void* address, size_t size)
    int madvise(void* address, size_t size, int advice)
    int PROT_NONE, PROT_READ, PROT_WRITE, MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE, MADV_HUGEPAGE
    void* MAP_FAILED

cdef enum:
    HUGE_PAGE = 2097152


cdef class Frames:
    """Struct pages of `count` frames, zero until folios are made of them.

    Parameters
    ----------
    count : int
        Frames; 64 bytes each.
    backed : bool
        False reserves the addresses alone, so that an index can name the pages of more memory
        than this machine could describe; nothing may then read a record.
    huge : bool
        Ask for huge pages, as measurements want; without them few records take little memory.

    Raises
    ------
    MemoryError
        If the kernel does not grant the mapping.

    Examples
    --------
    >>> import numpy as np
    >>> from pagecache.page.frames import Frames
    >>> frames = Frames(512)
    >>> frames.make_folios(np.array([0], np.uint64), np.array([9], np.uint8))
    >>> frames.refcount(0), frames.order(0)
    (1, 9)
    """

    def __cinit__(self, uint64_t count, *, bint backed=True, bint huge=True):
        cdef int protection = PROT_READ | PROT_WRITE if backed else PROT_NONE
        cdef void* start
        # Records follow each other up to the end of a huge page, and one more page is asked for
        # so that the array can start at the beginning of one.
        self.size = round_up_size(size_add(array_size(count, PAGE_RECORD), HUGE_PAGE), HUGE_PAGE)
        start = mmap(NULL, size_add(self.size, HUGE_PAGE), protection,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        if start == MAP_FAILED:
            raise MemoryError(f"no room for the struct pages of {count} frames")
        self.base = trim(<char*>start, self.size)
        self.count, self.backed = count, backed
        if backed and huge:
            madvise(self.base, self.size, MADV_HUGEPAGE)

    def __dealloc__(self):
        if self.base is not NULL:
            munmap(self.base, self.size)

    def make_folios(self, const uint64_t[::1] pfn, const uint8_t[::1] order, *, bint tails=False):
        """Make the frames from each `pfn` on one folio of `order`, held by one reference.

        Parameters
        ----------
        pfn : uint64 array of shape (n,)
            First frames, each a multiple of its ``2**order``.
        order : uint8 array of shape (n,)
        tails : bool
            Write every tail, as designs that name subpages need; else the first alone.
        """
        cdef Py_ssize_t k
        if not self.backed:
            raise ValueError("these struct pages are not backed by memory")
        if order.shape[0] != pfn.shape[0]:
            raise ValueError(f"{pfn.shape[0]} frames and {order.shape[0]} orders do not go together")
        for k in range(pfn.shape[0]):
            if not frames_fit(self, pfn[k], order[k]) or pfn[k] & ((<uint64_t>1 << order[k]) - 1):
                raise IndexError(f"no room for a folio of order {order[k]} at frame {pfn[k]}")
        with nogil:
            for k in range(pfn.shape[0]):
                make_folio(self.base + pfn[k], order[k], tails)

    def put_folios(self, const uint64_t[::1] pfn):
        """Put a reference of each folio, as who made them does once the cache holds them.

        Parameters
        ----------
        pfn : uint64 array of shape (n,)
            First frames.
        """
        cdef Py_ssize_t k
        for k in range(pfn.shape[0]):
            self.record(pfn[k])
        with nogil:
            for k in range(pfn.shape[0]):
                page_put(self.base + pfn[k])

    def refcount(self, uint64_t pfn):
        """References to the folio that starts at `pfn`."""
        return self.record(pfn).refcount

    def order(self, uint64_t pfn):
        """Order of the folio that starts at `pfn`."""
        return folio_order(self.record(pfn))

    def dirty(self, uint64_t pfn):
        """Whether the folio that starts at `pfn` has its dirty flag set."""
        return bool(self.record(pfn).flags & PG_DIRTY)

    cdef page_t* record(self, uint64_t pfn) except NULL:
        if pfn >= self.count or not self.backed:
            raise IndexError(f"frame {pfn} has no struct page here")
        return self.base + pfn

    @property
    def range(self):
        """The (address, bytes) of the array."""
        return <size_t>self.base, self.size


cdef page_t* trim(char* start, size_t size) noexcept nogil:
    """Keep `size` bytes from the first huge page boundary on."""
    cdef size_t before = -<uintptr_t>start & (HUGE_PAGE - 1)
    if before:
        munmap(start, before)
    munmap(start + before + size, HUGE_PAGE - before)
    return <page_t*>(start + before)


cdef void make_folio(page_t* head, unsigned int order, bint tails) noexcept nogil:
    """A head held by one reference, and its first tail or all of them."""
    cdef uint64_t written = (<uint64_t>1 << order) if tails else 2, k
    head.flags, head.refcount, head.mapcount = PG_UPTODATE, 1, -1
    head.compound_head = 0  # it may have been another folio's tail
    if order == 0:
        return
    head.flags |= PG_HEAD
    for k in range(1, written):
        head[k].compound_head = <uint64_t>head + 1
        head[k].mapcount = -1
    head[1].order = order
    head[1].compound_mapcount = -1
