"""Value entries of an XArray that serves a mapping: splitting them, and nodes full of shadows.

*Step by step.*  A split that takes one new node at most goes to the bottom of its level, or one
order down where it is there already.  From a zero entry of 1 GiB (order 18) to one page:

    18 -> 17 -> 12 -> 11 -> 6 -> 5 -> 0       a node each at 17, 11 and 5; the rest is in place
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.walk cimport xarray_t


cdef inline unsigned int next_order(
        const xarray_t* xa, unsigned int order, unsigned int wanted) noexcept nogil:
    """The lowest order that one step reaches on the way down to `wanted`."""
    cdef unsigned int rest = order % xa.chunk_shift
    cdef unsigned int lower = order - rest if rest else order - 1
    return lower if lower > wanted else wanted


cdef int split_down(xarray_t* xa, uint64_t key, unsigned int order) noexcept nogil
cdef bint node_of_shadows(
    xarray_t* xa, uint64_t key, uint64_t* first, unsigned int* shift) noexcept nogil
cdef bint drop_values(xarray_t* xa, uint64_t first, unsigned int shift) noexcept nogil
