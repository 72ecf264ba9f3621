"""A lookup in a radix tree that writes down what it reads."""

from pagecache.structures.radix.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    entry_t,
    is_exceptional,
    is_internal,
    to_address,
    to_exceptional,
)
from pagecache.structures.radix.node cimport MAP_SHIFT, SLOTS, radix_node
from pagecache.structures.radix.walk cimport (
    is_node,
    is_sibling,
    offset_of,
    sibling_offset,
    slot_first,
    slot_read,
    top_index,
)

from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk


cdef object walk_through(radix_root* root, uint64_t index, object between, object naming):
    """The `Walk` to what lies at `index`; `naming` gives an entry's words and kind.  O(slots)."""
    cdef list steps = []
    cdef entry_t entry = RETRY_ENTRY
    while entry == RETRY_ENTRY:
        entry = walk_once(root, index, between, naming, steps)
        between = None
    return Walk(index, tuple(steps), "root", MAP_SHIFT)


cdef entry_t walk_once(
        radix_root* root, uint64_t index, object between, object naming,
        list steps) except? RETRY_ENTRY:
    cdef entry_t entry = slot_read(&root.head)
    cdef radix_node* node
    if not is_internal(entry):
        entry = NULL_ENTRY if index else entry
        steps.append(Step(None, slot_at(NULL, 0, 0, 0, entry, naming), ""))
        return entry
    node = <radix_node*>to_address(entry)
    if index > top_index(node):
        how = f"{index} >> {node.shift} is above {SLOTS - 1}"
        steps.append(Step(picture(node, 0, naming), None, how))
        return NULL_ENTRY
    while is_internal(entry) and entry != RETRY_ENTRY:
        node = <radix_node*>to_address(entry)
        if between is not None and not is_node(node, node.slots[(index >> node.shift) & (SLOTS - 1)]):
            between()
            between = None
        entry = read_slot(node, index, naming, steps)
    return entry


cdef entry_t read_slot(
        radix_node* node, uint64_t index, object naming, list steps) except? RETRY_ENTRY:
    """Read the slot for `index` of a node, and after a sibling the slot that it points to."""
    cdef unsigned int offset = (index >> node.shift) & (SLOTS - 1)
    cdef entry_t entry = slot_read(&node.slots[offset])
    cdef bint top = index >> node.shift == offset
    shown = picture(node, index, naming)
    steps.append(Step(shown, slot_of(node, offset, index, entry, naming), how(node, index, top)))
    if not is_internal(entry) or not is_sibling(node, entry):
        return entry
    offset = offset_of(node, <entry_t*>to_address(entry))
    entry = slot_read(&node.slots[offset])
    steps.append(Step(shown, slot_of(node, offset, index, entry, naming), ""))
    return entry


cdef str how(radix_node* node, uint64_t index, bint top):
    """How the slot's number follows from the index; without a mask where nothing lies above."""
    text = f"{index} >> {node.shift}" if node.shift else f"{index}"
    if top:
        return text
    return f"({text}) & {SLOTS - 1}" if node.shift else f"{text} & {SLOTS - 1}"


cdef object picture(radix_node* node, uint64_t within, object naming):
    """The node as it is now."""
    cdef unsigned int offset
    slots = tuple(
        slot_of(node, offset, within, node.slots[offset], naming)
        for offset in range(<unsigned int>SLOTS)
        if node.slots[offset] != NULL_ENTRY
    )
    first = slot_first(node, 0, within)
    return Node(f"node shift {node.shift}", first, first | top_index(node), SLOTS, slots)


cdef object slot_of(
        radix_node* node, unsigned int offset, uint64_t within, entry_t entry, object naming):
    cdef uint64_t first = slot_first(node, offset, within)
    return slot_at(node, offset, first, first + ((<uint64_t>1 << node.shift) - 1), entry, naming)


cdef object slot_at(
        radix_node* node, unsigned int offset, uint64_t first, uint64_t last, entry_t entry,
        object naming):
    """A slot in words."""
    if entry == NULL_ENTRY:
        return Slot(offset, first, last, "nothing", "nothing")
    if entry == RETRY_ENTRY:
        return Slot(offset, first, last, "retry", "retry")
    if is_node(node, entry):
        return Slot(offset, first, last, "node", "node")
    if is_internal(entry):
        return Slot(offset, first, last, f"sibling of {sibling_offset(node, entry)}", "sibling")
    if naming is not None:
        return Slot(offset, first, last, *naming(entry))
    if is_exceptional(entry):
        return Slot(offset, first, last, f"value {to_exceptional(entry)}", "entry")
    return Slot(offset, first, last, f"pointer {entry:#x}", "entry")
