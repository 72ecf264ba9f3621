"""Splitting value entries step by step, and the nodes that shadows alone fill."""

from pagecache.designs.file_index cimport VALUE_SHADOW, is_kind
from pagecache.xarray.api cimport xa_erase
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, is_sibling
from pagecache.xarray.find cimport xas_order
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.split cimport xa_try_split
from pagecache.xarray.walk cimport in_node, slot_index, xa_state, xas_init, xas_load


cdef int split_down(xarray_t* xa, uint64_t key, unsigned int order) noexcept nogil:
    """Split the entry that covers `key` until its piece there is of `order`: 0 or a negative errno.

    Failing on the way leaves larger pieces of the same value, which read as before.
    """
    cdef xa_state xas
    cdef unsigned int has
    cdef int failed = 0
    xas_init(&xas, xa, key, 0)
    xas_load(&xas)
    has = xas_order(&xas)
    while has > order and not failed:
        has = next_order(xa, has, order)
        failed = xa_try_split(xa, key, has)
    return failed


cdef bint node_of_shadows(
        xarray_t* xa, uint64_t key, uint64_t* first, unsigned int* shift) noexcept nogil:
    """Is the node that the entry at `key` lies in full of shadows alone?  O(height + slots)."""
    cdef xa_state xas
    xas_init(&xas, xa, key, 0)
    xas_load(&xas)
    if not in_node(&xas) or not only_shadows(xas.node):
        return False
    first[0], shift[0] = slot_index(xas.node, 0, key), xas.node.shift
    return True


cdef bint only_shadows(const xa_node* node) noexcept nogil:
    """Equal counts say that there are values only; zero entries are values too, so look at each."""
    cdef entry_t entry
    cdef unsigned int offset
    if node.count != node.nr_values:
        return False
    for offset in range(<unsigned int>1 << node.chunk_shift):
        entry = node.slots[offset]
        if entry != NULL_ENTRY and not is_sibling(entry) and not is_kind(entry, VALUE_SHADOW):
            return False
    return True


cdef bint drop_values(xarray_t* xa, uint64_t first, unsigned int shift) noexcept nogil:
    """Erase all entries of the node there, if they are shadows still: it goes with the last."""
    cdef xa_state xas
    cdef unsigned int offset
    xas_init(&xas, xa, first, 0)
    xas.shift = shift  # no deeper than this level
    xas_load(&xas)
    if not in_node(&xas) or xas.node.shift != shift or not only_shadows(xas.node):
        return False
    for offset in range(<unsigned int>1 << xa.chunk_shift):
        xa_erase(xa, first + (<uint64_t>offset << shift))
    return True
