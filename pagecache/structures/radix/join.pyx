"""Large entries over small ones, and back."""

from libc.errno cimport EINVAL, ENOENT, ENOMEM

from pagecache.structures.pool cimport pool_alloc
from pagecache.structures.radix.create cimport fill_run, radix_create, slots_of
from pagecache.structures.radix.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    is_exceptional,
    is_internal,
    mk_internal,
    to_address,
)
from pagecache.structures.radix.node cimport (
    DRIFTED,
    MAP_SHIFT,
    SLOTS,
    TAGS,
    clear_bit,
    free_node,
    get_bit,
    new_node,
    radix_node,
    set_bit,
)
from pagecache.structures.radix.replace cimport free_below, radix_replace
from pagecache.structures.radix.walk cimport (
    descend,
    is_node,
    offset_of,
    radix_find,
    slot_publish,
)


cdef int radix_join(radix_root* root, uint64_t index, unsigned int order, entry_t entry) noexcept nogil:
    """Store one entry of `order` over all that is there; 0, -ENOMEM, or -EINVAL.

    Refused (Linux crashes): order 0 at 0 over an entry that lies in the head.
    """
    cdef radix_node* node
    cdef entry_t* slot
    cdef int failed = radix_create(root, index, order, &node, &slot)
    cdef unsigned int offset, slots
    if failed:
        return failed
    if node is NULL:
        if slot[0] != NULL_ENTRY:
            return -EINVAL
        slot_publish(slot, entry)
        return 0
    offset, slots = offset_of(node, slot), slots_of(node, order)
    root.flags |= DRIFTED
    clear_run(root, node, offset, slots)
    fill_run(node, offset, slots, entry)
    node.count += slots
    if is_exceptional(entry):
        node.exceptional += slots
    return 0


cdef void clear_run(
        radix_root* root, radix_node* node, unsigned int offset, unsigned int slots) noexcept nogil:
    """Take what lies in slots out of the counts, free what hangs below, gather the tags."""
    cdef unsigned int k, tag
    cdef entry_t old
    for k in range(offset, offset + slots):
        old = node.slots[k]
        for tag in range(<unsigned int>TAGS):
            if k > offset and get_bit(node, k, tag):
                set_bit(node, offset, tag)
                clear_bit(node, k, tag)
        node.count -= old != NULL_ENTRY
        node.exceptional -= is_exceptional(old)
        if node.shift and is_node(node, old):
            free_below(root, <radix_node*>to_address(old))


# Splitting -----------------------------------------------------------------------------------


cdef inline unsigned int run_length(const radix_node* node, unsigned int offset) noexcept nogil:
    """The slots of the entry whose canonical slot this is."""
    cdef entry_t sibling = mk_internal(&node.slots[offset])
    cdef unsigned int k = offset + 1
    while k < SLOTS and node.slots[k] == sibling:
        k += 1
    return k - offset


cdef bint have_nodes(radix_root* root, uint64_t nodes) noexcept nogil:
    """Could the pool give that many nodes?  They are allocated and freed, ready to use."""
    cdef radix_node* taken = NULL
    cdef radix_node* node
    cdef bint enough = True
    while nodes and enough:
        node = <radix_node*>pool_alloc(root.pool)
        enough = node is not NULL
        if enough:
            node.next = taken
            taken = node
        nodes -= 1
    while taken is not NULL:
        node = taken
        taken = node.next
        free_node(root, node)
    return enough


cdef void tag_like(radix_node* node, unsigned int offset, unsigned int tags) noexcept nogil:
    cdef unsigned int tag
    for tag in range(<unsigned int>TAGS):
        if tags >> tag & 1:
            set_bit(node, offset, tag)


cdef void fill_retry(radix_root* root, radix_node* node, unsigned int first, unsigned int slots,
                     unsigned int order, unsigned int tags) noexcept nogil:
    """Slots of `node` become pieces of `order`, in it or in full nodes below; `tags` on each."""
    cdef unsigned int k = first, step = slots_of(node, order)
    cdef radix_node* child
    while k < first + slots:
        if node.shift > order:
            child = new_node(root, node.shift - MAP_SHIFT)
            child.parent, child.offset, child.count = node, k, SLOTS
            fill_retry(root, child, 0, SLOTS, order, tags)
            slot_publish(&node.slots[k], mk_internal(child))
        else:
            fill_run(node, k, step, RETRY_ENTRY)
        tag_like(node, k, tags)
        k += step


cdef void fill_pieces(radix_root* root, uint64_t index, uint64_t pieces, unsigned int order,
                      entry_t entry) noexcept nogil:
    """Replace the retry word of each piece by the entry."""
    cdef uint64_t k
    cdef radix_node* node
    cdef entry_t* slot
    cdef entry_t word
    for k in range(pieces):
        node, word = NULL, root.head
        while is_internal(word) and word != RETRY_ENTRY:
            node = <radix_node*>to_address(word)
            word = descend(node, index + (k << order), &slot)
        radix_replace(root, node, slot, entry)


cdef int64_t radix_split(radix_root* root, uint64_t index, unsigned int order, entry_t entry) noexcept nogil:
    """Split the entry at `index` into pieces of `order`, each holding `entry`; how many there are.

    -ENOENT, -EINVAL if it is not of a higher order, -ENOMEM; then the tree is as before.
    """
    cdef radix_node* node
    cdef entry_t* slot
    cdef unsigned int offset, slots, tag, tags = 0, bits
    cdef uint64_t nodes
    if radix_find(root, index, &node, &slot) == NULL_ENTRY:
        return -ENOENT
    if node is NULL:
        return -EINVAL
    offset = offset_of(node, slot)
    slots = run_length(node, offset)
    bits = node.shift + bits_of(slots)
    nodes = nodes_for_split(node.shift, slots, order)
    if order >= bits:
        return -EINVAL
    if not have_nodes(root, nodes):
        return -ENOMEM
    for tag in range(<unsigned int>TAGS):
        tags |= get_bit(node, offset, tag) << tag
    root.flags |= DRIFTED
    node.exceptional -= slots
    fill_retry(root, node, offset, slots, order, tags)
    fill_pieces(root, index >> bits << bits, <uint64_t>1 << (bits - order), order, entry)
    return <int64_t>1 << (bits - order)


cdef inline unsigned int bits_of(unsigned int slots) noexcept nogil:
    cdef unsigned int bits = 0
    while slots >> (bits + 1):
        bits += 1
    return bits


cdef uint64_t nodes_for_split(unsigned int shift, unsigned int slots, unsigned int order) noexcept nogil:
    """A node for each slot on every level from below `shift` down to the level of `order`."""
    cdef uint64_t nodes = 0, level = slots
    while shift > order:
        nodes += level
        level *= SLOTS
        shift -= MAP_SHIFT
    return nodes
