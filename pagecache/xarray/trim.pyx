"""Taking nodes out of the tree: those that a store left empty, subtrees it replaced, and all."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    ZERO_ENTRY,
    entry_t,
    is_node,
    to_node,
)
from pagecache.xarray.marks cimport set_flags
from pagecache.xarray.node cimport MARKS, node_any_mark, node_get_mark, pool_free
from pagecache.xarray.walk cimport (
    FREE_MARK,
    TRACK_FREE,
    WRAPPED,
    XAS_BOUNDS,
    ZERO_BUSY,
    in_node,
    set_parent,
    slot_clear,
    slot_publish,
    tracks_free,
)


cdef void xa_destroy(xarray_t* xa) noexcept nogil:
    """Remove everything: the nodes go back to the pool.  O(nodes)."""
    cdef entry_t head = xa.head
    slot_publish(&xa.head, NULL_ENTRY)
    set_flags(xa, empty_flags(xa.flags))
    if is_node(head):
        free_subtree(xa, <xa_node*>to_node(head))


cdef void drop_node(xarray_t* xa, xa_node* node) noexcept nogil:
    """Give one node back.  Its entries turn to retry: a reader inside starts again at the head."""
    cdef unsigned int offset
    xa.changes += 1
    if not node.count and has_marks(node):
        node.count = 1  # they may outlive what they were set on: clean the node before its next use
    if node.count:
        for offset in range(<unsigned int>xa.mask + 1):
            if node.slots[offset] != NULL_ENTRY and not is_node(node.slots[offset]):
                slot_publish(&node.slots[offset], RETRY_ENTRY)
    pool_free(xa.pool, node)


cdef inline bint has_marks(xa_node* node) noexcept nogil:
    """Is any bit left: that of a free slot, or one that a split set on a sibling?"""
    cdef unsigned int mark
    for mark in range(<unsigned int>MARKS):
        if node_any_mark(node, mark):
            return True
    return False


cdef void free_subtree(xarray_t* xa, xa_node* top) noexcept nogil:
    """Free `top` and all below it, bottom up and without recursion.  O(nodes)."""
    cdef xa_node* node = top
    cdef xa_node* parent
    cdef unsigned int offset = 0
    while True:
        if node.shift and offset <= xa.mask:
            if is_node(node.slots[offset]):
                node, offset = <xa_node*>to_node(node.slots[offset]), 0
            else:
                offset += 1
            continue
        parent, offset = node.parent, node.offset + 1
        drop_node(xa, node)
        if node == top:
            return
        node = parent


cdef void delete_nodes(xa_state* xas) noexcept nogil:
    """Free what a store left empty, from the state's node up, and a top not needed.  O(height)."""
    prune(xas)
    if in_node(xas) and xas.node.parent is NULL:
        shrink(xas, ALL_LEVELS)


cdef void prune(xa_state* xas) noexcept nogil:
    """Free the state's node if it is empty, and those above that this empties."""
    cdef xarray_t* xa = xas.xa
    cdef xa_node* node = xas.node
    cdef xa_node* parent
    while node.count == 0:
        parent = node.parent
        if parent is NULL:
            slot_publish(&xa.head, NULL_ENTRY)
            if not tracks_free(xa):
                set_flags(xa, empty_flags(xa.flags))  # marks of siblings may have outlived entries
            drop_node(xa, node)
            xas.node = <xa_node*>XAS_BOUNDS
            return
        xas.node, xas.offset = parent, node.offset
        slot_clear(&parent.slots[xas.offset])
        parent.count -= 1
        drop_node(xa, node)
        node = parent


cdef void shrink(xa_state* xas, unsigned int most) noexcept nogil:
    """Drop up to `most` top nodes whose only content is slot 0.  O(height).

    The content moves up into the head.  An entry of several indices cannot lie there, so it keeps
    its node.
    """
    cdef xarray_t* xa = xas.xa
    cdef xa_node* node
    cdef entry_t entry
    while most and is_node(xa.head):
        most -= 1
        node = <xa_node*>to_node(xa.head)
        entry = node.slots[0]
        if node.count != 1 or entry == NULL_ENTRY or (node.shift and not is_node(entry)):
            return
        if tracks_free(xa) and not node_get_mark(node, 0, FREE_MARK):
            set_flags(xa, xa.flags & ~(<unsigned int>1 << FREE_MARK))
        if entry == ZERO_ENTRY and xa.flags & ZERO_BUSY:
            entry = NULL_ENTRY
        slot_publish(&xa.head, entry)
        if is_node(entry):
            set_parent(<xa_node*>to_node(entry), NULL)
        drop_node(xa, node)
        xas.node = <xa_node*>XAS_BOUNDS


cdef unsigned int empty_flags(unsigned int flags) noexcept nogil:
    """No marks; where free slots are tracked there is one, unless index 0 counts as taken."""
    flags &= TRACK_FREE | ZERO_BUSY | WRAPPED
    return flags | (1 << FREE_MARK) if flags & TRACK_FREE and not flags & ZERO_BUSY else flags
