"""Entries into arrays, and marks over a range."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xa_state, xarray_t


cdef size_t xas_extract(
    xa_state* xas, uint64_t last, unsigned int filter, uint64_t* index, entry_t* entries,
    size_t limit) noexcept nogil
cdef size_t xa_extract_numbers(
    xarray_t* xa, uint64_t first, uint64_t last, unsigned int filter, uint64_t* index,
    uint64_t* out, size_t limit) noexcept nogil
cdef void xa_mark_range(
    xarray_t* xa, uint64_t first, uint64_t last, unsigned int mark, bint on) noexcept nogil
