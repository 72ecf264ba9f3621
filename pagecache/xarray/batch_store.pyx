"""Stores and erasures of many indices: all go down first, then each is written."""

from pagecache.xarray.batch cimport BLOCK, PART, in_one_node, prefetch
from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    is_internal,
    is_node,
    is_sibling,
    is_value,
    mk_sibling,
    mk_value,
    to_node,
    to_sibling,
)
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.store cimport add_values, write_slot, xas_put, xas_store
from pagecache.xarray.walk cimport (
    in_node,
    slot_clear,
    slot_of,
    slot_publish,
    slot_read,
    tracks_free,
    xa_node_at,
    xa_state,
    xa_walk,
    xas_init,
)


# Going down together -----------------------------------------------------------------------------


cdef bint find_nodes(
        const xarray_t* xa, const uint64_t* index, xa_node** nodes, size_t n,
        unsigned int level) noexcept nogil:
    """`xa_node_at` for each of a block of indices; True after one walk, if one node serves all."""
    cdef unsigned int shift
    cdef size_t k
    if in_one_node(xa, index, n, level):
        nodes[0] = xa_node_at(xa, index[0], level)
        for k in range(1, n):
            nodes[k] = nodes[0]
        return True
    shift = start_at_top(xa, index, nodes, n, level)
    while shift > level:
        go_down(xa, index, nodes, n, shift, level)
        shift -= xa.chunk_shift
    return False


cdef inline unsigned int start_at_top(
        const xarray_t* xa, const uint64_t* index, xa_node** nodes, size_t n,
        unsigned int level) noexcept nogil:
    """Begin with the top node, NULL for indices beyond it; its shift."""
    cdef entry_t head = slot_read(&xa.head)
    cdef xa_node* top = <xa_node*>to_node(head) if is_node(head) else NULL
    cdef size_t k
    if top is not NULL and top.shift < level:
        top = NULL
    for k in range(n):
        nodes[k] = NULL if top is NULL or index[k] >> top.shift > xa.mask else top
    return level if top is NULL else top.shift


cdef inline void go_down(
        const xarray_t* xa, const uint64_t* index, xa_node** nodes, size_t n, unsigned int shift,
        unsigned int level) noexcept nogil:
    """From nodes of `shift` one level down, to NULL where no node is; their lines on the way to us."""
    cdef uint64_t mask = xa.mask
    cdef unsigned int below = shift - xa.chunk_shift
    cdef entry_t entry
    cdef size_t k
    for k in range(n):
        if nodes[k] is NULL:
            continue
        entry = slot_read(&nodes[k].slots[slot_of(index[k], shift, mask)])
        nodes[k] = <xa_node*>to_node(entry) if is_node(entry) else NULL
        if nodes[k] is NULL:
            continue
        prefetch(&nodes[k].slots[slot_of(index[k], below, mask)])
        if below == level:
            prefetch(nodes[k])  # the counts


cdef inline bint same_node(
        const xarray_t* xa, uint64_t one, uint64_t other, unsigned int level) noexcept nogil:
    return (one ^ other) >> level >> xa.chunk_shift == 0


# Stores ------------------------------------------------------------------------------------------


cdef size_t xa_store_many(
        xarray_t* xa, const uint64_t* index, const entry_t* entries, size_t n,
        unsigned int order) noexcept nogil:
    """Store entries that are not NULL; how many went in before memory ran out."""
    cdef xa_node* nodes[BLOCK]
    cdef unsigned int level = order - order % xa.chunk_shift
    cdef size_t done = 0, size, stored
    while done < n:
        size = BLOCK if n - done > BLOCK else n - done
        if find_nodes(xa, index + done, nodes, size, level) and order == level and (
                nodes[0] is not NULL and not tracks_free(xa)):
            stored = fill_node(xa, nodes[0], index + done, entries + done, size)
            done += stored
            size -= stored
        stored = store_block(xa, index + done, entries + done, nodes, size, order, level)
        done += stored
        if stored < size:
            break
    return done


cdef size_t xa_store_numbers(
        xarray_t* xa, const uint64_t* index, const uint64_t* values, size_t n,
        unsigned int order) noexcept nogil:
    """The same with values below 2^63, made entries a part at a time."""
    cdef entry_t words[PART]
    cdef size_t done = 0, size, stored, k
    while done < n:
        size = PART if n - done > PART else n - done
        for k in range(size):
            words[k] = mk_value(values[done + k])
        stored = xa_store_many(xa, index + done, words, size, order)
        done += stored
        if stored < size:
            break
    return done


cdef inline size_t store_block(
        xarray_t* xa, const uint64_t* index, const entry_t* entries, xa_node** nodes, size_t n,
        unsigned int order, unsigned int level) noexcept nogil:
    cdef unsigned int slots = 1 << (order - level)
    cdef bint free_tracked = tracks_free(xa)
    cdef xa_state xas
    cdef size_t k, other
    for k in range(n):
        if nodes[k] is not NULL and not free_tracked and put_run(
                xa, nodes[k], slot_of(index[k], level, xa.mask), slots, entries[k]):
            continue
        xas_init(&xas, xa, index[k], order)
        xas_put(&xas, entries[k])
        if xas.error:
            return k
        if nodes[k] is NULL and in_node(&xas) and xas.node.shift == level:
            for other in range(k + 1, n):
                if same_node(xa, index[k], index[other], level):
                    nodes[other] = xas.node
    return n


cdef inline size_t fill_node(
        const xarray_t* xa, xa_node* node, const uint64_t* index, const entry_t* entries,
        size_t n) noexcept nogil:
    """Entries of one slot into one node, up to the first slot that holds something else; how many."""
    cdef unsigned int shift = node.shift
    cdef uint64_t mask = xa.mask
    cdef int count = 0, values = 0
    cdef entry_t changed = 0  # bit 0: a value took the place of a pointer, or a pointer a value's
    cdef entry_t* slot
    cdef size_t k = 0
    while k < n:
        slot = &node.slots[slot_of(index[k], shift, mask)]
        if is_internal(slot[0]):
            break  # a sibling, a node or a reserved slot
        count += slot[0] == NULL_ENTRY
        changed |= (slot[0] ^ entries[k]) & (slot[0] != NULL_ENTRY)
        values += <int>is_value(entries[k]) - <int>is_value(slot[0])
        slot_publish(slot, entries[k])
        k += 1
    node.count += count
    add_values(node, values)
    if changed:
        node.drifted = True  # it may have: the slot may have siblings
    return k


cdef inline bint put_run(
        xarray_t* xa, xa_node* node, uint64_t offset, unsigned int slots,
        entry_t entry) noexcept nogil:
    """Write an entry where one slot holds no more than an entry, or all its slots hold nothing."""
    cdef unsigned int k
    offset &= ~<uint64_t>(slots - 1)
    if slots == 1:
        if is_internal(node.slots[offset]):
            return False  # a sibling, a node or a reserved slot
        write_slot(node, offset, entry, node.slots[offset])
        return True
    if xa.flags:
        return False  # marks must be looked at
    for k in range(slots):
        if node.slots[offset + k] != NULL_ENTRY:
            return False
    slot_publish(&node.slots[offset], entry)
    for k in range(1, slots):
        slot_publish(&node.slots[offset + k], mk_sibling(offset))
    xa.changes += 1
    node.count += slots
    if is_value(entry):
        add_values(node, slots)
    return True


# Erasures ----------------------------------------------------------------------------------------


cdef void xa_erase_many(xarray_t* xa, const uint64_t* index, size_t n) noexcept nogil:
    """Erase the entry at each index.  O(n x height), less where they lie together."""
    cdef xa_state xas
    cdef xa_node* node
    cdef uint64_t offset = 0
    cdef size_t k = 0
    while k < n:
        if not xa.flags:  # no marks to clear
            xa_walk(xa, index[k], &node, &offset)
            if node is not NULL:
                k += empty_node(xa, node, index + k, n - k)
        if k < n:
            xas_init(&xas, xa, index[k], 0)
            xas_store(&xas, NULL_ENTRY)
            k += 1


cdef inline size_t empty_node(
        xarray_t* xa, xa_node* node, const uint64_t* index, size_t n) noexcept nogil:
    """Erase what lies in the node of the first index, except its last entries; how many indices."""
    cdef unsigned int level = node.shift
    cdef size_t k = 0
    while k < n and same_node(xa, index[k], index[0], level):
        if not erase_run(xa, node, slot_of(index[k], level, xa.mask)):
            break
        k += 1
    return k


cdef inline bint erase_run(xarray_t* xa, xa_node* node, uint64_t offset) noexcept nogil:
    """Erase the entry in a slot, unless it is a node or reserved, or the node would end up empty.

    A node that keeps two slots filled need not be looked at for being dropped, or its top.
    """
    cdef entry_t entry = node.slots[offset]
    cdef uint64_t last
    if is_sibling(entry):
        offset = to_sibling(entry)
        entry = node.slots[offset]
    if entry == NULL_ENTRY:
        return True
    last = offset
    while last < xa.mask and is_sibling(node.slots[last + 1]):
        last += 1
    if is_internal(entry) or node.count < last - offset + 3:
        return False
    xa.changes += 1
    node.count -= last - offset + 1
    if is_value(entry):
        add_values(node, -<int>(last - offset + 1))
    while offset <= last:
        slot_clear(&node.slots[offset])
        offset += 1
    return True
