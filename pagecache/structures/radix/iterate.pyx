"""Steps of a walk over the entries."""

from pagecache.structures.radix.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    is_internal,
    to_address,
)
from pagecache.structures.radix.node cimport MAP_SHIFT, SLOTS, ctz, root_tagged
from pagecache.structures.radix.walk cimport (
    capacity,
    descend,
    is_sibling,
    offset_of,
    slot_first,
    slot_read,
)


cdef inline unsigned int next_offset(const radix_iter* walk, unsigned int offset) noexcept nogil:
    """The first slot from `offset` on that may hold something; SLOTS if there is none."""
    cdef uint64_t bits
    if walk.tag == ANY_TAG:
        while offset < SLOTS and walk.node.slots[offset] == NULL_ENTRY:
            offset += 1
        return offset
    bits = walk.node.tags[walk.tag] >> offset if offset < SLOTS else 0
    return offset + ctz(bits) if bits else SLOTS


cdef bint enter_chunk(radix_iter* walk) noexcept nogil:
    """Walk from the root to the lowest node there is on the way to `next_chunk`; False: no more."""
    cdef uint64_t index = walk.next_chunk
    cdef entry_t entry = slot_read(&walk.root.head)
    cdef entry_t* slot = NULL
    cdef unsigned int bits
    if not is_internal(entry) or index > capacity(walk.root):
        return False
    while is_internal(entry) and entry != RETRY_ENTRY:
        walk.node = <radix_node*>to_address(entry)
        entry = descend(walk.node, index, &slot)
    walk.offset = offset_of(walk.node, slot)
    walk.index = index
    bits = walk.node.shift + MAP_SHIFT
    walk.next_chunk = 0 if bits >= 64 else ((index >> bits) + 1) << bits
    return True


cdef entry_t lone_entry(radix_iter* walk) noexcept nogil:
    """The entry in the head, for a walk that begins at index 0."""
    cdef entry_t entry = slot_read(&walk.root.head)
    walk.ended = True
    if walk.next_chunk or is_internal(entry):
        return NULL_ENTRY
    walk.index = 0
    return entry


cdef bint has_more(const radix_iter* walk) noexcept nogil:
    return not walk.ended and (walk.tag == ANY_TAG or root_tagged(walk.root, walk.tag))


cdef entry_t radix_next_slow(radix_iter* walk) noexcept nogil:
    """The same past a hole, a sibling, a child or the end of a node."""
    cdef unsigned int offset
    cdef entry_t entry
    while True:
        if walk.node is NULL:
            if not has_more(walk):
                return NULL_ENTRY
            if not enter_chunk(walk):
                return lone_entry(walk)
        offset = next_offset(walk, walk.offset)
        if offset >= SLOTS:
            walk.node = NULL
            walk.ended = walk.next_chunk == 0
            continue
        walk.offset = offset + 1
        entry = slot_read(&walk.node.slots[offset])
        if entry == NULL_ENTRY:
            continue  # a bit left behind
        if is_internal(entry):
            step_down(walk, entry, offset)
            continue
        walk.index = slot_first(walk.node, offset, walk.index)
        return entry


cdef void step_down(radix_iter* walk, entry_t entry, unsigned int offset) noexcept nogil:
    """A child begins a chunk of its own; siblings are passed over."""
    if entry == RETRY_ENTRY or is_sibling(walk.node, entry):
        return
    walk.next_chunk = slot_first(walk.node, offset, walk.index)
    walk.node = NULL


cdef size_t radix_gang_lookup(radix_root* root, uint64_t index, unsigned int tag,
                              entry_t* found, size_t most) noexcept nogil:
    """The first `most` entries from `index` on, without their indices; how many there are."""
    cdef radix_iter walk
    cdef size_t count = 0
    iter_init(&walk, root, index, tag)
    while count < most:
        found[count] = radix_next(&walk)
        if found[count] == NULL_ENTRY:
            break
        count += 1
    return count
