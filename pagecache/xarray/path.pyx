"""A lookup that writes down what it reads, and a tree as a list of nodes."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    ZERO_ENTRY,
    entry_t,
    is_internal,
    is_node,
    is_sibling,
    is_value,
    to_node,
    to_sibling,
    to_value,
)
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.walk cimport node_mask, slot_index, slot_read

from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk


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
    steps.append(Step(shown, slot_of(node, offset, index, entry, naming), how(node, index, mask, top)))
    if not is_sibling(entry):
        return entry
    offset = to_sibling(entry)
    entry = slot_read(&node.slots[offset])
    if is_internal(entry) and entry != ZERO_ENTRY:
        entry = RETRY_ENTRY  # split under the reader
    steps.append(Step(shown, slot_of(node, offset, index, entry, naming), ""))
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
        slot_of(node, offset, within, node.slots[offset], naming)
        for offset in range(<unsigned int>1 << node.chunk_shift)
        if node.slots[offset] != NULL_ENTRY
    )
    first = slot_index(node, 0, within)
    return Node(
        f"node shift {node.shift}", first, first | node_mask(node), 1 << node.chunk_shift, slots)


cdef object slot_of(
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
