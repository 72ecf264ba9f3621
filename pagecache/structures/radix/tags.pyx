"""Setting, clearing and reading tags."""

from pagecache.structures.radix.entry cimport NULL_ENTRY, RETRY_ENTRY, is_internal, to_address
from pagecache.structures.radix.node cimport clear_bit, get_bit, root_tagged, set_bit
from pagecache.structures.radix.walk cimport capacity, descend, offset_of, radix_find


cdef void clear_tag_up(
        radix_root* root, radix_node* node, unsigned int offset, unsigned int tag) noexcept nogil:
    """Clear a bit and those above it that it alone kept set.  O(height)."""
    while node is not NULL:
        if not get_bit(node, offset, tag):
            return
        clear_bit(node, offset, tag)
        if node.tags[tag]:
            return
        offset, node = node.offset, node.parent
    root.flags &= ~(<unsigned int>1 << tag)


cdef entry_t radix_tag_set(radix_root* root, uint64_t index, unsigned int tag) noexcept nogil:
    """Set a tag on the entry at `index`; that entry, or NULL and nothing is changed.  O(height)."""
    cdef entry_t entry = root.head
    cdef radix_node* node
    cdef entry_t* slot
    if radix_find(root, index, &node, &slot) == NULL_ENTRY:
        return NULL_ENTRY
    while is_internal(entry):
        node = <radix_node*>to_address(entry)
        entry = descend(node, index, &slot)
        set_bit(node, offset_of(node, slot), tag)
    root.flags |= <unsigned int>1 << tag
    return entry


cdef entry_t radix_tag_clear(radix_root* root, uint64_t index, unsigned int tag) noexcept nogil:
    """Clear a tag of the entry at `index`; that entry, or NULL and nothing is changed.  O(height)."""
    cdef radix_node* node
    cdef entry_t* slot
    cdef entry_t entry = radix_find(root, index, &node, &slot)
    if entry != NULL_ENTRY:
        clear_tag_up(root, node, 0 if node is NULL else offset_of(node, slot), tag)
    return entry


cdef bint radix_tag_get(radix_root* root, uint64_t index, unsigned int tag) noexcept nogil:
    """Whether all bits on the way to `index` are set; nobody asks whether an entry is there."""
    cdef entry_t entry = root.head
    cdef radix_node* node
    cdef entry_t* slot
    if not root_tagged(root, tag) or index > capacity(root):
        return False
    while is_internal(entry) and entry != RETRY_ENTRY:
        node = <radix_node*>to_address(entry)
        entry = descend(node, index, &slot)
        if not get_bit(node, offset_of(node, slot), tag):
            return False
    return True
