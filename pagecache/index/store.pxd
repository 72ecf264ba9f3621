"""Storing and erasing: everything that puts entries, and the nodes above them, into the tree."""

from libc.stdint cimport uint64_t

from pagecache.index.entry cimport entry_t
from pagecache.index.node cimport node_pool, xa_node
from pagecache.index.walk cimport xa_state, xarray_t


cdef void xa_init(xarray_t* xa, node_pool* pool, unsigned int chunk_shift,
                  unsigned int flags) noexcept nogil
cdef entry_t xas_create(xa_state* xas, bint allow_root) noexcept nogil
cdef entry_t xas_store(xa_state* xas, entry_t entry) noexcept nogil
cdef entry_t xas_put(xa_state* xas, entry_t entry) noexcept nogil
cdef xa_node* new_node(xarray_t* xa, unsigned int shift) noexcept nogil
