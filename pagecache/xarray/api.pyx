"""The plain calls of the XArray: each walks with a state of its own, works there and is done."""

from libc.errno cimport EBUSY, EINVAL

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    ZERO_ENTRY,
    is_advanced,
    is_sibling,
    mk_error,
    visible,
)
from pagecache.xarray.find cimport next_visible, xas_find, xas_order
from pagecache.xarray.store cimport store_in_leaf, xas_put, xas_store
from pagecache.xarray.walk cimport (
    in_node,
    slot_index,
    tracks_free,
    xa_state,
    xas_init,
    xas_load,
)


cdef inline entry_t result(const xa_state* xas, entry_t entry) noexcept nogil:
    return mk_error(xas.error) if xas.error else visible(entry)


cdef entry_t xa_store(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil:
    """Store an entry of `order` over `index`; what was there, or an error.  O(height + slots).

    Where free slots are tracked, NULL keeps the index reserved; only erasing frees it.
    """
    cdef xa_state xas
    cdef entry_t old
    if is_advanced(entry) or order > 63:
        return mk_error(EINVAL)
    if order == 0 and entry != NULL_ENTRY and store_in_leaf(xa, index, entry, &old):
        return old
    if entry == NULL_ENTRY and tracks_free(xa):
        entry = ZERO_ENTRY
    xas_init(&xas, xa, index, order)
    entry = xas_put(&xas, entry)
    return result(&xas, entry)


cdef entry_t xa_erase(xarray_t* xa, uint64_t index) noexcept nogil:
    """Remove the whole entry that covers `index`; what it was.  O(height + slots)."""
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    return visible(xas_store(&xas, NULL_ENTRY))


cdef entry_t xa_cmpxchg(xarray_t* xa, uint64_t index, entry_t old, entry_t entry) noexcept nogil:
    """Replace the entry at `index` if it is `old`; what was there, or an error."""
    cdef xa_state xas
    cdef entry_t current
    if is_advanced(entry):
        return mk_error(EINVAL)
    xas_init(&xas, xa, index, 0)
    current = xas_load(&xas)
    if current == old:
        xas_put(&xas, entry)
    return result(&xas, current)


cdef int xa_insert(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil:
    """Store unless something is there: 0, or a negative errno.  O(height + slots).

    NULL reserves the index.
    """
    cdef xa_state xas
    cdef uint64_t span
    if is_advanced(entry) or order > 63:
        return -EINVAL
    xas_init(&xas, xa, index, order)
    span = (<uint64_t>1 << order) - 1
    xas.shift = xas.sibs = 0
    if xas_find(&xas, xas.index | span) != NULL_ENTRY:
        return -EBUSY
    xas_init(&xas, xa, index, order)
    xas_put(&xas, ZERO_ENTRY if entry == NULL_ENTRY else entry)
    return -xas.error


cdef unsigned int xa_get_order(xarray_t* xa, uint64_t index) noexcept nogil:
    """The order of the entry that covers `index`; 0 if there is none.  O(height)."""
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    return 0 if xas_load(&xas) == NULL_ENTRY else xas_order(&xas)


cdef entry_t xa_next(
        xarray_t* xa, uint64_t* index, uint64_t* end, uint64_t last, unsigned int filter) noexcept nogil:
    """The first whole entry that reaches `index` or lies after it: its first and last index."""
    cdef xa_state xas
    cdef entry_t entry
    cdef uint64_t offset
    xas_init(&xas, xa, index[0], 0)
    entry = next_visible(&xas, last, filter)
    if entry == NULL_ENTRY:
        return entry
    if not in_node(&xas):
        index[0], end[0] = 0, 0
        return visible(entry)
    offset = xas.offset
    index[0] = slot_index(xas.node, offset, xas.index)
    while offset < xa.mask and is_sibling(xas.node.slots[offset + 1]):
        offset += 1
    end[0] = slot_index(xas.node, offset, xas.index) + ((<uint64_t>1 << xas.node.shift) - 1)
    return visible(entry)
