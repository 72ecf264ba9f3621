"""The check of the tree's invariant, which check.pxd states: the first violation, as a sentence."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    entry_t,
    is_advanced,
    is_node,
    is_sibling,
    is_value,
    to_node,
    to_sibling,
)
from pagecache.xarray.marks cimport xa_marked
from pagecache.xarray.node cimport MARKS, node_any_mark, node_get_mark, xa_node
from pagecache.xarray.text cimport array_text
from pagecache.xarray.walk cimport CREATED, FREE_MARK, marks_siblings, tracks_free


cdef void check_tree(xarray_t* xa) except *:
    """Raise AssertionError, with the dump, at the first violation.  O(slots)."""
    violation = array_violation(xa)
    if violation:
        raise AssertionError(f"{violation}\n{array_text(xa)}")


cdef str array_violation(xarray_t* xa):
    """What breaks the invariant in this array; None if nothing does."""
    cdef unsigned int mark
    cdef xa_node* top
    if not is_node(xa.head):
        return head_violation(xa)
    top = <xa_node*>to_node(xa.head)
    for mark in range(MARKS):
        if not sums_up(xa, xa_marked(xa, mark), node_any_mark(top, mark), mark):
            return f"mark {mark} of the array does not say what its top node has"
    return node_violation(xa, top, NULL)


cdef str head_violation(xarray_t* xa):
    """An array without nodes: a lone entry, which may carry marks, or nothing."""
    cdef unsigned int mark
    if is_advanced(xa.head):
        return "the head holds a sibling or says retry"
    for mark in range(MARKS):
        if not xa_marked(xa, mark):
            continue
        if tracks_free(xa) and mark == FREE_MARK:
            if xa.head != NULL_ENTRY:
                return "the array says that index 0 is free, and it holds an entry"
        elif xa.head == NULL_ENTRY:
            return f"the array carries mark {mark} and holds nothing"
    return None


cdef inline bint sums_up(const xarray_t* xa, bint above, bint below, unsigned int mark) noexcept:
    """Does the mark above say whether any is set below?  Like 5.17 it may have outlived those."""
    if marks_siblings(xa) and not (tracks_free(xa) and mark == FREE_MARK):
        return above or not below
    return above == below


cdef str node_violation(xarray_t* xa, xa_node* node, xa_node* parent):
    """What breaks the invariant in this node or one below it."""
    cdef unsigned int offset, filled = 0, values = 0
    cdef entry_t entry, content = NULL_ENTRY
    if node.parent != parent:
        return f"the node of shift {node.shift} does not know its parent"
    if node.array != <void*>xa:
        return f"the node of shift {node.shift} does not know its array"
    for offset in range(1 << xa.chunk_shift):
        entry = node.slots[offset]
        content = content if is_sibling(entry) else entry
        filled += entry != NULL_ENTRY
        values += is_value(content)
        violation = slot_violation(xa, node, offset)
        if violation:
            return f"slot {offset} of a node of shift {node.shift} {violation}"
    if filled != node.count or (filled == 0 and not xa.flags & CREATED):
        return f"a node of shift {node.shift} counts {node.count} slots and has {filled}"
    if values != node.nr_values and not node.drifted:
        return f"a node of shift {node.shift} counts {node.nr_values} values and has {values}"
    return children_violation(xa, node)


cdef str children_violation(xarray_t* xa, xa_node* node):
    """What breaks the invariant in a node below this one."""
    cdef unsigned int offset
    for offset in range(1 << xa.chunk_shift):
        if is_node(node.slots[offset]):
            violation = node_violation(xa, <xa_node*>to_node(node.slots[offset]), node)
            if violation:
                return violation
    return None


cdef str slot_violation(xarray_t* xa, xa_node* node, unsigned int offset):
    """What breaks the invariant in one slot, what lies below a child left out."""
    cdef entry_t entry = node.slots[offset]
    cdef xa_node* child
    cdef unsigned int mark
    if entry == RETRY_ENTRY:
        return "says retry in a node of the tree"
    if is_sibling(entry):
        return sibling_violation(node, offset) or stray_mark(xa, node, offset)
    if not is_node(entry):
        return stray_mark(xa, node, offset)
    child = <xa_node*>to_node(entry)
    if child.offset != offset or child.shift + xa.chunk_shift != node.shift:
        return "leads to a node that belongs to another place"
    for mark in range(MARKS):
        if not sums_up(xa, node_get_mark(node, offset, mark), node_any_mark(child, mark), mark):
            return f"does not say what the node below has of mark {mark}"
    return None


cdef str sibling_violation(const xa_node* node, unsigned int offset):
    """A sibling follows the entry that it names, or another sibling of that."""
    cdef unsigned int canonical = to_sibling(node.slots[offset])
    if canonical >= offset:
        return "holds a sibling that does not look back"
    if node.slots[canonical] == NULL_ENTRY or is_advanced(node.slots[canonical]) or (
            is_node(node.slots[canonical])):
        return f"holds a sibling of slot {canonical}, which holds no entry"
    if offset - 1 != canonical and node.slots[offset - 1] != node.slots[offset]:
        return f"holds a sibling of slot {canonical}, and something else lies between"
    return None


cdef str stray_mark(const xarray_t* xa, xa_node* node, unsigned int offset):
    """Marks that a slot which leads to no node may not carry, or lacks."""
    cdef entry_t entry = node.slots[offset]
    cdef bint empty = entry == NULL_ENTRY, marked
    cdef unsigned int mark
    for mark in range(MARKS):
        marked = node_get_mark(node, offset, mark)
        if tracks_free(xa) and mark == FREE_MARK:
            if marked != empty:
                return "is marked as free and holds an entry" if marked else "is not marked as free"
        elif marked and (empty or is_sibling(entry)) and not marks_siblings(xa):
            return f"carries mark {mark} and holds {'nothing' if empty else 'a sibling'}"
    return None
