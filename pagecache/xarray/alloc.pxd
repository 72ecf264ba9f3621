"""Allocating IDs: the lowest free index of a range, by the marks that track what is free."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef int xa_alloc(
    xarray_t* xa, uint64_t* id, entry_t entry, uint64_t first, uint64_t last) noexcept nogil
cdef int xa_alloc_cyclic(
    xarray_t* xa, uint64_t* id, entry_t entry, uint64_t first, uint64_t last,
    uint64_t* next_id) noexcept nogil
