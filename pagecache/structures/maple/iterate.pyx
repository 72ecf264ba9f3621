"""Steps from entry to entry."""

from pagecache.structures.maple.node cimport (
    LEAF,
    PIVOTS,
    find_slot,
    is_dead,
    is_internal,
    kind_of,
    slot_first,
    slot_last,
    to_node,
    word_read,
)

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef bint enter_leaf(maple_iter* walk) noexcept nogil:
    """Walk to the leaf and slot for `walk.next`; False if the tree has no nodes.  O(height)."""
    cdef word_t word = word_read(&walk.tree.root)
    cdef maple_node* node
    cdef uint64_t start = 0, end = MAX_INDEX
    cdef unsigned int slot
    while True:
        if not is_internal(word):
            return False
        node = to_node(word)
        slot = find_slot(node, walk.next)
        if kind_of(word) == LEAF:
            break
        word = word_read(&node.slots[slot])
        start, end = slot_first(node, slot, start), slot_last(node, slot, end)
        if is_dead(node):
            word, start, end = word_read(&walk.tree.root), 0, MAX_INDEX
    walk.leaf, walk.slot, walk.end = node, slot, end
    walk.next = slot_first(node, slot, start)
    return True


cdef word_t lone_entry(maple_iter* walk) noexcept nogil:
    """The entry in the root pointer, for a walk that begins at index 0."""
    walk.ended = True
    if walk.next:
        return 0
    walk.first, walk.last, walk.next = 0, 0, 1
    return word_read(&walk.tree.root)


cdef word_t maple_next_slow(maple_iter* walk) noexcept nogil:
    """The same past a hole, at the end of a leaf, or in one that has died."""
    cdef word_t word
    cdef uint64_t first
    while not walk.ended:
        if walk.leaf is NULL and not enter_leaf(walk):
            return lone_entry(walk)
        first = walk.next
        word = word_read(&walk.leaf.slots[walk.slot])
        walk.last = walk.leaf.pivots[walk.slot] if walk.slot < PIVOTS else walk.end
        if is_dead(walk.leaf):
            walk.leaf = NULL
            continue
        walk.first, walk.next, walk.slot = first, walk.last + 1, walk.slot + 1
        if walk.last == walk.end:
            walk.leaf, walk.ended = NULL, walk.end == MAX_INDEX
        if word:
            return word
    return 0


cdef word_t maple_find(maple_tree* tree, uint64_t* index, uint64_t most) noexcept nogil:
    """The first entry at or after `index` that begins at or below `most`; NULL if there is none.

    `index` is then where that entry ends, plus 1: 0 after the largest index.  O(height).
    """
    cdef maple_iter walk
    cdef word_t found
    if index[0] > most:
        return 0
    iter_init(&walk, tree, index[0])
    found = maple_next(&walk)
    if found == 0 or walk.first > most:
        return 0
    index[0] = walk.next
    return found
