"""Store, insert, erase, destroy."""

from libc.errno cimport EEXIST, EINVAL

from pagecache.structures.maple.bulk cimport drop_spare
from pagecache.structures.maple.change cimport (
    change_init,
    free_subtree,
    maple_change,
    maple_path,
    path_down,
)
from pagecache.structures.maple.iterate cimport maple_find
from pagecache.structures.maple.leaf cimport store_leaf, store_root
from pagecache.structures.maple.node cimport (
    find_slot,
    is_internal,
    is_reserved,
    maple_node,
    slot_count,
    slot_first,
    slot_last,
    to_node,
    word_publish,
)
from pagecache.structures.maple.span cimport store_span

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef inline int walk_to_leaf(maple_change* change) noexcept nogil:
    """Walk the left path to the leaf; the depth at which the store spans, or -1.  O(height)."""
    cdef maple_path* path = &change.left
    cdef uint64_t first = change.first, last = change.last, start = 0, end = MAX_INDEX, slot_end
    cdef const maple_node* node = path.node[0]
    cdef unsigned int depth, slot
    for depth in range(change.leaf):
        slot = find_slot(node, first)
        slot_end = slot_last(node, slot, end)
        path.slot[depth] = slot
        if last > slot_end or (last == slot_end and change.entry == 0 and slot_end != MAX_INDEX):
            return depth
        start, end = slot_first(node, slot, start), slot_end
        node = to_node(node.slots[slot])
        path.node[depth + 1] = <maple_node*>node
        path.start[depth + 1], path.end[depth + 1] = start, end
    path.slot[change.leaf] = find_slot(node, first)
    return -1


cdef int maple_store(maple_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    """Store over [first, last], whatever is there; NULL erases.  O(height + nodes swallowed).

    0, -ENOMEM with the tree as before, -EINVAL for a range or a word that cannot be.
    """
    cdef maple_change change
    cdef int depth
    if first > last or is_reserved(entry):
        return -EINVAL
    change_init(&change, tree, first, last, entry)
    if not is_internal(tree.root):
        return store_root(&change)
    depth = walk_to_leaf(&change)
    return store_leaf(&change) if depth < 0 else store_span(&change, depth)


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
