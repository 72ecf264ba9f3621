"""Marks: three bits an entry carries, each summed up in every slot above it.

A slot that leads to a node is marked when anything under it is; the array's flags are the sum of
all.  So a search by mark skips whole subtrees, and setting or clearing stops going up as soon as
the slot above says the right thing already.
"""

from libc.stdint cimport uint32_t, uint64_t

from pagecache.relaxed cimport load_half, store_half
from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.walk cimport xa_state, xarray_t


cdef inline bint xa_marked(const xarray_t* xa, unsigned int mark) noexcept nogil:
    return (load_half(xa.flags) >> mark) & 1


cdef inline void set_flags(xarray_t* xa, uint32_t flags) noexcept nogil:
    """By the writer, while readers look which marks there are."""
    store_half(xa.flags, flags)


cdef bint xas_get_mark(const xa_state* xas, unsigned int mark) noexcept nogil
cdef void xas_set_mark(xa_state* xas, unsigned int mark) noexcept nogil
cdef void xas_clear_mark(xa_state* xas, unsigned int mark) noexcept nogil
cdef void xas_init_marks(xa_state* xas) noexcept nogil
cdef bint xa_get_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil
cdef void xa_set_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil
cdef void xa_clear_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil
cdef void node_fill_mark(xa_node* node, unsigned int mark) noexcept nogil
cdef void xas_gather_marks(xa_state* xas) noexcept nogil
