"""Steps from entry to entry."""

from pagecache.structures.maple_proposal.node cimport (
    DENSE,
    INNER,
    PIVOTS,
    WINDOW,
    find_slot,
    is_dead,
    kind_of,
    slot_first,
    slot_last,
    to_node,
    word_read,
)

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef bint enter_leaf(marked_iter* walk) noexcept nogil:
    """Walk to the leaf for `walk.next`; False if the tree is empty.  O(height)."""
    cdef word_t word = word_read(&walk.tree.root)
    cdef marked_node* node
    cdef uint64_t start = 0, end = MAX_INDEX
    cdef unsigned int slot = 0
    while True:
        if word == 0:
            return False
        node, walk.kind = to_node(word), kind_of(word)
        if walk.kind == DENSE:
            break
        slot = find_slot(node, walk.next)
        if walk.kind != INNER:
            break
        word = word_read(&node.words[PIVOTS + slot])
        start, end = slot_first(node, slot, start), slot_last(node, slot, end)
        if is_dead(node):
            word, start, end = word_read(&walk.tree.root), 0, MAX_INDEX
    walk.leaf, walk.end, walk.slot = node, end, slot
    if walk.kind == DENSE:
        walk.slot = 0
        if walk.next > node.words[0]:
            walk.slot = <unsigned int>min(<uint64_t>WINDOW, walk.next - node.words[0])
    else:
        walk.next = slot_first(node, slot, start)
    return True


cdef inline word_t step_dense(marked_iter* walk) noexcept nogil:
    """The next page of the window, or NULL."""
    cdef word_t word
    while walk.slot < WINDOW:
        word = word_read(&walk.leaf.words[1 + walk.slot])
        walk.slot += 1
        if word:
            walk.first = walk.leaf.words[0] + walk.slot - 1
            walk.last = walk.first
            return word
    return 0


cdef inline word_t step_range(marked_iter* walk) noexcept nogil:
    """The next slot of a range leaf that holds something, or NULL."""
    cdef word_t word
    while walk.slot < walk.leaf.count:
        word = word_read(&walk.leaf.words[PIVOTS + walk.slot])
        walk.first, walk.last = walk.next, slot_last(walk.leaf, walk.slot, walk.end)
        walk.next, walk.slot = walk.last + 1, walk.slot + 1
        if word:
            return word
    return 0


cdef word_t marked_next(marked_iter* walk) noexcept nogil:
    """The next entry, with its first and last index; NULL at the end.  O(1), O(height) a leaf."""
    cdef word_t word
    cdef uint64_t before
    while not walk.ended:
        if walk.leaf is NULL and not enter_leaf(walk):
            break
        before = walk.next
        word = step_dense(walk) if walk.kind == DENSE else step_range(walk)
        if is_dead(walk.leaf):
            walk.leaf, walk.next = NULL, before
            continue
        if word:
            walk.next = walk.last + 1
            walk.ended = walk.last == MAX_INDEX
            return word
        walk.next, walk.leaf, walk.ended = walk.end + 1, NULL, walk.end == MAX_INDEX
    walk.ended = True
    return 0
