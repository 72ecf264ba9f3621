"""A cursor: a state that Python can hold."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xa_state, xarray_t


cdef class Cursor:
    cdef object owner
    cdef xa_state xas
    cdef unsigned int order_
    cdef uint64_t changes
    cdef bint ended  # paused after the highest index: searches have come to their end

    cdef void refresh(self) noexcept
    cdef object whole(self, entry_t entry)


cdef Cursor make_cursor(object owner, xarray_t* xa, uint64_t index, unsigned int order)
