"""Store, insert, erase, destroy."""

from libc.errno cimport EEXIST, EINVAL

from pagecache.structures.maple.bulk cimport drop_spare
from pagecache.structures.maple.change cimport (
    change_init,
    free_subtree,
    maple_change,
    path_down,
)
from pagecache.structures.maple.iterate cimport maple_find
from pagecache.structures.maple.leaf cimport store_leaf, store_root
from pagecache.structures.maple.node cimport (
    is_internal,
    is_reserved,
    slot_count,
    slot_first,
    slot_last,
    to_node,
    word_publish,
)
from pagecache.structures.maple.span cimport store_span

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef bint spans(const maple_change* change, unsigned int depth) noexcept nogil:
    """Does the store go beyond the slot that the left path takes in an inner node?"""
    cdef uint64_t end = slot_last(
        change.left.node[depth], change.left.slot[depth], change.left.end[depth])
    return change.last > end or (change.last == end and change.entry == 0 and end != MAX_INDEX)


cdef int maple_store(maple_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    """Store over [first, last], whatever is there; NULL erases.  O(height + nodes swallowed).

    0, -ENOMEM with the tree as before, -EINVAL for a range or a word that cannot be.
    """
    cdef maple_change change
    cdef unsigned int depth
    if first > last or is_reserved(entry):
        return -EINVAL
    change_init(&change, tree, first, last, entry)
    if not is_internal(tree.root):
        return store_root(&change)
    for depth in range(change.leaf):
        path_down(&change.left, depth, depth, first)
        if spans(&change, depth):
            return store_span(&change, depth)
        step_down(&change, depth)
    path_down(&change.left, change.leaf, change.leaf, first)
    return store_leaf(&change)


cdef inline void step_down(maple_change* change, unsigned int depth) noexcept nogil:
    """Enter the child that the left path takes."""
    cdef unsigned int slot = change.left.slot[depth]
    change.left.node[depth + 1] = to_node(change.left.node[depth].slots[slot])
    change.left.start[depth + 1] = slot_first(change.left.node[depth], slot, change.left.start[depth])
    change.left.end[depth + 1] = slot_last(change.left.node[depth], slot, change.left.end[depth])


cdef inline bint replaces_leaf(const maple_tree* tree, uint64_t first, uint64_t last) noexcept nogil:
    """The quirk of insertion: everything, in a tree of one leaf of two slots or more."""
    if tree.height != 1 or first or last != MAX_INDEX:
        return False
    return slot_count(to_node(tree.root), MAX_INDEX) > 1


cdef int maple_insert(maple_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    """Store if nothing is in [first, last]; -EEXIST if something is.  O(height)."""
    cdef uint64_t index = first
    if entry == 0:
        return -EINVAL
    if not replaces_leaf(tree, first, last) and maple_find(tree, &index, last):
        return -EEXIST
    return maple_store(tree, first, last, entry)


cdef int maple_erase(maple_tree* tree, uint64_t index, word_t* old) noexcept nogil:
    """Erase the whole range that holds `index`; what it held.  O(height).

    0, or -ENOMEM with the tree as before: in RCU mode erasing takes memory.
    """
    cdef maple_change change
    cdef unsigned int slot
    if not is_internal(tree.root):
        old[0] = 0 if index else tree.root
        if old[0]:
            word_publish(&tree.root, 0)
        return 0
    change_init(&change, tree, 0, 0, 0)
    path_down(&change.left, 0, change.leaf, index)
    slot = change.left.slot[change.leaf]
    old[0] = change.left.node[change.leaf].slots[slot]
    if old[0] == 0:
        return 0
    return maple_store(
        tree, slot_first(change.left.node[change.leaf], slot, change.left.start[change.leaf]),
        slot_last(change.left.node[change.leaf], slot, change.left.end[change.leaf]), 0)


cdef void maple_destroy(maple_tree* tree) noexcept nogil:
    """Remove everything.  O(nodes)."""
    cdef word_t root = tree.root
    cdef unsigned int height = tree.height
    word_publish(&tree.root, 0)
    tree.height, tree.bulk = 0, False
    if is_internal(root):
        free_subtree(tree, to_node(root), MAX_INDEX, 0, height - 1)
    drop_spare(tree)
