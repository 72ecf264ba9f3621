"""Taking nodes out of the tree."""

from pagecache.xarray.node cimport xa_node
from pagecache.xarray.walk cimport xa_state, xarray_t


cdef enum:
    ALL_LEVELS = 64

cdef void xa_destroy(xarray_t* xa) noexcept nogil
cdef void free_subtree(xarray_t* xa, xa_node* top) noexcept nogil
cdef void delete_nodes(xa_state* xas) noexcept nogil
cdef void prune(xa_state* xas) noexcept nogil
cdef void shrink(xa_state* xas, unsigned int most) noexcept nogil
cdef unsigned int empty_flags(unsigned int flags) noexcept nogil
