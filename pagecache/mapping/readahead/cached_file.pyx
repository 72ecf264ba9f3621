"""The abstract cache that readahead fills, and the state of an open file description."""

from libc.string cimport memset

NO_POSITION = ~<uint64_t>0


cdef class CachedFile:
    """A file's cache as readahead sees it: a mapping, or a simulated one.  Abstract."""

    cdef uint64_t page_count(self) noexcept nogil:
        return 0

    cdef bint find_cached(self, uint64_t index, cached_t* found) noexcept nogil:
        return False

    cdef void clear_readahead(self, uint64_t index) noexcept nogil:
        pass

    cdef bint hole_after(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil:
        hole[0] = index
        return pages != 0

    cdef bint hole_before(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil:
        hole[0] = index
        return pages != 0

    cdef int add(self, uint64_t index, unsigned int order, bint marked) noexcept nogil:
        return ADD_NO_MEMORY

    cdef void submit(self) noexcept nogil:
        pass


cdef void ra_open(readahead_t* ra, CachedFile file) noexcept nogil:
    """The state of a file that was opened just now: read_ahead_kb is taken over here."""
    memset(ra, 0, sizeof(readahead_t))
    ra.pages, ra.previous = file.device_pages, NO_POSITION


cdef void ra_advise(readahead_t* ra, CachedFile file, int advice) noexcept nogil:
    """posix_fadvise: random leaves the limit as it is, the other two set it."""
    ra.random = advice == ADVICE_RANDOM
    if not ra.random:
        ra.pages = file.device_pages * 2 if advice == ADVICE_SEQUENTIAL else file.device_pages
