"""Marks of the entry that a state stands at."""

from pagecache.index.node cimport (
    MARKS,
    node_any_mark,
    node_clear_mark,
    node_get_mark,
    node_marks,
    node_set_mark,
)
from pagecache.index.walk cimport FREE_MARK, in_node, tracks_free, xas_valid


cdef bint xas_get_mark(const xa_state* xas, unsigned int mark) noexcept nogil:
    """Whether the entry carries `mark`.  O(1)."""
    if not xas_valid(xas):
        return False
    if not in_node(xas):
        return xa_marked(xas.xa, mark)
    return node_get_mark(xas.node, xas.offset, mark)


cdef void xas_set_mark(xa_state* xas, unsigned int mark) noexcept nogil:
    """Mark the entry, and every slot above it that does not say so yet.  O(height)."""
    cdef xa_node* node = xas.node
    cdef unsigned int offset = xas.offset
    if not xas_valid(xas):
        return
    while node is not NULL:
        if node_get_mark(node, offset, mark):
            return
        node_set_mark(node, offset, mark)
        offset, node = node.offset, node.parent
    xas.xa.flags |= 1 << mark


cdef void xas_clear_mark(xa_state* xas, unsigned int mark) noexcept nogil:
    """Clear the entry's mark, and that of the slots above for which it was the last.  O(height)."""
    cdef xa_node* node = xas.node
    cdef unsigned int offset = xas.offset
    if not xas_valid(xas):
        return
    while node is not NULL:
        if not node_get_mark(node, offset, mark):
            return
        node_clear_mark(node, offset, mark)
        if node_any_mark(node, mark):
            return
        offset, node = node.offset, node.parent
    xas.xa.flags &= ~(<unsigned int>1 << mark)


cdef void xas_init_marks(xa_state* xas) noexcept nogil:
    """The marks of a slot that holds nothing: none, but free where free slots are tracked."""
    cdef unsigned int mark, flags = xas.xa.flags & ((1 << MARKS) - 1)
    if not flags and not tracks_free(xas.xa):
        return
    for mark in range(<unsigned int>MARKS):
        if mark == FREE_MARK and tracks_free(xas.xa):
            xas_set_mark(xas, mark)
        else:
            xas_clear_mark(xas, mark)


cdef void node_fill_mark(xa_node* node, unsigned int mark) noexcept nogil:
    """Set a mark on every slot of a node."""
    cdef unsigned int slots = 1 << node.chunk_shift, word
    if slots < 64:
        node_marks(node, mark)[0] = (<uint64_t>1 << slots) - 1
        return
    for word in range(slots // 64):
        node_marks(node, mark)[word] = ~<uint64_t>0


cdef void xas_gather_marks(xa_state* xas) noexcept nogil:
    """Before one entry replaces the state's slots: its canonical slot takes over all their marks."""
    cdef unsigned int mark, offset
    if not xas.xa.flags:
        return
    for mark in range(<unsigned int>MARKS):
        for offset in range(xas.offset + 1, xas.offset + xas.sibs + 1):
            if node_get_mark(xas.node, offset, mark):
                node_clear_mark(xas.node, offset, mark)
                node_set_mark(xas.node, xas.offset, mark)
