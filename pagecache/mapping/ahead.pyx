"""Fetching slots and struct pages before they are looked at."""

from pagecache.mapping.core cimport Core
from pagecache.xarray.batch cimport prefetch
from pagecache.xarray.entry cimport entry_t, is_node, to_node
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.walk cimport slot_of, slot_read, xarray_t


cdef void fetch_ahead(
        void** mappings, const uint32_t* file, const uint64_t* index, Py_ssize_t n) noexcept nogil:
    """Fetch what up to `AHEAD` operations begin with: (number of a mapping, page) each."""
    cdef const entry_t* slots[AHEAD]
    cdef Py_ssize_t k
    for k in range(n):
        slots[k] = lowest_slot((<Core>mappings[file[k]]).index.tree(), index[k])
        prefetch(slots[k])
    for k in range(n):
        prefetch(<const void*>slot_read(slots[k]))  # of what is no address nothing is fetched


cdef inline const entry_t* lowest_slot(const xarray_t* xa, uint64_t index) noexcept nogil:
    """The last slot on the way to `index`, unread if it is a leaf's."""
    cdef const entry_t* slot = &xa.head
    cdef entry_t entry = slot_read(slot)
    cdef unsigned int shift
    if not is_node(entry):
        return slot
    shift = (<const xa_node*>to_node(entry)).shift
    while is_node(entry):
        slot = &(<const xa_node*>to_node(entry)).slots[slot_of(index, shift, xa.mask)]
        if not shift:
            break
        shift -= xa.chunk_shift
        entry = slot_read(slot)
    return slot
