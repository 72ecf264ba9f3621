"""Setting, clearing and finding marks."""

from pagecache.structures.maple_proposal.change cimport path_down
from pagecache.structures.maple_proposal.node cimport (
    DENSE,
    INNER,
    MARKS,
    PIVOTS,
    WINDOW,
    find_slot,
    kind_of,
    marked_node,
    marks_at,
    slot_first,
    slot_last,
    slots_of,
    to_node,
)

cdef extern from *:
    int ctz "__builtin_ctz"(unsigned int word) noexcept nogil


cdef void set_up(path_t* path, unsigned int mark) noexcept nogil:
    """Set a bit in the leaf and above, as far as it is not set."""
    cdef int depth = path.leaf
    cdef uint32_t bit
    while depth >= 0:
        bit = <uint32_t>1 << path.slot[depth]
        if path.node[depth].marks[mark] & bit:
            return
        path.node[depth].marks[mark] |= bit
        depth -= 1


cdef void clear_up(path_t* path, unsigned int mark) noexcept nogil:
    """Clear a bit in the leaf, and above while the node below has none."""
    cdef int depth = path.leaf
    while depth >= 0:
        path.node[depth].marks[mark] &= ~(<uint32_t>1 << path.slot[depth])
        if path.node[depth].marks[mark]:
            return
        depth -= 1


cdef uint32_t clear_all_marks(path_t* path) noexcept nogil:
    cdef uint32_t marks = marks_at(path.node[path.leaf], path.slot[path.leaf])
    cdef unsigned int mark
    for mark in range(MARKS):
        if marks >> mark & 1:
            clear_up(path, mark)
    return marks


cdef void put_marks(path_t* path, uint32_t marks) noexcept nogil:
    cdef unsigned int mark
    for mark in range(MARKS):
        if marks >> mark & 1:
            set_up(path, mark)


cdef bint lead_to(path_t* path, marked_tree* tree, uint64_t index) noexcept nogil:
    """Walk to an index; False if nothing is stored there."""
    cdef unsigned int slot
    if tree.root == 0:
        return False
    path_down(path, tree, index)
    slot = path.slot[path.leaf]
    if path.kind == DENSE and slot >= WINDOW:
        return False
    return slots_of(path.node[path.leaf], path.kind)[slot] != 0


cdef bint marked_set(marked_tree* tree, uint64_t index, unsigned int mark) noexcept nogil:
    """Mark the entry that covers `index`; False if there is none.  O(height)."""
    cdef path_t path
    if not lead_to(&path, tree, index):
        return False
    set_up(&path, mark)
    return True


cdef bint marked_clear(marked_tree* tree, uint64_t index, unsigned int mark) noexcept nogil:
    """Take the mark from the entry that covers `index`; False if there is none.  O(height)."""
    cdef path_t path
    if not lead_to(&path, tree, index):
        return False
    if marks_at(path.node[path.leaf], path.slot[path.leaf]) >> mark & 1:
        clear_up(&path, mark)
    return True


cdef bint marked_get(marked_tree* tree, uint64_t index, unsigned int mark) noexcept nogil:
    """Has the entry that covers `index` the mark?  O(height)."""
    cdef path_t path
    if not lead_to(&path, tree, index):
        return False
    return marks_at(path.node[path.leaf], path.slot[path.leaf]) >> mark & 1


cdef word_t find_marked(marked_tree* tree, uint64_t* index, unsigned int mark) noexcept nogil:
    """The first marked entry that reaches `index` or lies after it; `index`: its first.  NULL: none.

    A node without a further marked slot is left by a new walk from the root, behind its end.
    """
    cdef word_t word = tree.root
    cdef uint64_t start = 0, end = ~<uint64_t>0, at = index[0]
    cdef marked_node* node
    cdef unsigned int kind, slot
    cdef uint32_t rest
    while word:
        node, kind = to_node(word), kind_of(word)
        rest = node.marks[mark]
        if kind != DENSE:
            rest &= ~<uint32_t>0 << find_slot(node, at)
        elif at > node.words[0]:
            slot = <unsigned int>(at - node.words[0]) if at - node.words[0] < WINDOW else WINDOW
            rest &= ~<uint32_t>0 << slot
        if rest == 0:
            if end == ~<uint64_t>0:
                return 0
            word, at, start, end = tree.root, end + 1, 0, ~<uint64_t>0
            continue
        slot = ctz(rest)
        if kind == DENSE:
            index[0] = node.words[0] + slot
            return node.words[1 + slot]
        start, end = slot_first(node, slot, start), slot_last(node, slot, end)
        word = node.words[PIVOTS + slot]
        at = at if at > start else start
        if kind != INNER:
            index[0] = start
            return word
    return 0
