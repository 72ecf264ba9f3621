"""Nodes when the pool's free list is empty."""

from pagecache.structures.pool cimport pool_grow


cdef radix_node* take_slowly(radix_root* root) noexcept nogil:
    cdef radix_node* node = <radix_node*>pool_grow(root.pool)
    if node is NULL and root.spare is not NULL:
        node = root.spare
        root.spare = node.next
        root.nr_spare -= 1
    return node
