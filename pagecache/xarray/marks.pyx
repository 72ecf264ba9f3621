"""Marks of an entry: the one that a state stands at, or the one that covers an index."""

from pagecache.xarray.entry cimport NULL_ENTRY
from pagecache.xarray.node cimport (
    MARKS,
    node_any_mark,
    node_clear_mark,
    node_get_mark,
    node_marks,
    node_set_mark,
)
from pagecache.xarray.walk cimport FREE_MARK, in_node, tracks_free, xa_walk, xas_valid


cdef bint xas_get_mark(const xa_state* xas, unsigned int mark) noexcept nogil:
    """Whether the entry carries `mark`.  O(1)."""
    if not xas_valid(xas):
        return False
    if not in_node(xas):
        return xa_marked(xas.xa, mark)
    return node_get_mark(xas.node, xas.offset, mark)


cdef inline void mark_up(
        xarray_t* xa, xa_node* node, unsigned int offset, unsigned int mark) noexcept nogil:
    """Mark a slot, and every slot above it that does not say so yet.  O(height)."""
    while node is not NULL:
        if node_get_mark(node, offset, mark):
            return
        node_set_mark(node, offset, mark)
        offset, node = node.offset, node.parent
    set_flags(xa, xa.flags | 1 << mark)


cdef inline void unmark_up(
        xarray_t* xa, xa_node* node, unsigned int offset, unsigned int mark) noexcept nogil:
    """Clear the mark of a slot, and of the slots above for which it was the last.  O(height)."""
    while node is not NULL:
        if not node_get_mark(node, offset, mark):
            return
        node_clear_mark(node, offset, mark)
        if node_any_mark(node, mark):
            return
        offset, node = node.offset, node.parent
    set_flags(xa, xa.flags & ~(<unsigned int>1 << mark))


cdef void xas_set_mark(xa_state* xas, unsigned int mark) noexcept nogil:
    """Mark the entry that the state stands at.  O(height)."""
    if xas_valid(xas):
        mark_up(xas.xa, xas.node, xas.offset, mark)


cdef void xas_clear_mark(xa_state* xas, unsigned int mark) noexcept nogil:
    """Clear a mark of the entry that the state stands at.  O(height)."""
    if xas_valid(xas):
        unmark_up(xas.xa, xas.node, xas.offset, mark)


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


# From an index -------------------------------------------------------------------------------


cdef bint xa_get_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil:
    """Whether the entry that covers `index` carries `mark`.  O(height)."""
    cdef xa_node* node
    cdef uint64_t offset = 0
    if xa_walk(xa, index, &node, &offset) == NULL_ENTRY:
        return False
    return xa_marked(xa, mark) if node is NULL else node_get_mark(node, offset, mark)


cdef void xa_set_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil:
    """Mark the entry that covers `index`; nothing if there is none.  O(height)."""
    cdef xa_node* node
    cdef uint64_t offset = 0
    if xa_walk(xa, index, &node, &offset) != NULL_ENTRY:
        mark_up(xa, node, offset, mark)


cdef void xa_clear_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil:
    """Clear a mark of the entry that covers `index`.  O(height)."""
    cdef xa_node* node
    cdef uint64_t offset = 0
    if xa_walk(xa, index, &node, &offset) != NULL_ENTRY:
        unmark_up(xa, node, offset, mark)
