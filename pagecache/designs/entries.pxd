"""Value entries of an XArray that serves a mapping: splitting them, and nodes full of shadows."""

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
