"""A lookup in a maple tree that writes down what it reads."""

from pagecache.structures.maple.node cimport (
    LEAF,
    SLOTS,
    find_slot,
    is_dead,
    is_internal,
    is_value,
    kind_of,
    maple_node,
    slot_count,
    slot_first,
    slot_last,
    to_node,
    to_value,
    word_read,
    word_t,
)

from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef object walk_through(maple_tree* tree, uint64_t index, object between, object naming):
    """The `Walk` to what lies at `index`; `naming` gives an entry's words and kind.  O(slots)."""
    cdef list steps = []
    while not walk_once(tree, index, between, naming, steps):
        between = None
    return Walk(index, tuple(steps), "root")


cdef bint walk_once(
        maple_tree* tree, uint64_t index, object between, object naming, list steps) except -1:
    """From the root to what lies at `index`; False if a node on the way is dead."""
    cdef word_t word = word_read(&tree.root)
    cdef uint64_t start = 0, end = MAX_INDEX
    cdef maple_node* node
    cdef unsigned int kind, k
    if not is_internal(word):
        steps.append(Step(None, slot_of(0, 0, 0, 0 if index else word, True, naming), ""))
        return True
    while True:
        node, kind = to_node(word), kind_of(word)
        if between is not None and kind == LEAF:
            between()
            between = None
        k = find_slot(node, index)
        word = word_read(&node.slots[k])
        shown = picture(node, kind == LEAF, start, end, naming)
        first, last = slot_first(node, k, start), slot_last(node, k, end)
        if is_dead(node):
            steps.append(Step(shown, Slot(k, first, last, "retry", "retry"), "the node is dead"))
            return False
        how = f"first that ends at {index} or above"
        steps.append(Step(shown, slot_of(k, first, last, word, kind == LEAF, naming), how))
        if kind == LEAF:
            return True
        start, end = first, last


cdef object picture(maple_node* node, bint leaf, uint64_t start, uint64_t end, object naming):
    """The node as it is now; what a leaf does not hold has a slot too."""
    cdef unsigned int k
    slots = tuple(
        slot_of(k, slot_first(node, k, start), slot_last(node, k, end), node.slots[k], leaf, naming)
        for k in range(slot_count(node, end))
    )
    return Node("leaf" if leaf else "inner node", start, end, SLOTS, slots)


cdef object slot_of(
        unsigned int k, uint64_t first, uint64_t last, word_t word, bint leaf, object naming):
    """A slot in words."""
    if not leaf:
        return Slot(k, first, last, "node", "node")
    if word == 0:
        return Slot(k, first, last, "nothing", "nothing")
    if naming is not None:
        return Slot(k, first, last, *naming(word))
    holds = f"value {to_value(word)}" if is_value(word) else f"pointer {word:#x}"
    return Slot(k, first, last, holds, "entry")
