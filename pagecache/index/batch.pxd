"""Many indices at once."""

from libc.stdint cimport uint64_t

from pagecache.index.entry cimport entry_t
from pagecache.index.walk cimport xarray_t


cdef void xa_load_many(
    const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil
cdef size_t xa_store_many(
    xarray_t* xa, const uint64_t* index, const entry_t* entries, size_t n,
    unsigned int order) noexcept nogil
cdef void xa_erase_many(xarray_t* xa, const uint64_t* index, size_t n) noexcept nogil
cdef size_t xa_extract(
    xarray_t* xa, uint64_t first, uint64_t last, unsigned int filter, uint64_t* index,
    entry_t* entries, size_t limit) noexcept nogil
cdef void xa_mark_range(
    xarray_t* xa, uint64_t first, uint64_t last, unsigned int mark, bint on) noexcept nogil
