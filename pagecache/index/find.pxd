"""Searching: the next entry that is present, or that carries a mark."""

from libc.stdint cimport uint64_t

from pagecache.index.entry cimport entry_t
from pagecache.index.walk cimport xa_state, xarray_t


cdef enum:
    PRESENT = 8  # the filter of a search that is not by mark

cdef entry_t xas_find(xa_state* xas, uint64_t last) noexcept nogil
cdef entry_t xas_find_marked(xa_state* xas, uint64_t last, unsigned int mark) noexcept nogil
cdef entry_t xa_find(xarray_t* xa, uint64_t* index, uint64_t last, unsigned int filter) noexcept nogil
cdef entry_t xa_find_after(xarray_t* xa, uint64_t* index, uint64_t last, unsigned int filter) noexcept nogil
cdef entry_t next_visible(
    xa_state* xas, uint64_t last, unsigned int filter) noexcept nogil
cdef entry_t xas_conflict(xa_state* xas) noexcept nogil
cdef unsigned int xas_order(const xa_state* xas) noexcept nogil
