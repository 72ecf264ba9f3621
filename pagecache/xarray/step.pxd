"""Moving a state: one index on or back, past the current entry, over what overlaps a range."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xa_state


cdef entry_t xas_move(xa_state* xas, uint64_t index) noexcept nogil
cdef entry_t xas_next(xa_state* xas) noexcept nogil
cdef entry_t xas_prev(xa_state* xas) noexcept nogil
cdef void xas_pause(xa_state* xas) noexcept nogil
cdef void xas_reset(xa_state* xas) noexcept nogil
cdef uint64_t entry_first(const xa_state* xas) noexcept nogil
cdef uint64_t entry_last(const xa_state* xas) noexcept nogil
