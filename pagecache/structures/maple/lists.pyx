"""Lists of slots."""

from libc.string cimport memcpy, memset

from pagecache.structures.maple.node cimport FEW, PIVOTS, SLOTS, slot_last


cdef void list_take(maple_list* items, const maple_node* node, unsigned int first, unsigned int end,
                    uint64_t node_end) noexcept nogil:
    """Append slots `first` to `end` - 1 of a node whose range ends at `node_end`."""
    cdef unsigned int count = end - first if end > first else 0
    if count == 0:
        return
    memcpy(&items.slot[items.n], &node.slots[first], count * sizeof(word_t))
    memcpy(&items.last[items.n], &node.pivots[first], (count - (end == SLOTS)) * sizeof(uint64_t))
    items.n += count
    items.last[items.n - 1] = slot_last(node, end - 1, node_end)


cdef void list_put(const maple_list* items, unsigned int first, unsigned int end,
                   maple_node* node) noexcept nogil:
    """Make slots `first` to `end` - 1 of a list the content of a node."""
    cdef unsigned int count = end - first, pivots = count if count < SLOTS else PIVOTS
    memcpy(node.pivots, &items.last[first], pivots * sizeof(uint64_t))
    memset(&node.pivots[pivots], 0xFF, (PIVOTS - pivots) * sizeof(uint64_t))
    memcpy(node.slots, &items.slot[first], count * sizeof(word_t))
    if count < SLOTS:
        memset(&node.slots[count], 0, (PIVOTS - count) * sizeof(word_t))
        node.slots[SLOTS - 1] = count - 1  # the metadata


cdef void list_join(maple_list* items, const maple_list* more) noexcept nogil:
    """Append another list."""
    memcpy(&items.slot[items.n], more.slot, more.n * sizeof(word_t))
    memcpy(&items.last[items.n], more.last, more.n * sizeof(uint64_t))
    items.n += more.n


cdef unsigned int avoid_null(const maple_list* items, unsigned int cut, unsigned int end) noexcept nogil:
    """Move a cut after slot `cut` of a leaf's list so that no leaf ends in NULL."""
    if items.slot[cut]:
        return cut
    if cut < SLOTS - 1 and end - cut > FEW:
        return cut + 1
    return cut - 1
