"""The tree as text, and its sizes."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    ZERO_ENTRY,
    is_error,
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
from pagecache.xarray.walk cimport slot_index, xa_state, xas_init


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
