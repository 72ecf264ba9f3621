"""Looking for holes from a page on and back, one slot for each page."""

from pagecache.xarray.entry cimport NULL_ENTRY, is_node
from pagecache.xarray.step cimport xas_move
from pagecache.xarray.walk cimport (
    in_node,
    is_stale,
    slot_of,
    slot_read,
    xa_state,
    xas_init,
    xas_load,
    xas_reload,
    xas_walk,
)


cdef inline uint64_t digit(const xa_state* xas) noexcept nogil:
    """The slot of the node stood in that the index itself would be found at."""
    return slot_of(xas.index, xas.node.shift, xas.xa.mask)


cdef entry_t enter(xa_state* xas) noexcept nogil:
    """The word in the slot stood at; in a new leaf, or after a retry, that of the index's own slot."""
    cdef entry_t entry = slot_read(&xas.node.slots[xas.offset])
    if is_node(entry):
        entry = xas_walk(xas, 0)
    elif is_stale(xas.node, xas.offset, entry):
        entry = xas_reload(xas)
    else:
        return entry
    return xas_move(xas, xas.index) if in_node(xas) else entry


cdef entry_t slot_after(xa_state* xas) noexcept nogil:
    """Move to the next slot, by way of the level above where a node ends; NULL past the top node."""
    while xas.offset == xas.xa.mask:
        if xas.node.parent is NULL:
            return NULL_ENTRY
        xas.offset, xas.node = xas.node.offset, xas.node.parent
    xas.offset += 1
    return enter(xas)


cdef entry_t slot_before(xa_state* xas) noexcept nogil:
    """The same back; NULL before the first slot of the top node, as if a hole were there."""
    while xas.offset == 0:
        if xas.node.parent is NULL:
            return NULL_ENTRY
        xas.offset, xas.node = xas.node.offset, xas.node.parent
    xas.offset -= 1
    return enter(xas)


cdef inline entry_t start(xa_state* xas, xarray_t* xa, uint64_t index, bint lags) noexcept nogil:
    """The entry that covers `index`: stood at by its first slot, or if nothing lags by the page's own."""
    cdef entry_t entry
    xas_init(xas, xa, index, 0)
    entry = xas_load(xas)
    if in_node(xas) and not lags:
        xas.offset = digit(xas)
    return entry


cdef inline entry_t next_page(xa_state* xas, entry_t entry) noexcept nogil:
    """One index on.  Above the leaves the slot waits where it is that of the index already."""
    xas.index += 1
    if not in_node(xas):
        return NULL_ENTRY  # a lone entry in the head is page 0
    if xas.node.shift and xas.offset == digit(xas):
        return entry
    return slot_after(xas)


cdef inline entry_t page_before(xa_state* xas, entry_t entry) noexcept nogil:
    """One index back.  At a leaf's first slot too the index may still have pages of it to pass."""
    xas.index -= 1
    if not in_node(xas):
        return NULL_ENTRY
    if (xas.node.shift or xas.offset == 0) and xas.offset == digit(xas):
        return entry
    return slot_before(xas)


cdef bint xa_next_hole(
        xarray_t* xa, uint64_t index, uint64_t pages, is_hole_t is_hole, bint lags,
        uint64_t* hole) noexcept nogil:
    """Is there a hole among `pages` pages from `index` on?  `hole` is the first, as Linux finds it."""
    cdef xa_state xas
    cdef entry_t entry
    entry = start(&xas, xa, index, lags)
    while pages:
        if entry == NULL_ENTRY or is_hole(entry):
            hole[0] = xas.index
            return True
        pages -= 1
        if pages:
            entry = next_page(&xas, entry)
    return False


cdef bint xa_prev_hole(
        xarray_t* xa, uint64_t index, uint64_t pages, is_hole_t is_hole, bint lags,
        uint64_t* hole) noexcept nogil:
    """The same from `index` back; where page 0 is passed, the hole is at 2**64 - 1."""
    cdef xa_state xas
    cdef entry_t entry
    entry = start(&xas, xa, index, lags)
    while pages:
        if entry == NULL_ENTRY or is_hole(entry):
            hole[0] = xas.index
            return True
        pages -= 1
        if pages:
            if xas.index == 0:
                hole[0] = ~<uint64_t>0
                return True
            entry = page_before(&xas, entry)
    return False
