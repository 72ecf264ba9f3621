"""Splitting one entry into smaller ones that hold the same."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef int xa_split(xarray_t* xa, uint64_t index, unsigned int order) noexcept nogil
cdef int xa_try_split(xarray_t* xa, uint64_t index, unsigned int order) noexcept nogil
