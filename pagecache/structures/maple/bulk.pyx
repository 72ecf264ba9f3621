"""The beginning and the end of a load."""

from libc.errno cimport EINVAL, ENOMEM

from pagecache.structures.maple.change cimport change_init, maple_change, path_count, path_down
from pagecache.structures.maple.grow cimport even_out
from pagecache.structures.maple.node cimport maple_node
from pagecache.structures.pool cimport pool_alloc, pool_free

cdef enum:
    A_LEAF = 14  # slots that are reckoned with
    MORE = 3
    SMALL = 5  # slots that a last leaf is to have
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
    """Take the nodes for so many entries; -EINVAL in RCU mode, -ENOMEM and nothing is taken."""
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


cdef int bulk_end(maple_tree* tree) noexcept nogil:
    """Even out the last leaf and give back what was not needed; 0 or -ENOMEM, still loading."""
    cdef maple_change change
    cdef int failed = 0
    if tree.height > 1:
        change_init(&change, tree, 0, ~<uint64_t>0, 0)
        path_down(&change.left, 0, change.leaf, ~<uint64_t>0)
        if path_count(&change.left, change.leaf) < SMALL:
            failed = even_out(&change)
    if not failed:
        tree.bulk = False
        drop_spare(tree)
    return failed
