"""Lists of entries, and of children."""

from libc.string cimport memset

from pagecache.structures.maple_proposal.node cimport (
    DENSE,
    LEAF,
    NODE_SIZE,
    PIVOTS,
    SLOTS,
    WINDOW,
    marks_at,
    slot_first,
    slot_last,
)


cdef void take_leaf(items_t* items, marked_node* node, unsigned int kind, uint64_t start,
                    uint64_t end) noexcept nogil:
    """Append the entries of a leaf whose range is from `start` to `end`."""
    cdef unsigned int k
    cdef uint64_t base = node.words[0]
    if kind == DENSE:
        for k in range(WINDOW):
            if node.words[1 + k]:
                add_item(items, base + k, base + k, node.words[1 + k], marks_at(node, k))
        return
    for k in range(node.count):
        if node.words[PIVOTS + k]:
            add_item(items, slot_first(node, k, start), slot_last(node, k, end),
                     node.words[PIVOTS + k], marks_at(node, k))


cdef void take_children(items_t* items, marked_node* node, unsigned int first, unsigned int end,
                        uint64_t node_end) noexcept nogil:
    """Append slots `first` to `end` - 1 of an inner node."""
    cdef unsigned int k
    for k in range(first, end):
        add_item(items, 0, slot_last(node, k, node_end), node.words[PIVOTS + k], marks_at(node, k))


cdef inline void put_slot(
        marked_node* node, unsigned int slot, uint64_t last, word_t word, uint32_t marks) noexcept nogil:
    """A slot of a range node; the pivot of the last one is written over by `close_node`."""
    cdef unsigned int mark
    if slot < PIVOTS:
        node.words[slot] = last
    node.words[PIVOTS + slot] = word
    for mark in range(3):
        node.marks[mark] |= (marks >> mark & 1) << slot


cdef inline void close_node(marked_node* node, unsigned int count) noexcept nogil:
    """The last slot in use ends where the node ends, and so do those behind it."""
    node.count = count
    memset(&node.words[count - 1], 0xFF, (PIVOTS + 1 - count) * sizeof(word_t))


cdef void put_children(
        const items_t* items, unsigned int first, unsigned int end, marked_node* node) noexcept nogil:
    """Make children `first` to `end` - 1 of a list those of a new inner node."""
    cdef unsigned int k
    memset(node, 0, NODE_SIZE)
    for k in range(first, end):
        put_slot(node, k - first, items.at[k].last, items.at[k].word, items.at[k].marks)
    close_node(node, end - first)


# How many leaves a list takes ---------------------------------------------------------------


cdef inline uint64_t window_of(uint64_t index) noexcept nogil:
    return index // WINDOW


cdef inline bint is_single(const item_t* item) noexcept nogil:
    return item.first == item.last


cdef unsigned int group_end(const items_t* items, unsigned int first) noexcept nogil:
    """The end of the group that begins with an item."""
    cdef unsigned int k = first + 1
    if not is_single(&items.at[first]):
        return k
    while k < items.n and is_single(&items.at[k]) and (
            window_of(items.at[k].first) == window_of(items.at[first].first)):
        k += 1
    return k


cdef inline bint is_group(const items_t* items, unsigned int first, unsigned int end) noexcept nogil:
    """Are these single pages of one window, all of them?"""
    return is_single(&items.at[first]) and group_end(items, first) >= end


cdef uint64_t part_last(const items_t* items, unsigned int end, uint64_t last) noexcept nogil:
    """Where the range of a leaf ends whose last item is before `end`; `last` is the list's."""
    cdef const item_t* item = &items.at[end - 1]
    cdef uint64_t rest = WINDOW - 1 - item.first % WINDOW, room
    if end == items.n:
        return last
    if not is_single(item):
        return item.last
    room = items.at[end].first - 1 - item.last
    return item.last + (rest if rest < room else room)


cdef bint fits(const items_t* items, unsigned int first, unsigned int end, uint64_t start,
               uint64_t last) noexcept nogil:
    """Does one leaf of the range from `start` to `last` hold these items?"""
    cdef unsigned int k, slots = end - first
    if is_group(items, first, end):
        return True
    for k in range(first, end):
        slots += items.at[k].first != start
        start = items.at[k].last + 1
    return slots + (items.at[end - 1].last != last) <= SLOTS


cdef unsigned int longest(
        const items_t* items, unsigned int first, uint64_t start, uint64_t last) noexcept nogil:
    """The end of the longest part that begins with an item and fits."""
    cdef unsigned int end = group_end(items, first), further
    while end < items.n:
        further = group_end(items, end)
        if not fits(items, first, further, start, part_last(items, further, last)):
            break
        end = further
    return end


cdef void even_out(const items_t* items, uint64_t start, uint64_t end, part_t* parts) noexcept nogil:
    """Move the cut between two parts towards the middle, from group to group, as far as it fits."""
    cdef unsigned int cut = group_end(items, 0)
    cdef uint64_t last
    while cut < parts[0].end:
        last = part_last(items, cut, end)
        if 2 * cut >= items.n and fits(items, cut, items.n, last + 1, end):
            parts[0].end, parts[0].last = cut, last
            return
        cut = group_end(items, cut)


cdef unsigned int pack(
        const items_t* items, uint64_t start, uint64_t end, part_t* parts, bint evenly) noexcept nogil:
    """Lay a list into leaves that cover the range from `start` to `end`; how many."""
    cdef unsigned int count = 0, first = 0
    cdef uint64_t from_ = start
    while first < items.n and count < MOST_PARTS:
        parts[count].end = longest(items, first, from_, end)
        parts[count].last = part_last(items, parts[count].end, end)
        first, from_ = parts[count].end, parts[count].last + 1
        count += 1
    if evenly and count == 2 and not is_group(items, 0, parts[0].end):
        even_out(items, start, end, parts)
    return count


cdef unsigned int put_leaf(const items_t* items, unsigned int first, unsigned int end,
                           uint64_t start, uint64_t last, marked_node* node) noexcept nogil:
    """Make items `first` to `end` - 1 a new leaf of the range from `start` to `last`; its kind."""
    cdef unsigned int k, slot = 0, mark
    cdef const item_t* item
    memset(node, 0, NODE_SIZE)
    if is_group(items, first, end):
        node.words[0] = window_of(items.at[first].first) * WINDOW
        for k in range(first, end):
            slot = <unsigned int>(items.at[k].first - node.words[0])
            node.words[1 + slot] = items.at[k].word
            for mark in range(3):
                node.marks[mark] |= (items.at[k].marks >> mark & 1) << slot
        node.count = end - first
        return DENSE
    for k in range(first, end):
        item = &items.at[k]
        if item.first != start:
            put_slot(node, slot, item.first - 1, 0, 0)
            slot += 1
        put_slot(node, slot, item.last, item.word, item.marks)
        slot, start = slot + 1, item.last + 1
    if items.at[end - 1].last != last:
        put_slot(node, slot, last, 0, 0)
        slot += 1
    close_node(node, slot)
    return LEAF


# Changes of a list --------------------------------------------------------------------------


cdef void put_in_order(items_t* items, uint64_t first, uint64_t last, word_t word) noexcept nogil:
    """Put an entry between those before it and those after it."""
    cdef unsigned int k = items.n
    while k and items.at[k - 1].first > first:
        items.at[k] = items.at[k - 1]
        k -= 1
    items.at[k].first, items.at[k].last, items.at[k].word, items.at[k].marks = first, last, word, 0
    items.n += 1


cdef void drop_item(items_t* items, uint64_t index) noexcept nogil:
    """Take out the entry that covers an index."""
    cdef unsigned int k, kept = 0
    for k in range(items.n):
        if not items.at[k].first <= index <= items.at[k].last:
            items.at[kept] = items.at[k]
            kept += 1
    items.n = kept
