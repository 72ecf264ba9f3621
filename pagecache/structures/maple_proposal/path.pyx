"""A lookup in the proposal's tree that writes down what it reads."""

from pagecache.structures.maple_proposal.node cimport (
    DENSE,
    INNER,
    PIVOTS,
    SLOTS,
    WINDOW,
    find_slot,
    is_dead,
    kind_of,
    marked_node,
    slot_first,
    slot_last,
    to_node,
    word_read,
    word_t,
)

from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef object walk_through(marked_tree* tree, uint64_t index, object between, object naming):
    """The `Walk` to what lies at `index`; `naming` gives an entry's words and kind.  O(slots)."""
    cdef list steps = []
    while not walk_once(tree, index, between, naming, steps):
        between = None
    return Walk(index, tuple(steps), "root")


cdef bint walk_once(
        marked_tree* tree, uint64_t index, object between, object naming, list steps) except -1:
    """From the root to what lies at `index`; False if a node on the way is dead."""
    cdef word_t word = word_read(&tree.root)
    cdef uint64_t start = 0, end = MAX_INDEX
    cdef marked_node* node
    cdef unsigned int kind
    if word == 0:
        steps.append(Step(None, Slot(0, 0, MAX_INDEX, "nothing", "nothing"), ""))
        return True
    while True:
        node, kind = to_node(word), kind_of(word)
        if between is not None and kind != INNER:
            between()
            between = None
        if kind == DENSE:
            step = read_window(node, index, start, end, naming)
        else:
            step = read_range(node, kind, index, start, end, naming, &word)
        if is_dead(node):
            dead = step.slot or Slot(0, start, end, "", "")
            dead = dead._replace(holds="retry", kind="retry")
            steps.append(Step(step.node, dead, "the node is dead"))
            return False
        steps.append(step)
        if kind != INNER:
            return True
        start, end = step.slot.first, step.slot.last


cdef object read_range(
        marked_node* node, unsigned int kind, uint64_t index, uint64_t start, uint64_t end,
        object naming, word_t* word):
    """The read of a range node, whose word is `word`."""
    cdef unsigned int k = find_slot(node, index), each
    cdef bint inner = kind == INNER
    word[0] = word_read(&node.words[PIVOTS + k])
    slots = tuple(range_slot(node, each, inner, start, end, node.words[PIVOTS + each], naming)
                  for each in range(node.count))
    shown = Node("inner node" if inner else "leaf", start, end, SLOTS, slots)
    read = range_slot(node, k, inner, start, end, word[0], naming)
    return Step(shown, read, f"first that ends at {index} or above")


cdef object range_slot(
        marked_node* node, unsigned int k, bint inner, uint64_t start, uint64_t end, word_t word,
        object naming):
    """A slot of a range node in words; what a leaf does not hold has a slot too."""
    first, last = slot_first(node, k, start), slot_last(node, k, end)
    if inner:
        return Slot(k, first, last, "node", "node")
    return Slot(k, first, last, *(naming(word) if word else ("nothing", "nothing")))


cdef object read_window(
        marked_node* node, uint64_t index, uint64_t start, uint64_t end, object naming):
    """The read of a dense leaf: no slot of its window is for an index outside."""
    cdef uint64_t base = node.words[0], word
    cdef unsigned int k
    slots = tuple(Slot(k, base + k, base + k, *naming(node.words[1 + k]))
                  for k in range(WINDOW) if node.words[1 + k])
    shown = Node("dense leaf", start, end, WINDOW, slots)
    if index < base:
        return Step(shown, None, f"{index} is below {base}")
    if index - base >= WINDOW:
        return Step(shown, None, f"{index} - {base} is above {WINDOW - 1}")
    word = word_read(&node.words[1 + index - base])
    read = naming(word) if word else ("nothing", "nothing")
    return Step(shown, Slot(index - base, index, index, *read), f"{index} - {base}")
