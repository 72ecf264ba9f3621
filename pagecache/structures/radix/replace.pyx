"""Replacing, deleting, shrinking, and freeing whole subtrees."""

from libc.string cimport memset

from pagecache.structures.radix.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    is_exceptional,
    is_internal,
    mk_internal,
    to_address,
)
from pagecache.structures.radix.node cimport DRIFTED, SLOTS, TAGS, free_node
from pagecache.structures.radix.preload cimport drop_spare
from pagecache.structures.radix.tags cimport clear_tag_up
from pagecache.structures.radix.walk cimport is_node, offset_of, radix_find, slot_publish


cdef inline void change_siblings(
        radix_node* node, unsigned int offset, bint erase, int exceptional) noexcept nogil:
    """The run right after a canonical slot: it counts, and vanishes, with that slot."""
    cdef entry_t sibling = mk_internal(&node.slots[offset])
    cdef unsigned int k = offset + 1
    while k < SLOTS and node.slots[k] == sibling:
        if erase:
            slot_publish(&node.slots[k], NULL_ENTRY)
            node.count -= 1
        node.exceptional += exceptional
        k += 1


cdef void radix_replace(radix_root* root, radix_node* node, entry_t* slot, entry_t entry) noexcept nogil:
    """Write `entry` (NULL: nothing) over what a walk found in `slot`.  O(slots + levels freed)."""
    cdef entry_t old = slot[0]
    cdef int exceptional = is_exceptional(entry) - is_exceptional(old)
    cdef unsigned int offset
    if node is NULL:
        slot_publish(slot, entry)
        return
    offset = offset_of(node, slot)
    change_siblings(node, offset, entry == NULL_ENTRY, exceptional)
    node.count += (entry != NULL_ENTRY) - (old != NULL_ENTRY)
    node.exceptional += exceptional
    slot_publish(slot, entry)
    test_empty(root, node)


cdef entry_t radix_delete(radix_root* root, uint64_t index) noexcept nogil:
    """Remove the whole entry that covers `index`, and its tags; that entry.  O(height + slots)."""
    cdef radix_node* node
    cdef entry_t* slot
    cdef entry_t old = radix_find(root, index, &node, &slot)
    cdef unsigned int tag
    if old == NULL_ENTRY:
        return NULL_ENTRY
    for tag in range(<unsigned int>TAGS):
        clear_tag_up(root, node, 0 if node is NULL else offset_of(node, slot), tag)
    radix_replace(root, node, slot, NULL_ENTRY)
    return old


cdef void shrink(radix_root* root) noexcept nogil:
    """While slot 0 is all that the top node has: its content becomes the head."""
    cdef radix_node* top
    cdef entry_t content
    while is_internal(root.head):
        top = <radix_node*>to_address(root.head)
        content = top.slots[0]
        if top.count != 1 or content == NULL_ENTRY:
            return
        if top.shift and not is_node(top, content):
            return  # a larger entry
        if is_internal(content):
            (<radix_node*>to_address(content)).parent = NULL
        slot_publish(&root.head, content)
        if not is_internal(content):
            slot_publish(&top.slots[0], RETRY_ENTRY)  # a reader inside starts again
        free_node(root, top)


cdef void test_empty(radix_root* root, radix_node* node) noexcept nogil:
    """Free a node that has nothing left, and its parents that this leaves empty; shrink."""
    cdef radix_node* parent
    while node.count == 0:
        parent = node.parent
        if parent is NULL:
            slot_publish(&root.head, NULL_ENTRY)
            root.flags &= DRIFTED
            free_node(root, node)
            return
        slot_publish(&parent.slots[node.offset], NULL_ENTRY)
        parent.count -= 1
        free_node(root, node)
        node = parent
    if node.parent is NULL:
        shrink(root)


cdef void free_below(radix_root* root, radix_node* node) noexcept nogil:
    """Free a node and all below it, whatever they hold.  O(nodes)."""
    cdef unsigned int k
    for k in range(<unsigned int>SLOTS):
        if node.shift and is_node(node, node.slots[k]):
            free_below(root, <radix_node*>to_address(node.slots[k]))
    memset(node.slots, 0, sizeof(node.slots))
    free_node(root, node)


cdef void radix_destroy(radix_root* root) noexcept nogil:
    """Remove everything, the preloaded nodes too.  O(nodes)."""
    if is_internal(root.head):
        free_below(root, <radix_node*>to_address(root.head))
    root.head, root.flags = NULL_ENTRY, 0
    drop_spare(root)
