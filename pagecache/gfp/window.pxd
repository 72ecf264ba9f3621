"""The window of page-by-page areas: addresses reserved once, pages mapped behind them on demand.

    window   | area A: 3 pages | guard | gap of 9 pages | area B | guard | rest ...
    areas    A -> B
    map of 5 pages: 5 + a guard fit between A and B, so it begins where the gap does

The areas are an ordered list; a new one takes the first gap that is large enough.  A guard page
behind each area stays without memory, so an access beyond the end of an area faults.
"""


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
