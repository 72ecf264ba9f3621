"""Many lookups at once: going down together, a level at a time."""

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    is_internal,
    is_node,
    is_sibling,
    to_node,
    to_number,
    to_sibling,
)
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.walk cimport slot_of, slot_read, xa_load, xa_node_at


cdef void xa_load_many(
        const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    """`xa_load` for each index, as words.  O(n x height)."""
    load_blocks(xa, index, out, n, False, 0)


cdef void xa_load_numbers(
        const xarray_t* xa, const uint64_t* index, uint64_t* out, size_t n, uint64_t default) noexcept nogil:
    """Values and addresses instead of words; `default` where nothing is."""
    load_blocks(xa, index, out, n, True, default)


cdef inline void load_blocks(
        const xarray_t* xa, const uint64_t* index, uint64_t* out, size_t n, bint numbers,
        uint64_t default) noexcept nogil:
    """Compiled twice, for words and for numbers: `numbers` is no question asked for each entry."""
    cdef entry_t found[BLOCK]
    cdef size_t done = 0, size, k
    while done < n:
        size = BLOCK if n - done > BLOCK else n - done
        load_block(xa, index + done, found, size)
        for k in range(size):
            out[done + k] = to_number(found[k], default) if numbers else found[k]
        done += size


cdef inline void load_block(
        const xarray_t* xa, const uint64_t* index, entry_t* found, size_t n) noexcept nogil:
    cdef entry_t head = slot_read(&xa.head)
    if not is_node(head):
        load_singly(xa, index, found, n)
    elif in_one_node(xa, index, n, 0):
        load_leaf(xa, index, found, n)
    else:
        load_together(xa, <const xa_node*>to_node(head), index, found, n)


cdef inline void load_singly(
        const xarray_t* xa, const uint64_t* index, entry_t* found, size_t n) noexcept nogil:
    cdef size_t k
    for k in range(n):
        found[k] = xa_load(xa, index[k])


cdef inline void load_leaf(
        const xarray_t* xa, const uint64_t* index, entry_t* found, size_t n) noexcept nogil:
    """One walk for indices that lie in one leaf, or where a leaf would be."""
    cdef const xa_node* leaf = xa_node_at(xa, index[0], 0)
    cdef uint64_t mask = xa.mask
    cdef entry_t entry, internal = 0
    cdef size_t k
    if leaf is NULL:  # one slot above stands for all of them
        entry = xa_load(xa, index[0])
        for k in range(n):
            found[k] = entry
        return
    for k in range(n):
        entry = slot_read(&leaf.slots[index[k] & mask])
        internal |= (entry >> 1) & ~entry  # bit 0: this one ends in 10
        found[k] = entry
    if internal & 1:
        load_singly(xa, index, found, n)


cdef inline void load_together(
        const xarray_t* xa, const xa_node* top, const uint64_t* index, entry_t* found,
        size_t n) noexcept nogil:
    """A level at a time.  What has ended above the others is kept in `found`, and stood at there."""
    cdef const entry_t* slots[BLOCK]
    cdef unsigned int shift = top.shift
    cdef entry_t entry
    cdef size_t k
    for k in range(n):
        found[k] = NULL_ENTRY
        slots[k] = &found[k] if index[k] >> shift > xa.mask else &top.slots[index[k] >> shift]
    while shift:
        shift -= xa.chunk_shift
        go_down(xa, index, slots, found, n, shift)
    for k in range(n):
        entry = slot_read(slots[k])
        # Reserved, or freed under us: the single call knows what to do.
        found[k] = settled(xa, index[k], slots[k], entry, 0) if is_internal(entry) else entry


cdef inline void go_down(
        const xarray_t* xa, const uint64_t* index, const entry_t** slots, entry_t* found, size_t n,
        unsigned int shift) noexcept nogil:
    """From slots that lead to nodes of `shift` to slots of those, which are fetched meanwhile."""
    cdef uint64_t mask = xa.mask
    cdef entry_t entry
    cdef size_t k
    for k in range(n):
        entry = slot_read(slots[k])
        if is_node(entry):
            slots[k] = &(<const xa_node*>to_node(entry)).slots[slot_of(index[k], shift, mask)]
            prefetch(slots[k])
        elif slots[k] != &found[k]:
            found[k] = settled(xa, index[k], slots[k], entry, shift + xa.chunk_shift)
            slots[k] = &found[k]


cdef inline entry_t settled(
        const xarray_t* xa, uint64_t index, const entry_t* slot, entry_t entry,
        unsigned int shift) noexcept nogil:
    """What is found through a slot of a node of `shift` that leads to no node."""
    if is_sibling(entry):  # a retry is internal, too
        entry = slot_read(slot - slot_of(index, shift, xa.mask) + to_sibling(entry))
    return xa_load(xa, index) if is_internal(entry) else entry
