"""The window of page-by-page areas: addresses reserved once, pages put behind them on demand."""


cdef extern from *:
    """
    #include <stddef.h>
    /* Of each thread: what fails next, for tests. A page is counted from 0; -1: none. */
    typedef struct { int piece; int record; long long page; } pc_kv_faults;
    """
    ctypedef struct kv_faults "pc_kv_faults":
        int piece  # the try for one piece
        int record  # the record of an area
        long long page  # this page of an area


cdef kv_faults* faults() noexcept nogil
cdef void* window_map(size_t size) noexcept nogil
cdef bint window_unmap(void* start) noexcept nogil
cdef bint window_holds(const void* start) noexcept nogil
