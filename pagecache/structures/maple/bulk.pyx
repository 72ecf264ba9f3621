"""The beginning and the end of a load."""

from libc.errno cimport EINVAL, ENOMEM

from pagecache.structures.maple.node cimport maple_node
from pagecache.structures.pool cimport pool_alloc, pool_free

cdef enum:
    A_LEAF = 14  # slots that are reckoned with
    MORE = 3
    MOST_TAKEN = 1 << 30  # 256 GiB of nodes


cdef void drop_spare(maple_tree* tree) noexcept nogil:
    """Give back the nodes that were taken beforehand."""
    cdef maple_node* node
    while tree.spare is not NULL:
        node = tree.spare
        tree.spare = <maple_node*>node.pivots[0]
        tree.nr_spare -= 1
        pool_free(tree.pool, node)


cdef int bulk_begin(maple_tree* tree, uint64_t entries) noexcept nogil:
    """Take the nodes for `entries` entries; -EINVAL in RCU mode, -ENOMEM and nothing is taken."""
    cdef uint64_t leaves = entries // A_LEAF * 2 + (entries % A_LEAF * 2 + A_LEAF) // A_LEAF
    cdef uint64_t wanted = leaves + (leaves + A_LEAF - 1) // A_LEAF + MORE
    cdef maple_node* node
    if tree.rcu or tree.bulk or tree.root:
        return -EINVAL
    if wanted > MOST_TAKEN:
        return -ENOMEM
    while tree.nr_spare < wanted:
        node = <maple_node*>pool_alloc(tree.pool)
        if node is NULL:
            drop_spare(tree)
            return -ENOMEM
        node.pivots[0] = <uint64_t>tree.spare
        tree.spare = node
        tree.nr_spare += 1
    tree.bulk = True
    return 0


cdef void bulk_end(maple_tree* tree) noexcept nogil:
    """Give back what was not needed."""
    tree.bulk = False
    drop_spare(tree)
