"""Moving a state that has walked, without walking again where the node stood in will do."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    is_node,
    is_sibling,
)
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.walk cimport (
    LIKE_6_14,
    XAS_BOUNDS,
    XAS_RESTART,
    at_restart,
    in_node,
    slot_index,
    slot_of,
    slot_read,
    xas_load,
    xas_reload,
    xas_seek,
)


cdef void xas_reset(xa_state* xas) noexcept nogil:
    """Forget the walk and any error; the index stays."""
    xas.node = <xa_node*>XAS_RESTART
    xas.error = 0


cdef entry_t xas_move(xa_state* xas, uint64_t index) noexcept nogil:
    """The word in the slot for `index`, siblings as they are; NULL past the tree's end."""
    cdef entry_t entry = xas_seek(xas, index)
    while in_node(xas):
        xas.offset = slot_of(index, xas.node.shift, xas.xa.mask)
        entry = slot_read(&xas.node.slots[xas.offset])
        if not is_node(entry) and entry != RETRY_ENTRY:
            break
        entry = xas_reload(xas)  # it was split, or its node was freed, since the walk
    return entry


cdef entry_t xas_next(xa_state* xas) noexcept nogil:
    """One index on, from the highest to 0; a state that has not walked loads where it is.

    The slot's raw word: a sibling's where the index lies inside an entry.
    """
    if xas.error:
        return NULL_ENTRY
    if at_restart(xas):
        return xas_load(xas)
    return xas_move(xas, xas.index + 1)


cdef entry_t xas_prev(xa_state* xas) noexcept nogil:
    """One index back, from 0 to the highest; otherwise as `xas_next`."""
    if xas.error:
        return NULL_ENTRY
    if at_restart(xas):
        return xas_load(xas)
    return xas_move(xas, xas.index - 1)


cdef uint64_t entry_first(const xa_state* xas) noexcept nogil:
    """The first index of the entry stood at."""
    return slot_index(xas.node, xas.offset, xas.index) if in_node(xas) else xas.index


cdef uint64_t entry_last(const xa_state* xas) noexcept nogil:
    """The last index of the entry stood at, its siblings included."""
    cdef uint64_t offset = xas.offset
    if not in_node(xas):
        return xas.index
    while offset < xas.xa.mask and is_sibling(xas.node.slots[offset + 1]):
        offset += 1
    return slot_index(xas.node, offset, xas.index) + ((<uint64_t>1 << xas.node.shift) - 1)


cdef void xas_pause(xa_state* xas) noexcept nogil:
    """Go past the current entry and forget the walk, so that the array may change meanwhile.

    After the highest index there is nothing to go on to: the state is then at the bounds, and every
    search with it ends.  Up to Linux 6.12 a pause goes on by the length of the entry, too far from
    inside one.  Later kernels still do so inside a run of several slots; this one does not.
    """
    cdef uint64_t index = xas.index, inside = index - entry_first(xas)
    if xas.error or not (xas.node is NULL or in_node(xas)):
        return
    xas.index = entry_last(xas) + 1
    if xas.xa.like < LIKE_6_14:
        xas.index += inside
    xas.node = <xa_node*>(XAS_BOUNDS if xas.index <= index else XAS_RESTART)
