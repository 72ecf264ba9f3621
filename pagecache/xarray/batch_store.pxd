"""Stores and erasures of many indices at once."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef size_t xa_store_many(
    xarray_t* xa, const uint64_t* index, const entry_t* entries, size_t n,
    unsigned int order) noexcept nogil
cdef size_t xa_store_numbers(
    xarray_t* xa, const uint64_t* index, const uint64_t* values, size_t n,
    unsigned int order) noexcept nogil
cdef void xa_erase_many(xarray_t* xa, const uint64_t* index, size_t n) noexcept nogil
