"""Making the way to a slot, and the insertion."""

from libc.errno cimport EEXIST, EINVAL, ENOMEM

from pagecache.structures.radix.entry cimport (
    NULL_ENTRY,
    is_exceptional,
    is_internal,
    mk_internal,
    to_address,
)
from pagecache.structures.radix.node cimport (
    MAP_SHIFT,
    SLOTS,
    TAGS,
    free_node,
    new_node,
    root_tagged,
    set_bit,
)
from pagecache.structures.radix.walk cimport (
    capacity,
    descend,
    offset_of,
    slot_publish,
)


cdef uint64_t last_needed(uint64_t index, unsigned int order) noexcept nogil:
    """The index that the tree must reach; one more for a large entry at 0, which needs a node."""
    cdef uint64_t last = index + ((<uint64_t>1 << order) - 1)
    return last + 1 if order and index == 0 else last


cdef bint stack_node(radix_root* root) noexcept nogil:
    """Put a node on top; the old head moves into its slot 0, and the root's tags with it."""
    cdef entry_t head = root.head
    cdef radix_node* below = <radix_node*>to_address(head) if is_internal(head) else NULL
    cdef radix_node* node = new_node(root, 0 if below is NULL else below.shift + MAP_SHIFT)
    cdef unsigned int tag
    if node is NULL:
        return False
    for tag in range(<unsigned int>TAGS):
        if root_tagged(root, tag):
            set_bit(node, 0, tag)
    node.slots[0], node.count, node.exceptional = head, 1, is_exceptional(head)
    if below is not NULL:
        below.parent = node
    slot_publish(&root.head, mk_internal(node))
    return True


cdef int grow(radix_root* root, uint64_t last, unsigned int* grown) noexcept nogil:
    """Make the tree reach `last`; the level of the head's slot then, or -1 if memory ran out."""
    cdef unsigned int shift = 0
    if root.head == NULL_ENTRY:
        while last >> shift >= SLOTS:
            shift += MAP_SHIFT
        return shift + MAP_SHIFT
    while not is_internal(root.head) or last > capacity(root):
        if not stack_node(root):
            return -1
        grown[0] += 1
    return (<radix_node*>to_address(root.head)).shift + MAP_SHIFT


cdef void undo(radix_root* root, radix_node* node, unsigned int grown) noexcept nogil:
    """Memory ran out: take away what was made, so that the tree is as before."""
    cdef radix_node* above
    while node is not NULL and node.count == 0:
        above = node.parent
        if above is NULL:
            slot_publish(&root.head, NULL_ENTRY)
        else:
            slot_publish(&above.slots[node.offset], NULL_ENTRY)
            above.count -= 1
        free_node(root, node)
        node = above
    while grown:
        node = <radix_node*>to_address(root.head)
        if is_internal(node.slots[0]):
            (<radix_node*>to_address(node.slots[0])).parent = NULL
        slot_publish(&root.head, node.slots[0])
        free_node(root, node)
        grown -= 1


cdef inline radix_node* add_child(
        radix_root* root, radix_node* holder, entry_t* slot, unsigned int shift) noexcept nogil:
    """A new node in an empty slot of `holder`, or (NULL) as the head."""
    cdef radix_node* child = new_node(root, shift)
    if child is NULL:
        return NULL
    if holder is not NULL:
        child.parent, child.offset = holder, offset_of(holder, slot)
        holder.count += 1
    slot_publish(slot, mk_internal(child))
    return child


cdef int radix_create(radix_root* root, uint64_t index, unsigned int order,
                      radix_node** node, entry_t** slot) noexcept nogil:
    """Walk to the slot for an entry of `order`, making what is missing.  O(height).

    0, or -ENOMEM with the tree as before.  The slot may lie higher, and hold an entry that covers
    the index already.
    """
    cdef uint64_t last = last_needed(index, order)
    cdef radix_node* holder = NULL
    cdef radix_node* child
    cdef entry_t* at = &root.head
    cdef entry_t entry
    cdef unsigned int grown = 0
    cdef int level = 0
    if last > capacity(root):
        level = grow(root, last, &grown)
        if level < 0:
            undo(root, NULL, grown)
            return -ENOMEM
    elif is_internal(root.head):
        level = (<radix_node*>to_address(root.head)).shift + MAP_SHIFT
    entry = root.head
    while level > <int>order:
        level -= MAP_SHIFT
        if entry == NULL_ENTRY:
            child = add_child(root, holder, at, level)
            if child is NULL:
                undo(root, holder, grown)
                return -ENOMEM
        elif not is_internal(entry):
            break
        else:
            child = <radix_node*>to_address(entry)
        holder = child
        entry = descend(child, index, &at)
    node[0], slot[0] = holder, at
    return 0


cdef unsigned int slots_of(const radix_node* node, unsigned int order) noexcept nogil:
    """The slots of `node` that an entry of `order` takes; one if the walk stopped above its level."""
    return 1 << (order - node.shift) if order > node.shift else 1


cdef void fill_run(radix_node* node, unsigned int offset, unsigned int slots, entry_t entry) noexcept nogil:
    """One entry: the canonical slot, then its siblings."""
    cdef entry_t sibling = mk_internal(&node.slots[offset])
    cdef unsigned int k
    slot_publish(&node.slots[offset], entry)
    for k in range(offset + 1, offset + slots):
        slot_publish(&node.slots[k], sibling)


cdef inline int test_run(radix_node* node, unsigned int offset, unsigned int slots) noexcept nogil:
    """Is there room for an entry in these slots?  Tags left behind by a replacement refuse it."""
    cdef unsigned int k
    for k in range(offset, offset + slots):
        if node.slots[k] != NULL_ENTRY:
            return -EEXIST
    if (node.tags[0] | node.tags[1] | node.tags[2]) >> offset & 1:
        return -EINVAL
    return 0


cdef inline int insert_page(radix_node* node, unsigned int offset, entry_t entry) noexcept nogil:
    """One slot: what the page cache does, and nothing else."""
    if node.slots[offset] != NULL_ENTRY:
        return -EEXIST
    if (node.tags[0] | node.tags[1] | node.tags[2]) >> offset & 1:
        return -EINVAL
    node.count += 1
    node.exceptional += is_exceptional(entry)
    slot_publish(&node.slots[offset], entry)
    return 0


cdef int radix_insert(radix_root* root, uint64_t index, unsigned int order, entry_t entry) noexcept nogil:
    """Store where nothing is; 0, -EEXIST, -ENOMEM, or -EINVAL over tags left behind.

    `index` is a multiple of 2^order.  O(height + slots).
    """
    cdef radix_node* node
    cdef entry_t* slot
    cdef unsigned int slots, offset
    cdef int failed = radix_create(root, index, order, &node, &slot)
    if failed:
        return failed
    if node is NULL:
        if slot[0] != NULL_ENTRY:
            return -EEXIST
        if root.flags & 7:
            return -EINVAL
        slot_publish(slot, entry)
        return 0
    offset = offset_of(node, slot)
    if order == 0:
        return insert_page(node, offset, entry)
    slots = slots_of(node, order)
    failed = test_run(node, offset, slots)
    if failed:
        return failed
    fill_run(node, offset, slots, entry)
    node.count += slots
    if is_exceptional(entry):
        node.exceptional += slots
    return 0
