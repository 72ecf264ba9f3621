"""The tree as text, its sizes, and the walk of one lookup as a picture."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    ZERO_ENTRY,
    is_error,
    is_internal,
    is_node,
    is_sibling,
    is_value,
    to_error,
    to_node,
    to_sibling,
    to_value,
)
from pagecache.xarray.marks cimport xa_marked
from pagecache.xarray.node cimport (
    MARKS,
    mark_words,
    node_marks,
    xa_node,
)
from pagecache.xarray.step cimport xas_move
from pagecache.xarray.walk cimport node_mask, slot_index, slot_read, xa_state, xas_init

from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk


cdef str entry_text(entry_t entry):
    """One entry: - v5 p7 s8 z n r e-22.  A pointer shows its address / 16."""
    if entry == NULL_ENTRY:
        return "-"
    if is_value(entry):
        return f"v{to_value(entry)}"
    if is_sibling(entry):
        return f"s{to_sibling(entry)}"
    if entry == ZERO_ENTRY:
        return "z"
    if entry == RETRY_ENTRY:
        return "r"
    if is_error(entry):
        return f"e-{to_error(entry)}"
    return "n" if is_node(entry) else f"p{entry // 16}"


cdef str node_text(xa_node* node, uint64_t first):
    cdef unsigned int offset
    words = mark_words(1 << node.chunk_shift)
    marks = [
        sum(int(node_marks(node, mark)[word]) << (64 * word) for word in range(words))
        for mark in range(MARKS)
    ]
    slots = [
        f" {offset}={entry_text(node.slots[offset])}"
        for offset in range(1 << node.chunk_shift)
        if node.slots[offset] != NULL_ENTRY
    ]
    bitmaps = ",".join(f"{mark:x}" for mark in marks)
    return f" N {first:x} {node.shift} c{node.count} v{node.nr_values} m{bitmaps}{''.join(slots)};"


cdef void append_nodes(list parts, xa_node* node, uint64_t first):
    cdef unsigned int offset
    parts.append(node_text(node, first))
    if node.shift == 0:
        return
    for offset in range(1 << node.chunk_shift):
        if is_node(node.slots[offset]):
            append_nodes(
                parts, <xa_node*>to_node(node.slots[offset]), slot_index(node, offset, first))


cdef str array_text(xarray_t* xa):
    marks = "".join("1" if xa_marked(xa, mark) else "0" for mark in range(MARKS))
    parts = [f"H {entry_text(xa.head)} m{marks};"]
    if is_node(xa.head):
        append_nodes(parts, <xa_node*>to_node(xa.head), 0)
    return "".join(parts)


cdef entry_t raw_slot(xarray_t* xa, uint64_t index) noexcept nogil:
    """The word in the slot that stands for `index`, no sibling followed.  O(height)."""
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    return xas_move(&xas, index)


cdef uint64_t count_nodes(const xarray_t* xa) noexcept nogil:
    """The nodes of this tree, counted one by one: its pool may serve others too.  O(nodes)."""
    return count_below(xa, <const xa_node*>to_node(xa.head)) if is_node(xa.head) else 0


cdef uint64_t count_below(const xarray_t* xa, const xa_node* node) noexcept nogil:
    cdef uint64_t nodes = 1, offset
    if node.shift:
        for offset in range(xa.mask + 1):
            if is_node(node.slots[offset]):
                nodes += count_below(xa, <const xa_node*>to_node(node.slots[offset]))
    return nodes


cdef uint64_t count_slots(const xarray_t* xa) noexcept nogil:
    """The slots that hold an entry or a sibling, those that lead to nodes left out.  O(nodes)."""
    if not is_node(xa.head):
        return xa.head != NULL_ENTRY
    return slots_below(xa, <const xa_node*>to_node(xa.head))


cdef uint64_t slots_below(const xarray_t* xa, const xa_node* node) noexcept nogil:
    cdef uint64_t slots = node.count, offset
    if node.shift:
        for offset in range(xa.mask + 1):
            if is_node(node.slots[offset]):
                slots += slots_below(xa, <const xa_node*>to_node(node.slots[offset])) - 1
    return slots


cdef unsigned int tree_height(const xarray_t* xa) noexcept nogil:
    """The nodes that the longest walk visits."""
    if not is_node(xa.head):
        return 0
    return (<const xa_node*>to_node(xa.head)).shift // xa.chunk_shift + 1


# Walks and nodes as pictures -------------------------------------------------------------------


cdef object walk_through(xarray_t* xa, uint64_t index, object between, object naming):
    """The `Walk` to what lies at `index`; `naming` gives an entry's words and kind.  O(slots)."""
    cdef list steps = []
    cdef entry_t entry = RETRY_ENTRY
    while entry == RETRY_ENTRY:
        entry = walk_once(xa, index, between, naming, steps)
        between = None
    return Walk(index, tuple(steps), "head", xa.chunk_shift)


cdef entry_t walk_once(
        xarray_t* xa, uint64_t index, object between, object naming, list steps) except? RETRY_ENTRY:
    """From the head to what lies at `index`, a step a slot; retry if a node was freed meanwhile."""
    cdef entry_t entry = slot_read(&xa.head)
    cdef xa_node* node
    if not is_node(entry):
        entry = NULL_ENTRY if index else entry
        steps.append(Step(None, slot_at(0, 0, 0, entry, naming), ""))
        return entry
    node = <xa_node*>to_node(entry)
    if index >> node.shift > xa.mask:
        how = f"{index} >> {node.shift} is above {xa.mask}"
        steps.append(Step(picture(node, 0, naming), None, how))
        return NULL_ENTRY
    while is_node(entry):
        node = <xa_node*>to_node(entry)
        if between is not None and not is_node(node.slots[(index >> node.shift) & xa.mask]):
            between()
            between = None
        entry = read_slot(node, index, xa.mask, naming, steps)
    return entry


cdef entry_t read_slot(
        xa_node* node, uint64_t index, uint64_t mask, object naming,
        list steps) except? RETRY_ENTRY:
    """Read the slot for `index` of a node, and after a sibling its canonical slot."""
    cdef uint64_t offset = (index >> node.shift) & mask
    cdef entry_t entry = slot_read(&node.slots[offset])
    cdef bint top = index >> node.shift == offset
    shown = picture(node, index, naming)
    steps.append(Step(shown, held_slot(node, offset, index, entry, naming), how(node, index, mask, top)))
    if not is_sibling(entry):
        return entry
    offset = to_sibling(entry)
    entry = slot_read(&node.slots[offset])
    if is_internal(entry) and entry != ZERO_ENTRY:
        entry = RETRY_ENTRY  # split under the reader
    steps.append(Step(shown, held_slot(node, offset, index, entry, naming), ""))
    return entry


cdef str how(xa_node* node, uint64_t index, uint64_t mask, bint top):
    """How the slot's number follows from the index; without a mask where nothing lies above."""
    text = f"{index} >> {node.shift}" if node.shift else f"{index}"
    if top:
        return text
    return f"({text}) & {mask}" if node.shift else f"{text} & {mask}"


cdef object picture(xa_node* node, uint64_t within, object naming):
    """The node as it is now."""
    cdef unsigned int offset
    slots = tuple(
        held_slot(node, offset, within, node.slots[offset], naming)
        for offset in range(<unsigned int>1 << node.chunk_shift)
        if node.slots[offset] != NULL_ENTRY
    )
    first = slot_index(node, 0, within)
    return Node(
        f"node shift {node.shift}", first, first | node_mask(node), 1 << node.chunk_shift, slots)


cdef object held_slot(
        xa_node* node, uint64_t offset, uint64_t within, entry_t entry, object naming):
    cdef uint64_t first = slot_index(node, offset, within)
    cdef uint64_t last = first + (((<uint64_t>1) << node.shift) - 1)
    return slot_at(offset, first, last, entry, naming)


cdef object slot_at(
        uint64_t offset, uint64_t first, uint64_t last, entry_t entry, object naming):
    """A slot in words."""
    if entry == NULL_ENTRY:
        return Slot(offset, first, last, "nothing", "nothing")
    if is_node(entry):
        return Slot(offset, first, last, "node", "node")
    if is_sibling(entry):
        return Slot(offset, first, last, f"sibling of {to_sibling(entry)}", "sibling")
    if entry == ZERO_ENTRY:
        return Slot(offset, first, last, "reserved", "reserved")
    if entry == RETRY_ENTRY:
        return Slot(offset, first, last, "retry", "retry")
    if naming is not None:
        return Slot(offset, first, last, *naming(entry))
    holds = f"value {to_value(entry)}" if is_value(entry) else f"pointer {entry:#x}"
    return Slot(offset, first, last, holds, "entry")


cdef object head_slot(xarray_t* xa):
    """What the head holds."""
    return slot_at(0, 0, 0, xa.head, None)


cdef list tree_nodes(xarray_t* xa, size_t most):
    """The nodes, each after the one above it, level by level; at most so many.  O(slots)."""
    cdef list found = [], waiting = []
    cdef unsigned int offset
    cdef xa_node* node
    if is_node(xa.head):
        waiting.append((xa.head, 0, -1, 0))
    while waiting and len(found) < most:
        word, first, parent, place = waiting.pop(0)
        node = <xa_node*>to_node(<entry_t>word)
        number = len(found)
        found.append(picture(node, first, None)._replace(parent=parent, place=place))
        if node.shift == 0:
            continue
        for offset in range(<unsigned int>1 << node.chunk_shift):
            if is_node(node.slots[offset]):
                below = node.slots[offset]
                waiting.append((below, slot_index(node, offset, first), number, offset))
    return found
