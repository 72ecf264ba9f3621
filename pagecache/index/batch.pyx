"""Many lookups at once: the same results as the single calls, one by one, in less time.

Indices that lie in one leaf take one walk.  Others go down the tree together, a level at a time,
each fetching the slot of the next level before the others are looked at: their cache misses
overlap.  The shift is counted down from the top node's, so that no node's first line is read.

    level          index 4660          index 70              index 9000
    shift 12       slot 1 -> fetch     slot 0 -> fetch       slot 2 -> fetch
    shift 6        slot 8 -> fetch     slot 1 -> fetch       slot 12: an entry of order 6
    shift 0        slot 52             slot 6
"""

from pagecache.index.entry cimport (
    NULL_ENTRY,
    is_internal,
    is_node,
    is_sibling,
    to_node,
    to_number,
    to_sibling,
)
from pagecache.index.node cimport xa_node
from pagecache.index.walk cimport slot_read, xa_load, xa_node_at


cdef void xa_load_many(
        const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    """`xa_load` for each index, as words.  O(n x height)."""
    cdef size_t k = 0, size
    cdef entry_t head
    while k < n:
        size = BLOCK if n - k > BLOCK else n - k
        head = slot_read(&xa.head)
        if not is_node(head):
            load_singly(xa, index + k, out + k, size)
        elif in_one_node(xa, index + k, size, 0):
            load_leaf(xa, index + k, out + k, size)
        else:
            load_block(xa, head, index + k, out + k, size)
        k += size


cdef void xa_load_numbers(
        const xarray_t* xa, const uint64_t* index, uint64_t* out, size_t n, uint64_t default) noexcept nogil:
    """Values and addresses instead of words; `default` where nothing is."""
    cdef size_t done = 0, size, k
    while done < n:
        size = PART if n - done > PART else n - done
        xa_load_many(xa, index + done, out + done, size)
        for k in range(done, done + size):
            out[k] = to_number(out[k], default)
        done += size


cdef inline void load_singly(
        const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    cdef size_t k
    for k in range(n):
        out[k] = xa_load(xa, index[k])


cdef inline void load_leaf(
        const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    """One walk for indices that lie in one leaf, or where a leaf would be."""
    cdef const xa_node* leaf = xa_node_at(xa, index[0], 0)
    cdef uint64_t mask = xa.mask
    cdef entry_t entry, internal = 0
    cdef size_t k
    if leaf is NULL:  # one slot above stands for all of them
        entry = xa_load(xa, index[0])
        for k in range(n):
            out[k] = entry
        return
    for k in range(n):
        entry = slot_read(&leaf.slots[index[k] & mask])
        internal |= is_internal(entry)
        out[k] = entry
    if internal:
        load_singly(xa, index, out, n)


cdef inline void load_block(
        const xarray_t* xa, entry_t head, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    cdef entry_t at[BLOCK]
    cdef uint64_t mask = xa.mask
    cdef unsigned int shift = (<xa_node*>to_node(head)).shift, step = xa.chunk_shift
    cdef size_t k
    for k in range(n):
        at[k] = head if index[k] >> shift <= mask else NULL_ENTRY
    while go_down(at, index, n, shift, step, mask):
        shift -= step
    for k in range(n):
        # Reserved, or freed under us: the single call knows what to do.
        out[k] = xa_load(xa, index[k]) if is_internal(at[k]) else at[k]


cdef inline bint go_down(
        entry_t* at, const uint64_t* index, size_t n, unsigned int shift, unsigned int step,
        uint64_t mask) noexcept nogil:
    """From nodes of `shift` one level down; whether there are nodes, their slots on the way to us."""
    cdef const xa_node* node
    cdef entry_t entry
    cdef bint more = False
    cdef size_t k
    for k in range(n):
        if not is_node(at[k]):
            continue
        node = <const xa_node*>to_node(at[k])
        entry = slot_read(&node.slots[(index[k] >> shift) & mask])
        if is_sibling(entry):
            entry = slot_read(&node.slots[to_sibling(entry)])
        at[k] = entry
        if is_node(entry):
            node = <const xa_node*>to_node(entry)
            prefetch(&node.slots[(index[k] >> (shift - step)) & mask])
            more = True
    return more
