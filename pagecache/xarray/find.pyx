"""Moving a state, and searching on from it: by one index, by presence or by mark."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    ZERO_ENTRY,
    is_node,
    is_sibling,
    to_node,
    to_sibling,
)
from pagecache.xarray.marks cimport xa_marked
from pagecache.xarray.node cimport node_next_mark, xa_node
from pagecache.xarray.walk cimport (
    LIKE_6_14,
    XAS_BOUNDS,
    XAS_RESTART,
    at_bounds,
    at_restart,
    in_node,
    is_stale,
    parent_of,
    slot_index,
    slot_of,
    slot_read,
    xas_bounds,
    xas_init,
    xas_load,
    xas_reload,
    xas_seek,
    xas_start,
    xas_walk,
    xas_walk_once,
)


cdef unsigned int xas_order(const xa_state* xas) noexcept nogil:
    """The order of the entry stood at: the level's, and one for each doubling of siblings.  O(6).

    A run whose length is no power of two rounds up.
    """
    cdef unsigned int bits = 0
    cdef uint64_t beyond
    if not in_node(xas):
        return 0
    while True:
        beyond = xas.offset + (<uint64_t>1 << bits)
        if beyond > xas.xa.mask or not is_sibling(slot_read(&xas.node.slots[beyond])):
            return xas.node.shift + bits
        bits += 1


cdef entry_t xas_conflict(xa_state* xas) noexcept nogil:
    """Something that overlaps the state's range, or NULL.  O(height + slots of the order).

    With NULL the state stands where a store goes on without walking again.
    """
    cdef entry_t entry = xas_walk_once(xas, xas.shift)  # a retry is not NULL: a split is there
    cdef unsigned int offset
    if entry != NULL_ENTRY or not in_node(xas) or xas.shift < xas.node.shift:
        return entry
    for offset in range(xas.offset + 1, xas.offset + xas.sibs + 1):
        entry = slot_read(&xas.node.slots[offset])
        if entry != NULL_ENTRY:
            return entry
    return NULL_ENTRY


cdef bint step(xa_state* xas) noexcept nogil:
    """Move to the next slot in index order, going up where a node ends.  False past the last."""
    cdef xa_node* node = xas.node
    cdef xa_node* above
    cdef uint64_t offset = <uint64_t>xas.offset + 1
    while offset > xas.xa.mask:
        above = parent_of(node)
        if above is NULL:
            xas_bounds(xas)
            return False
        offset, node = <uint64_t>node.offset + 1, above
    xas.index = slot_index(node, offset, xas.index)
    xas.node, xas.offset = node, offset
    return True


cdef entry_t xas_find(xa_state* xas, uint64_t last) noexcept nogil:
    """The next entry up to `last`, NULL if there is none.  O(height + empty slots passed)."""
    cdef entry_t entry
    if xas.error or at_bounds(xas) or xas.index > last:
        return NULL_ENTRY
    if not in_node(xas):
        if xas.node is NULL:  # the head's lone entry has been seen
            xas.index = 1
            return xas_bounds(xas)
        entry = xas_load(xas)
        if entry != NULL_ENTRY or not in_node(xas):
            return entry
    while step(xas) and xas.index <= last:
        entry = slot_read(&xas.node.slots[xas.offset])
        if is_node(entry):
            entry = xas_walk(xas, 0)
        elif is_stale(xas.node, xas.offset, entry):
            entry = xas_reload(xas)
        if not in_node(xas) or (entry != NULL_ENTRY and not is_sibling(entry)):
            return entry
    return NULL_ENTRY


cdef entry_t first_by_mark(xa_state* xas, uint64_t last, unsigned int mark) noexcept nogil:
    """Begin a search by mark: the head's own entry, or a stand in the top node."""
    cdef entry_t entry = xas_start(xas)
    cdef xa_node* node
    if at_bounds(xas) or not xa_marked(xas.xa, mark):
        return xas_bounds(xas)
    if is_node(entry):
        node = <xa_node*>to_node(entry)
        xas.node, xas.offset = node, slot_of(xas.index, node.shift, xas.xa.mask)
    return entry


cdef bint to_canonical(xa_state* xas) noexcept nogil:
    """From a sibling back to the slot it refers to: marks live there.  False: begin at the head."""
    cdef entry_t entry = slot_read(&xas.node.slots[xas.offset])
    if is_stale(xas.node, xas.offset, entry):
        return False
    if is_sibling(entry):
        xas.offset = to_sibling(entry)
        xas.index = slot_index(xas.node, xas.offset, xas.index)
    return True


cdef bint to_marked(xa_state* xas, uint64_t last, unsigned int mark) noexcept nogil:
    """From the slot stood at to the first that carries the mark, here or after it; False if none."""
    cdef unsigned int offset
    while True:
        offset = node_next_mark(xas.node, xas.offset, mark)
        if offset <= xas.xa.mask:
            break
        xas.offset = xas.xa.mask
        if not step(xas):
            return False
        if xas.index > last:
            break
    if offset != xas.offset and offset <= xas.xa.mask:
        xas.offset, xas.index = offset, slot_index(xas.node, offset, xas.index)
    if xas.index > last:
        xas.node = <xa_node*>XAS_RESTART
        return False
    return True


cdef entry_t xas_find_marked(xa_state* xas, uint64_t last, unsigned int mark) noexcept nogil:
    """The next entry up to `last` that carries `mark`.  O(height), subtrees without it skipped."""
    cdef entry_t entry
    if xas.error or at_bounds(xas) or xas.index > last:
        return NULL_ENTRY
    if xas.node is NULL:
        xas.index = 1
        return xas_bounds(xas)
    if in_node(xas) and (not step(xas) or xas.index > last):
        return NULL_ENTRY
    while True:
        if not in_node(xas):
            entry = first_by_mark(xas, last, mark)
            if not in_node(xas):
                return entry
            if not to_canonical(xas):
                xas.node = <xa_node*>XAS_RESTART
                continue
        if not to_marked(xas, last, mark):
            return NULL_ENTRY
        entry = slot_read(&xas.node.slots[xas.offset])
        if is_node(entry) and xas.node.shift:
            xas.node = <xa_node*>to_node(entry)
            xas.offset = slot_of(xas.index, xas.node.shift, xas.xa.mask)
            if not to_canonical(xas):
                xas.node = <xa_node*>XAS_RESTART
        elif is_stale(xas.node, xas.offset, entry):
            xas.node = <xa_node*>XAS_RESTART
        elif entry != NULL_ENTRY and not is_sibling(entry):
            return entry
        elif not step(xas):  # marked by a split as it was before 6.10 (split.pyx)
            return NULL_ENTRY


cdef entry_t next_visible(xa_state* xas, uint64_t last, unsigned int filter) noexcept nogil:
    """Reserved slots are passed over."""
    cdef entry_t entry
    while True:
        entry = xas_find(xas, last) if filter == PRESENT else xas_find_marked(xas, last, filter)
        if entry != ZERO_ENTRY:
            return entry


cdef entry_t xa_find(xarray_t* xa, uint64_t* index, uint64_t last, unsigned int filter) noexcept nogil:
    """The first entry at or after `index`, which is set to where it was found.

    From the middle of an entry, that entry, with an index inside it.  A search by mark reports
    the entry's first index there, as Linux 5.17 does.
    """
    cdef xa_state xas
    cdef entry_t entry
    xas_init(&xas, xa, index[0], 0)
    entry = next_visible(&xas, last, filter)
    if entry != NULL_ENTRY:
        index[0] = xas.index
    return entry


cdef inline bint inside(const xa_state* xas) noexcept nogil:
    """Does the state's index lie past the first index of the entry it stands at?"""
    return in_node(xas) and xas.index > slot_index(xas.node, xas.offset, xas.index)


cdef entry_t xa_find_after(xarray_t* xa, uint64_t* index, uint64_t last, unsigned int filter) noexcept nogil:
    """The first entry after `index` that does not cover it."""
    cdef xa_state xas
    cdef entry_t entry
    if index[0] == ~<uint64_t>0:
        return NULL_ENTRY
    xas_init(&xas, xa, index[0] + 1, 0)
    entry = next_visible(&xas, last, filter)
    while entry != NULL_ENTRY and inside(&xas):
        entry = next_visible(&xas, last, filter)
    if entry != NULL_ENTRY:
        index[0] = xas.index
    return entry


# Moving -----------------------------------------------------------------------------------------


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
    while offset < xas.xa.mask and is_sibling(slot_read(&xas.node.slots[offset + 1])):
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
