"""Filling and emptying the chain of spare nodes."""

from libc.errno cimport ENOMEM
from libc.stdint cimport uint64_t

from pagecache.structures.pool cimport pool_alloc
from pagecache.structures.radix.node cimport MOST_LEVELS, SLOTS, free_node, radix_node


cdef unsigned int preload_for(unsigned int order) noexcept nogil:
    """The spare nodes that 2^order insertions in a row may need."""
    cdef uint64_t trees = <uint64_t>1 << order, full = 0, level = 1
    cdef unsigned int height = 0
    while trees > SLOTS:
        trees //= SLOTS
        height += 1
        full += level
        level *= SLOTS
    return <unsigned int>(2 * MOST_LEVELS - height - 1 + trees * full)


cdef int radix_preload(radix_root* root, unsigned int nodes) noexcept nogil:
    """Have at least `nodes` spare nodes; 0 or -ENOMEM.  O(nodes missing)."""
    cdef radix_node* node
    while root.nr_spare < nodes:
        node = <radix_node*>pool_alloc(root.pool)
        if node is NULL:
            return -ENOMEM
        node.next = root.spare
        root.spare = node
        root.nr_spare += 1
    return 0


cdef void drop_spare(radix_root* root) noexcept nogil:
    cdef radix_node* node
    while root.spare is not NULL:
        node = root.spare
        root.spare = node.next
        root.nr_spare -= 1
        free_node(root, node)
