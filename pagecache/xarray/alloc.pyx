"""Allocating IDs by following the marks of what is free."""

from libc.errno cimport EBUSY, EINVAL

from pagecache.xarray.entry cimport NULL_ENTRY, ZERO_ENTRY, is_advanced, is_node, to_node
from pagecache.xarray.node cimport node_next_mark, xa_node
from pagecache.xarray.store cimport xas_put
from pagecache.xarray.walk cimport (
    FREE_MARK,
    WRAPPED,
    ZERO_BUSY,
    node_mask,
    slot_index,
    slot_of,
    tracks_free,
    xa_state,
    xas_init,
)

cdef enum:
    HIGHEST_ID = 4294967295  # IDs are 32 bits wide, as in Linux


cdef bint find_free(const xarray_t* xa, uint64_t* index, uint64_t last) noexcept nogil:
    """Move `index` to the first free one at or after it, up to `last`; False if there is none."""
    cdef xa_node* node
    cdef unsigned int offset, first
    if not is_node(xa.head):
        if index[0] == 0 and (xa.head != NULL_ENTRY or xa.flags & ZERO_BUSY):
            index[0] = 1
        return index[0] <= last
    node = <xa_node*>to_node(xa.head)
    while index[0] <= node_mask(<xa_node*>to_node(xa.head)):
        first = slot_of(index[0], node.shift, xa.mask)
        offset = node_next_mark(node, first, FREE_MARK)
        if offset > xa.mask:  # nothing free up to the end of this node: on after it
            index[0] = (index[0] | node_mask(node)) + 1
            if index[0] == 0:
                return False
            node = <xa_node*>to_node(xa.head)
            continue
        if offset > ~<uint64_t>0 >> node.shift:
            return False  # slots of the top node beyond the highest index
        if offset != first:
            index[0] = slot_index(node, offset, index[0])
        if not (node.shift and is_node(node.slots[offset])):
            break
        node = <xa_node*>to_node(node.slots[offset])
    return index[0] <= last


cdef int xa_alloc(
        xarray_t* xa, uint64_t* id, entry_t entry, uint64_t first, uint64_t last) noexcept nogil:
    """Store at the lowest free index of [first, last]: 0 and the `id`, or a negative errno.

    EBUSY where none is free; EINVAL if the array does not track that.  NULL reserves.  O(height).
    """
    cdef xa_state xas
    cdef uint64_t index = first
    if is_advanced(entry) or not tracks_free(xa):
        return -EINVAL
    if first > last or not find_free(xa, &index, last):
        return -EBUSY
    xas_init(&xas, xa, index, 0)
    xas_put(&xas, ZERO_ENTRY if entry == NULL_ENTRY else entry)
    if not xas.error:
        id[0] = index
    return -xas.error


cdef int xa_alloc_cyclic(
        xarray_t* xa, uint64_t* id, entry_t entry, uint64_t first, uint64_t last,
        uint64_t* next_id) noexcept nogil:
    """Allocate from `next_id` on, then from `first`: 0, 1 if it wrapped, or a negative errno."""
    cdef uint64_t start = next_id[0] if next_id[0] > first else first
    cdef int failed = xa_alloc(xa, id, entry, start, last)
    cdef bint wrapped = False
    if xa.flags & WRAPPED:
        xa.flags &= ~<unsigned int>WRAPPED
        wrapped = not failed
    if failed == -EBUSY and start > first:
        failed = xa_alloc(xa, id, entry, first, start - 1 if start - 1 < last else last)
        wrapped = True
    if failed:
        return failed
    next_id[0] = (id[0] + 1) & HIGHEST_ID
    if next_id[0] == 0:
        xa.flags |= WRAPPED
    return wrapped
