"""Many indices at once: the same results as the single calls, one by one, in less time.

Lookups go down the tree together, a level at a time, each fetching the slot of the next level
before the others are looked at: their cache misses overlap.  Stores and erasures go on in the leaf
they stand in while the next index lies there.  Marks over a range are written as whole bitmaps.
"""

from pagecache.index.entry cimport (
    NULL_ENTRY,
    ZERO_ENTRY,
    is_internal,
    is_node,
    is_sibling,
    is_value,
    to_node,
    to_sibling,
    visible,
)
from pagecache.index.find cimport PRESENT, xas_find, xas_find_marked
from pagecache.index.node cimport (
    node_any_mark,
    node_get_mark,
    node_marks,
    node_next_mark,
    xa_node,
)
from pagecache.index.step cimport entry_first
from pagecache.index.store cimport xas_put, xas_store
from pagecache.index.walk cimport (
    in_node,
    node_mask,
    slot_index,
    slot_publish,
    slot_read,
    tracks_free,
    xa_load,
    xa_state,
    xas_init,
)


cdef extern from *:
    void prefetch "__builtin_prefetch"(const void* address) noexcept nogil

cdef enum:
    BLOCK = 32  # lookups that go down together: enough to fill a core's outstanding misses


cdef void xa_load_many(
        const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    """`xa_load` for each index, as words.  O(n x height)."""
    cdef size_t k = 0, size
    while k < n:
        size = BLOCK if n - k > BLOCK else n - k
        if in_one_leaf(xa, index + k, size):
            load_leaf(xa, index + k, out + k, size)
        else:
            load_block(xa, index + k, out + k, size)
        k += size


cdef inline bint in_one_leaf(const xarray_t* xa, const uint64_t* index, size_t n) noexcept nogil:
    """Do all these indices differ in the bits of a leaf's offset only?"""
    cdef uint64_t apart = 0
    cdef size_t k
    for k in range(n):
        apart |= index[k] ^ index[0]
    return apart >> xa.chunk_shift == 0


cdef inline void load_leaf(
        const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    """One walk for indices that lie together."""
    cdef const entry_t* slots = leaf_slots(xa, index[0])
    cdef size_t k
    if slots is NULL:
        for k in range(n):
            out[k] = xa_load(xa, index[k])
        return
    for k in range(n):
        out[k] = slot_read(&slots[index[k] & xa.mask])
    for k in range(n):
        if is_internal(out[k]):
            out[k] = xa_load(xa, index[k])


cdef inline const entry_t* leaf_slots(const xarray_t* xa, uint64_t index) noexcept nogil:
    """The slots of the leaf for `index`; NULL if the walk ends above one."""
    cdef entry_t entry = slot_read(&xa.head)
    cdef const xa_node* node
    if not is_node(entry):
        return NULL
    node = <const xa_node*>to_node(entry)
    if index >> node.shift > xa.mask:
        return NULL
    while node.shift:
        entry = slot_read(&node.slots[(index >> node.shift) & xa.mask])
        if not is_node(entry):
            return NULL
        node = <const xa_node*>to_node(entry)
    return node.slots


cdef inline void load_block(
        const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil:
    cdef entry_t head = slot_read(&xa.head)
    cdef uint64_t mask = xa.mask  # kept in a register: `out` might be the array for all C knows
    cdef unsigned int shift, step = xa.chunk_shift
    cdef size_t k
    if not is_node(head):
        for k in range(n):
            out[k] = NULL_ENTRY if index[k] else visible(head)
        return
    shift = (<xa_node*>to_node(head)).shift
    for k in range(n):
        out[k] = head if index[k] >> shift <= mask else NULL_ENTRY
    while shift:
        for k in range(n):
            out[k] = one_level(out[k], index[k], shift, shift - step, mask)
        shift -= step
    for k in range(n):
        out[k] = last_level(out[k], index[k], mask)
        if is_internal(out[k]):
            out[k] = xa_load(xa, index[k])  # reserved, or freed under us


cdef inline entry_t one_level(
        entry_t entry, uint64_t index, unsigned int shift, unsigned int below,
        uint64_t mask) noexcept nogil:
    """The entry one level down; if that is a node, its own slot is on the way to the caches."""
    cdef const xa_node* node
    if not is_node(entry):
        return entry
    node = <const xa_node*>to_node(entry)
    entry = slot_read(&node.slots[(index >> shift) & mask])
    if is_node(entry):
        node = <const xa_node*>to_node(entry)
        prefetch(&node.slots[(index >> below) & mask])
        return entry
    return follow(node, entry)


cdef inline entry_t last_level(entry_t entry, uint64_t index, uint64_t mask) noexcept nogil:
    cdef const xa_node* node
    if not is_node(entry):
        return entry
    node = <const xa_node*>to_node(entry)
    return follow(node, slot_read(&node.slots[index & mask]))


cdef inline entry_t follow(const xa_node* node, entry_t entry) noexcept nogil:
    return slot_read(&node.slots[to_sibling(entry)]) if is_sibling(entry) else entry


# Stores ----------------------------------------------------------------------------------------


cdef size_t xa_store_many(
        xarray_t* xa, const uint64_t* index, const entry_t* entries, size_t n,
        unsigned int order) noexcept nogil:
    """Store entries that are not NULL; how many went in before memory ran out."""
    cdef xa_state xas
    cdef entry_t fetched[BLOCK]
    cdef size_t k = 0, ahead = 0
    while k < n:
        if k >= ahead:
            ahead = k + fetch(xa, index + k, fetched, n - k)
        xas_init(&xas, xa, index[k], order)
        xas_put(&xas, entries[k])
        if xas.error:
            return k
        k += 1
        if order == 0 and in_node(&xas) and xas.node.shift == 0 and not tracks_free(xa):
            k += fill_leaf(xa, xas.node, index + k, entries + k, n - k, index[k - 1])
    return n


cdef inline size_t fetch(
        const xarray_t* xa, const uint64_t* index, entry_t* fetched, size_t n) noexcept nogil:
    """Bring the slots for a block of indices into the caches, all at once; how many."""
    cdef size_t size = BLOCK if n > BLOCK else n
    if not in_one_leaf(xa, index, size):
        load_block(xa, index, fetched, size)
    return size


cdef inline size_t fill_leaf(
        xarray_t* xa, xa_node* leaf, const uint64_t* index, const entry_t* entries, size_t n,
        uint64_t within) noexcept nogil:
    """Store what lies in the leaf around `within`, up to the first that does not; how many."""
    cdef size_t k = 0
    cdef entry_t* slot
    cdef int count = 0, values = 0
    while k < n and index[k] >> xa.chunk_shift == within >> xa.chunk_shift:
        slot = &leaf.slots[index[k] & xa.mask]
        if is_internal(slot[0]):
            break  # a sibling or a reserved slot takes the longer way
        count += slot[0] == NULL_ENTRY
        values += <int>is_value(entries[k]) - <int>is_value(slot[0])
        slot_publish(slot, entries[k])
        k += 1
    leaf.count += count
    leaf.nr_values = (leaf.nr_values + values) & 0xff
    return k


cdef void xa_erase_many(xarray_t* xa, const uint64_t* index, size_t n) noexcept nogil:
    """Erase the entry at each index.  O(n x height), less where they lie together."""
    cdef xa_state xas
    cdef size_t k = 0
    while k < n:
        xas_init(&xas, xa, index[k], 0)
        xas_store(&xas, NULL_ENTRY)
        k += 1
        if in_node(&xas) and xas.node.shift == 0 and not xa.flags:
            k += empty_leaf(xa, xas.node, index + k, n - k, index[k - 1])


cdef inline size_t empty_leaf(
        xarray_t* xa, xa_node* leaf, const uint64_t* index, size_t n,
        uint64_t within) noexcept nogil:
    """Erase what lies in the leaf around `within`, all but its last entry; how many."""
    cdef size_t k = 0
    cdef entry_t* slot
    cdef unsigned int left = leaf.count, values = 0
    while k < n and index[k] >> xa.chunk_shift == within >> xa.chunk_shift:
        slot = &leaf.slots[index[k] & xa.mask]
        if is_internal(slot[0]) or left <= 2 or next_is_sibling(xa, leaf, index[k]):
            break
        left -= slot[0] != NULL_ENTRY
        values += is_value(slot[0])
        slot_publish(slot, NULL_ENTRY)
        k += 1
    leaf.count = left
    leaf.nr_values = (leaf.nr_values - values) & 0xff
    return k


cdef inline bint next_is_sibling(const xarray_t* xa, const xa_node* leaf, uint64_t index) noexcept nogil:
    cdef uint64_t offset = (index & xa.mask) + 1
    return offset <= xa.mask and is_sibling(leaf.slots[offset])


# Into arrays -----------------------------------------------------------------------------------


cdef size_t xa_extract(
        xarray_t* xa, uint64_t first, uint64_t last, unsigned int filter, uint64_t* index,
        entry_t* entries, size_t limit) noexcept nogil:
    """Up to `limit` entries that reach into [first, last], each with its first index; how many."""
    cdef xa_state xas
    cdef entry_t entry
    cdef size_t found = 0
    xas_init(&xas, xa, first, 0)
    while found < limit:
        entry = xas_find(&xas, last) if filter == PRESENT else xas_find_marked(&xas, last, filter)
        if entry == NULL_ENTRY:
            break
        if entry != ZERO_ENTRY:
            index[found], entries[found] = entry_first(&xas), entry
            found += 1
        if in_node(&xas) and xas.node.shift == 0:
            found += rest_of_leaf(
                &xas, last, filter, index + found, entries + found, limit - found)
    return found


cdef inline size_t rest_of_leaf(
        xa_state* xas, uint64_t last, unsigned int filter, uint64_t* index, entry_t* entries,
        size_t limit) noexcept nogil:
    """The entries of the leaf after the one stood at; the state is left at the last."""
    cdef xa_node* leaf = xas.node
    cdef uint64_t base = xas.index & ~xas.xa.mask, offset = xas.offset + 1, end = xas.xa.mask
    cdef entry_t entry
    cdef size_t found = 0
    if last - base < end:
        end = last - base
    while offset <= end and found < limit:
        if filter != PRESENT:
            offset = node_next_mark(leaf, offset, filter)
            if offset > end:
                offset = end + 1
                break
        entry = slot_read(&leaf.slots[offset])
        if entry != NULL_ENTRY and not is_internal(entry):
            index[found], entries[found] = base + offset, entry
            found += 1
        offset += 1
    xas.offset = offset - 1
    xas.index = base + offset - 1
    return found


# Marks over a range ----------------------------------------------------------------------------


cdef void xa_mark_range(
        xarray_t* xa, uint64_t first, uint64_t last, unsigned int mark, bint on) noexcept nogil:
    """Set or clear a mark on every entry that reaches into [first, last].  O(nodes)."""
    cdef xa_node* top
    cdef bint any
    if not is_node(xa.head):
        any = xa.head != NULL_ENTRY and first == 0 and on
        if xa.head != NULL_ENTRY and first == 0:
            xa.flags = (xa.flags & ~(<unsigned int>1 << mark)) | (<unsigned int>any << mark)
        return
    top = <xa_node*>to_node(xa.head)
    if first > node_mask(top):
        return
    mark_below(xa, top, first, last if last < node_mask(top) else node_mask(top), mark, on)
    xa.flags &= ~(<unsigned int>1 << mark)
    xa.flags |= <unsigned int>node_any_mark(top, mark) << mark


cdef void mark_below(
        xarray_t* xa, xa_node* node, uint64_t first, uint64_t last, unsigned int mark,
        bint on) noexcept nogil:
    """The same below one node; `first` and `last` lie within its range."""
    cdef uint64_t from_ = (first >> node.shift) & xa.mask, to = (last >> node.shift) & xa.mask
    cdef uint64_t offset
    cdef entry_t entry = node.slots[from_]
    if is_sibling(entry):
        from_ = to_sibling(entry)
    if node.shift == 0:
        mark_leaf(xa, node, from_, to, mark, on)
        return
    for offset in range(from_, to + 1):
        entry = node.slots[offset]
        if is_node(entry):
            mark_child(xa, node, offset, first, last, mark, on)
        elif entry != NULL_ENTRY and not is_sibling(entry):
            put_mark(node, offset, mark, on)


cdef inline void mark_child(
        xarray_t* xa, xa_node* node, uint64_t offset, uint64_t first, uint64_t last,
        unsigned int mark, bint on) noexcept nogil:
    """Go down where the range reaches, and sum up what came of it."""
    cdef xa_node* child = <xa_node*>to_node(node.slots[offset])
    cdef uint64_t low = slot_index(node, offset, first), high = low + node_mask(child)
    if not on and not node_get_mark(node, offset, mark):
        return
    mark_below(xa, child, first if first > low else low, last if last < high else high, mark, on)
    put_mark(node, offset, mark, node_any_mark(child, mark))


cdef inline void put_mark(xa_node* node, uint64_t offset, unsigned int mark, bint on) noexcept nogil:
    cdef uint64_t bit = <uint64_t>1 << (offset & 63)
    cdef uint64_t* word = &node_marks(node, mark)[offset >> 6]
    word[0] = word[0] | bit if on else word[0] & ~bit


cdef inline void mark_leaf(
        xarray_t* xa, xa_node* leaf, uint64_t from_, uint64_t to, unsigned int mark,
        bint on) noexcept nogil:
    """A word of marks at a time: those of the slots that begin an entry."""
    cdef uint64_t word, bits, offset, end
    for word in range(from_ >> 6, (to >> 6) + 1):
        bits = 0
        end = 64 if xa.mask >= 63 else xa.mask + 1
        for offset in range(end):
            bits |= <uint64_t>begins_entry(leaf.slots[64 * word + offset]) << offset
        if word == from_ >> 6:
            bits &= ~<uint64_t>0 << (from_ & 63)
        if word == to >> 6:
            bits &= ~<uint64_t>0 >> (63 - (to & 63))
        if on:
            node_marks(leaf, mark)[word] |= bits
        else:
            node_marks(leaf, mark)[word] &= ~bits


cdef inline bint begins_entry(entry_t entry) noexcept nogil:
    """Not empty, and no sibling (of a leaf's words the siblings are the lowest of form 10)."""
    return entry != NULL_ENTRY and not is_sibling(entry)
