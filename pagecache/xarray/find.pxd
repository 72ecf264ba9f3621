"""Moving a state by an index or past an entry, and searching: the next entry present, or with a mark.

A state that has not walked searches from its index on; one that stands at an entry searches after
it.  So a loop over `xas_find` visits each entry once, however many slots it takes.

    slots       0   1   2 .. 7   8 ........ 15   16
                v1  -   -        p2  s8 .. s8    p3
    xas_find    v1 at 0, then p2 at 8, then p3 at 16
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, is_internal, mk_sibling
from pagecache.xarray.walk cimport in_node, slot_index, slot_read, xa_state, xarray_t


cdef enum:
    PRESENT = 8  # the filter of a search that is not by mark

cdef entry_t xas_find(xa_state* xas, uint64_t last) noexcept nogil
cdef entry_t xas_find_marked(xa_state* xas, uint64_t last, unsigned int mark) noexcept nogil
cdef entry_t xa_find(xarray_t* xa, uint64_t* index, uint64_t last, unsigned int filter) noexcept nogil
cdef entry_t xa_find_after(xarray_t* xa, uint64_t* index, uint64_t last, unsigned int filter) noexcept nogil
cdef entry_t next_visible(
    xa_state* xas, uint64_t last, unsigned int filter) noexcept nogil
cdef entry_t xas_conflict(xa_state* xas) noexcept nogil
cdef unsigned int xas_order(const xa_state* xas) noexcept nogil

# Without walking again where the node stood in will do.
cdef entry_t xas_move(xa_state* xas, uint64_t index) noexcept nogil
cdef entry_t xas_next(xa_state* xas) noexcept nogil
cdef entry_t xas_prev(xa_state* xas) noexcept nogil
cdef void xas_pause(xa_state* xas) noexcept nogil
cdef void xas_reset(xa_state* xas) noexcept nogil
cdef uint64_t entry_first(const xa_state* xas) noexcept nogil
cdef uint64_t entry_last(const xa_state* xas) noexcept nogil


cdef inline entry_t xas_next_entry(xa_state* xas, uint64_t last) noexcept nogil:
    """`xas_find` for loops over all entries: past the siblings of the entry stood at, in line.

    O(1 + siblings) where an entry follows in the same node; gaps, nodes and the node's end take the
    longer way.  A sibling is the old entry's while a split replaces it: that entry was visited.
    """
    cdef entry_t entry = NULL_ENTRY, own
    cdef uint64_t offset = xas.offset + 1, mask = xas.xa.mask, index
    if in_node(xas) and offset <= mask:
        own = mk_sibling(xas.offset)
        entry = slot_read(&xas.node.slots[offset])
        while entry == own and offset < mask:
            offset += 1
            entry = slot_read(&xas.node.slots[offset])
        if entry != NULL_ENTRY and not is_internal(entry):
            index = slot_index(xas.node, offset, xas.index)
            if index <= last:
                xas.offset, xas.index = offset, index
                return entry
    return xas_find(xas, last)
