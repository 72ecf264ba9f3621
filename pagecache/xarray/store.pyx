"""Storing and erasing: growing the tree, replacing slots, dropping what is left empty."""

from libc.errno cimport ENOMEM

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    ZERO_ENTRY,
    is_node,
    is_sibling,
    is_value,
    mk_node,
    mk_sibling,
    to_node,
    to_sibling,
)
from pagecache.xarray.marks cimport (
    node_fill_mark,
    set_flags,
    xa_marked,
    xas_clear_mark,
    xas_gather_marks,
    xas_init_marks,
)
from pagecache.xarray.node cimport MARKS, node_clear_mark, node_get_mark, node_set_mark, pool_alloc
from pagecache.xarray.trim cimport delete_nodes, empty_flags, free_subtree, prune, shrink
from pagecache.xarray.walk cimport (
    FREE_MARK,
    LIKE_7_1,
    TRACK_FREE,
    XAS_BOUNDS,
    XAS_RESTART,
    ZERO_BUSY,
    follow,
    in_node,
    reaches,
    set_parent,
    slot_clear,
    slot_of,
    slot_publish,
    tracks_free,
    xas_valid,
    xas_walk_called,
)


cdef void xa_init(xarray_t* xa, node_pool* pool, unsigned int chunk_shift,
                  unsigned int flags) noexcept nogil:
    """An empty array; `flags` are TRACK_FREE, and ZERO_BUSY beside it.

    It behaves as current kernels do; set `like` for an older one.
    """
    xa.head = NULL_ENTRY
    xa.changes = 0
    xa.flags = empty_flags(flags)
    xa.like = LIKE_7_1
    xa.chunk_shift = chunk_shift
    xa.mask = (<uint64_t>1 << chunk_shift) - 1
    xa.pool = pool


# Making room ---------------------------------------------------------------------------------


cdef xa_node* new_node(xarray_t* xa, unsigned int shift) noexcept nogil:
    cdef xa_node* node = pool_alloc(xa.pool)
    if node is not NULL:
        node.shift, node.chunk_shift = shift, xa.chunk_shift
        node.offset, node.count, node.nr_values, node.drifted = 0, 0, 0, False
        node.parent, node.array = NULL, xa
        if tracks_free(xa):
            node_fill_mark(node, FREE_MARK)
    return node


cdef uint64_t max_needed(const xa_state* xas) noexcept nogil:
    """The highest index the tree must reach to take the state's entry.

    One more for an entry of several indices at 0: it cannot lie in the head, so the tree needs a
    node above it.
    """
    cdef uint64_t span = (<uint64_t>(xas.sibs + 1)) << xas.shift
    cdef uint64_t last = xas.index + (span - 1)
    return last + 1 if last == span - 1 and span > 1 else last


cdef uint64_t capacity(entry_t head) noexcept nogil:
    """The highest index that fits under `head` as it is."""
    cdef const xa_node* node
    cdef unsigned int bits
    if not is_node(head):
        return 0
    node = <const xa_node*>to_node(head)
    bits = node.shift + node.chunk_shift
    return ~<uint64_t>0 if bits >= 64 else (<uint64_t>1 << bits) - 1


cdef int height_for(const xarray_t* xa, uint64_t last) noexcept nogil:
    """The shift above the top node of an empty array that is to reach `last`."""
    cdef unsigned int shift = 0
    if last == 0:
        return 0
    while (last >> shift) > xa.mask:
        shift += xa.chunk_shift
    return shift + xa.chunk_shift


cdef entry_t lone_entry(const xarray_t* xa) noexcept nogil:
    """What the tree grows over: the head, or the zero entry that stands for a taken index 0."""
    return ZERO_ENTRY if xa.head == NULL_ENTRY and xa.flags & ZERO_BUSY else xa.head


cdef bint grow_top(xarray_t* xa) noexcept nogil:
    """Put a node above the head, which moves into its slot 0 with the marks of the array."""
    cdef entry_t head = lone_entry(xa)
    cdef xa_node* below = <xa_node*>to_node(head) if is_node(head) else NULL
    cdef xa_node* node = new_node(xa, 0 if below is NULL else below.shift + xa.chunk_shift)
    cdef unsigned int mark
    if node is NULL:
        return False
    node.count, node.nr_values = 1, is_value(head)
    node.slots[0] = head
    for mark in range(<unsigned int>MARKS):
        if xa_marked(xa, mark):
            node_set_mark(node, 0, mark)
    if tracks_free(xa):
        if not xa_marked(xa, FREE_MARK):
            node_clear_mark(node, 0, FREE_MARK)
        set_flags(xa, xa.flags | 1 << FREE_MARK)
    if below is not NULL:
        set_parent(below, node)  # in slot 0, as a top node's offset says already
    xa.changes += 1
    slot_publish(&xa.head, mk_node(node))
    return True


cdef int expand(xa_state* xas) noexcept nogil:
    """Make the tree high enough; the shift above its top node, or -1 if memory ran out."""
    cdef xarray_t* xa = xas.xa
    cdef uint64_t last = max_needed(xas)
    if lone_entry(xa) == NULL_ENTRY:
        return height_for(xa, last)
    while last > capacity(xa.head):
        if not grow_top(xa):
            undo_growth(xas)
            return -1
        xas.grown += 1
    return (<xa_node*>to_node(xa.head)).shift + xa.chunk_shift if is_node(xa.head) else 0


cdef void undo_growth(xa_state* xas) noexcept nogil:
    """Memory ran out: drop what was made on the way, so that the array is as before."""
    if in_node(xas):
        prune(xas)
    shrink(xas, xas.grown)
    xas.error = ENOMEM


cdef bint add_child(xa_state* xas, entry_t* slot, unsigned int shift) noexcept nogil:
    """Put a new node into the empty slot that the state stands at."""
    cdef xa_node* node = new_node(xas.xa, shift)
    if node is NULL:
        undo_growth(xas)
        return False
    if in_node(xas):
        node.parent, node.offset = xas.node, xas.offset
        xas.node.count += 1
    xas.xa.changes += 1
    slot_publish(slot, mk_node(node))
    return True


cdef entry_t xas_create(xa_state* xas, bint allow_root) noexcept nogil:
    """Walk to the slot for the state's order, making the nodes on the way.  O(height).

    Returns what that slot holds.  If memory ran out, the state has ENOMEM and the array is as
    before.  `allow_root`: the entry may lie in the head.
    """
    cdef entry_t entry = create_once(xas, allow_root)
    while entry == RETRY_ENTRY:
        xas.node = <xa_node*>XAS_RESTART
        entry = create_once(xas, True)
    return entry


cdef inline entry_t create_once(xa_state* xas, bint allow_root) noexcept nogil:
    """`xas_create`; retry where the walk must begin again at the head."""
    cdef xarray_t* xa = xas.xa
    cdef int shift
    if xas.error:
        return NULL_ENTRY
    if in_node(xas):
        return make_way(xas, xas.node.shift, &xas.node.slots[xas.offset])
    xas.node = NULL
    if leaf_in_reach(xa.head, xas):
        shift = (<xa_node*>to_node(xa.head)).shift + xa.chunk_shift
        return make_way(xas, shift, &xa.head)
    shift = expand(xas)
    if shift == 0 and not allow_root:
        shift = xa.chunk_shift
    return make_way(xas, shift, &xa.head)


cdef inline bint leaf_in_reach(entry_t head, const xa_state* xas) noexcept nogil:
    """Is the tree high enough for a single slot of the lowest level?  The usual case, at once."""
    return is_node(head) and not xas.shift | xas.sibs and reaches(head, xas.index, xas.xa.mask)


cdef inline entry_t make_way(xa_state* xas, int shift, entry_t* slot) noexcept nogil:
    """From `slot`, which lies just above `shift`, down to the level of the state's order; or retry."""
    # A copy of `descend` that counts the shift down: to ask each node costs a store of one slot 2 %.
    cdef uint64_t index = xas.index, mask = xas.xa.mask, offset = xas.offset
    cdef int step = xas.xa.chunk_shift, wanted = xas.shift
    cdef xa_node* node = xas.node
    cdef entry_t entry = slot[0]
    while True:
        if is_sibling(entry):
            entry = follow(node, &offset, entry)
            break
        if shift <= wanted:
            break
        if is_node(entry):
            shift -= step
            node = <xa_node*>to_node(entry)
            offset = slot_of(index, shift, mask)
        elif entry == NULL_ENTRY:
            xas.node, xas.offset = node, offset
            if not add_child(xas, slot, shift - step):
                return NULL_ENTRY
            entry = slot[0]
            continue
        else:
            break  # a larger entry covers the index: it is replaced as a whole
        slot = &node.slots[offset]
        entry = slot[0]
    xas.node, xas.offset = node, offset
    return entry


# Replacing -----------------------------------------------------------------------------------


cdef entry_t xas_store(xa_state* xas, entry_t entry) noexcept nogil:
    """Store at the state's index and order; NULL erases.  O(height + slots written).

    Returns what was there: the last entry found in the range that is no sibling.
    """
    cdef entry_t old
    if entry == NULL_ENTRY:
        old = xas_walk_called(xas, xas.shift)
    else:
        old = xas_create(xas, entry != ZERO_ENTRY)
    if not xas_valid(xas):
        return old
    if not in_node(xas):
        return replace_head(xas, entry)
    if xas.shift < xas.node.shift:
        xas.sibs = 0
    if old == entry and not xas.sibs:
        return old
    if xas.sibs:
        reach_end(xas)
    elif entry != NULL_ENTRY:
        return replace_slot(xas, entry, old)
    if xas.sibs:
        if entry != NULL_ENTRY:
            keep_tail(xas)
        xas_gather_marks(xas)
    if entry != NULL_ENTRY:
        return replace_slots(xas, entry)
    xas_init_marks(xas)
    return erase_slots(xas)


cdef entry_t xas_put(xa_state* xas, entry_t entry) noexcept nogil:
    """A store by a user of the array: where free slots are tracked, this one is no longer free."""
    cdef entry_t old = xas_store(xas, entry)
    if tracks_free(xas.xa) and entry != NULL_ENTRY:
        xas_clear_mark(xas, FREE_MARK)
    return old


cdef entry_t replace_head(xa_state* xas, entry_t entry) noexcept nogil:
    """The entry lies in the head, or NULL takes the place of the whole tree."""
    cdef entry_t old = xas.xa.head
    if entry == NULL_ENTRY:
        set_flags(xas.xa, empty_flags(xas.xa.flags) | (xas.xa.flags & TRACK_FREE) >> 3)
    slot_publish(&xas.xa.head, entry)
    if is_node(old):
        free_subtree(xas.xa, <xa_node*>to_node(old))
        xas.node = <xa_node*>XAS_BOUNDS
    return old


cdef inline entry_t replace_slot(xa_state* xas, entry_t entry, entry_t old) noexcept nogil:
    """Write one slot; siblings that follow it now belong to the new entry."""
    if old != NULL_ENTRY:
        drop_below(xas, xas.node, old)
    write_slot(xas.node, xas.offset, entry, old)
    return old


cdef entry_t replace_slots(xa_state* xas, entry_t entry) noexcept nogil:
    """Write the canonical slot and its siblings; free what hung below; keep the counts.

    Each slot written changes nr_values by (is the new a value) - (was the old one), where a
    sibling counts as the entry before it.
    """
    cdef xa_node* node = xas.node
    cdef unsigned int offset = xas.offset, last = xas.offset + xas.sibs
    cdef entry_t content = entry, sibling = mk_sibling(xas.offset), old, found = NULL_ENTRY
    cdef int count = 0, values = <int>(xas.sibs + 1) * is_value(entry)
    while offset <= last:
        old = node.slots[offset]
        slot_publish(&node.slots[offset], content)
        content = sibling
        offset += 1
        if old == NULL_ENTRY:  # the usual one, at once
            found = NULL_ENTRY
            count += 1
            continue
        if not is_sibling(old):
            found = old
            drop_below(xas, node, old)
        values -= is_value(found)
    if is_value(found) != is_value(entry) and has_siblings(node, last):
        node.drifted = True  # the range lies inside a larger entry: other siblings follow
    recount(xas, count, values)
    return found


cdef entry_t erase_slots(xa_state* xas) noexcept nogil:
    """The same with NULL, which goes on over the siblings that follow: an entry vanishes whole."""
    cdef xa_node* node = xas.node
    cdef unsigned int offset = xas.offset, last = xas.offset + xas.sibs
    cdef entry_t old, found = NULL_ENTRY
    cdef int count = 0, values = 0
    while offset <= xas.xa.mask:
        old = node.slots[offset]
        if not is_sibling(old):
            if offset > last:
                break
            found = old
        slot_clear(&node.slots[offset])
        if tracks_free(xas.xa):
            node_set_mark(node, offset, FREE_MARK)
        count -= old != NULL_ENTRY
        values -= is_value(found)
        drop_below(xas, node, old)
        offset += 1
    recount(xas, count, values)
    return found


cdef inline void drop_below(xa_state* xas, xa_node* node, entry_t old) noexcept nogil:
    if node.shift and is_node(old):
        free_subtree(xas.xa, <xa_node*>to_node(old))


cdef inline void recount(xa_state* xas, int count, int values) noexcept nogil:
    cdef xa_node* node = xas.node
    xas.xa.changes += 1
    node.count += count
    add_values(node, values)
    if count < 0 and (node.count == 0 or node.parent is NULL):
        delete_nodes(xas)


cdef void reach_end(xa_state* xas) noexcept nogil:
    """A store that begins inside an entry and ends after it replaces that one and goes on."""
    cdef uint64_t wanted = slot_of(xas.index, xas.node.shift, xas.xa.mask)
    cdef uint64_t last = wanted + xas.sibs
    if xas.offset < wanted and xas.node.slots[last] != mk_sibling(xas.offset):
        xas.sibs = last - xas.offset


cdef void keep_tail(xa_state* xas) noexcept nogil:
    """Before slots are replaced: what an odd run has after them stays, as an entry of its own.

    Runs that `xa_store_range` made can begin within the slots to be replaced and end after them.
    Their siblings there would name a slot that holds something else.
    """
    cdef xa_node* node = xas.node
    cdef unsigned int first = xas.offset + xas.sibs + 1, offset = first, mark, canonical
    if first > xas.xa.mask or not is_sibling(node.slots[first]):
        return
    canonical = to_sibling(node.slots[first])
    if canonical <= xas.offset:
        return
    while offset <= xas.xa.mask and node.slots[offset] == mk_sibling(canonical):
        slot_publish(&node.slots[offset], node.slots[canonical] if offset == first else mk_sibling(first))
        offset += 1
    for mark in range(<unsigned int>MARKS):
        if node_get_mark(node, canonical, mark):
            node_set_mark(node, first, mark)
