"""Passes over a range, a node at a time."""

from pagecache.relaxed cimport store_word
from pagecache.xarray.batch cimport PART
from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    ZERO_ENTRY,
    is_internal,
    is_node,
    is_sibling,
    to_node,
    to_number,
    to_sibling,
)
from pagecache.xarray.find cimport PRESENT, entry_first, xas_find, xas_find_marked
from pagecache.xarray.marks cimport set_flags
from pagecache.xarray.node cimport node_any_mark, node_marks, node_next_mark, xa_node
from pagecache.xarray.walk cimport (
    in_node,
    is_stale,
    node_mask,
    slot_index,
    slot_of,
    slot_read,
    xas_init,
)


# Into arrays -----------------------------------------------------------------------------------


cdef size_t xas_extract(
        xa_state* xas, uint64_t last, unsigned int filter, uint64_t* index, entry_t* entries,
        size_t limit) noexcept nogil:
    """Up to `limit` of the entries up to `last`, each with its first index; how many.

    The state goes on where it stopped.  O(height + slots passed).
    """
    cdef entry_t entry
    cdef size_t found = 0
    while found < limit:
        entry = xas_find(xas, last) if filter == PRESENT else xas_find_marked(xas, last, filter)
        if entry == NULL_ENTRY:
            break
        if entry != ZERO_ENTRY:
            index[found], entries[found] = entry_first(xas), entry
            found += 1
        if in_node(xas):
            found += rest_of_node(xas, last, filter, index + found, entries + found, limit - found)
    return found


cdef size_t xa_extract_numbers(
        xarray_t* xa, uint64_t first, uint64_t last, unsigned int filter, uint64_t* index,
        uint64_t* out, size_t limit) noexcept nogil:
    """The same from an index on, with values and addresses instead of words."""
    cdef xa_state xas
    cdef size_t found = 0, more, size, k
    xas_init(&xas, xa, first, 0)
    while found < limit:
        size = PART if limit - found > PART else limit - found
        more = xas_extract(&xas, last, filter, index + found, out + found, size)
        for k in range(found, found + more):
            out[k] = to_number(out[k], 0)
        found += more
        if more < size:
            break
    return found


cdef inline size_t rest_of_node(
        xa_state* xas, uint64_t last, unsigned int filter, uint64_t* index, entry_t* entries,
        size_t limit) noexcept nogil:
    """The entries after the one stood at, up to the next node; the state is left at the last."""
    cdef xa_node* node = xas.node
    cdef unsigned int shift = node.shift
    cdef uint64_t base = slot_index(node, 0, xas.index), offset = xas.offset + 1, end = xas.xa.mask
    cdef entry_t entry
    cdef size_t found = 0
    if (last - base) >> shift < end:
        end = (last - base) >> shift
    while offset <= end and found < limit:
        if filter != PRESENT:
            offset = node_next_mark(node, offset, filter)
            if offset > end:
                offset = end + 1
                break
        entry = slot_read(&node.slots[offset])
        if is_node(entry) or is_stale(node, offset, entry):
            break  # the next search goes on here, down or again from the head
        if entry != NULL_ENTRY and not is_internal(entry):
            index[found], entries[found] = base + (offset << shift), entry
            found += 1
        offset += 1
    xas.offset, xas.index = offset - 1, base + ((offset - 1) << shift)
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
            set_flags(xa, xa.flags & ~(<unsigned int>1 << mark) | <unsigned int>any << mark)
        return
    top = <xa_node*>to_node(xa.head)
    if first > node_mask(top):
        return
    mark_below(xa, top, first, last if last < node_mask(top) else node_mask(top), mark, on)
    any = node_any_mark(top, mark)
    set_flags(xa, xa.flags & ~(<unsigned int>1 << mark) | <unsigned int>any << mark)


cdef inline entry_t settled(const xa_node* node, uint64_t offset) noexcept nogil:
    """The word in a slot, once no split is half way there.

    The walk needs no head to begin at again: it is a writer's, so the node stays.
    """
    cdef entry_t entry = slot_read(&node.slots[offset])
    while is_stale(node, offset, entry):
        entry = slot_read(&node.slots[offset])
    return entry


cdef void mark_below(
        xarray_t* xa, xa_node* node, uint64_t first, uint64_t last, unsigned int mark,
        bint on) noexcept nogil:
    """The same below one node; `first` and `last` lie within its range."""
    cdef uint64_t from_ = slot_of(first, node.shift, xa.mask)
    cdef uint64_t to = slot_of(last, node.shift, xa.mask)
    cdef uint64_t low, high, bits
    cdef uint64_t* marks = node_marks(node, mark)
    cdef entry_t entry = settled(node, from_)
    if is_sibling(entry):
        from_ = to_sibling(entry)
    low = from_
    while low <= to:
        high = low | 63 if low | 63 < to else to
        bits = slots_to_mark(xa, node, low, high, first, last, mark, on)
        bits = marks[low >> 6] | bits if on else marks[low >> 6] & ~bits
        store_word(marks[low >> 6], bits)
        low = high + 1


cdef inline uint64_t slots_to_mark(
        xarray_t* xa, xa_node* node, uint64_t low, uint64_t high, uint64_t first, uint64_t last,
        unsigned int mark, bint on) noexcept nogil:
    """The bits of those slots from `low` to `high`, in one word of marks, that are to change.

    They are the slots in which an entry begins, and those of children after which the mark is
    right in this way; children are marked on the way.
    """
    cdef uint64_t bits = 0, offset = high
    cdef entry_t entry
    while True:
        entry = node.slots[offset]
        if is_internal(entry):
            entry = settled(node, offset)
            if is_sibling(entry):
                offset = to_sibling(entry)
                if offset < low:
                    return bits  # it begins in the word before
            elif is_node(entry) and not mark_child(xa, node, offset, first, last, mark, on):
                entry = NULL_ENTRY
        if entry != NULL_ENTRY:
            bits |= <uint64_t>1 << (offset & 63)
        if offset == low:
            return bits
        offset -= 1


cdef bint mark_child(
        xarray_t* xa, xa_node* node, uint64_t offset, uint64_t first, uint64_t last,
        unsigned int mark, bint on) noexcept nogil:
    """Go down where the range reaches; whether the child's own slot is to change likewise."""
    cdef xa_node* child = <xa_node*>to_node(node.slots[offset])
    cdef uint64_t low = slot_index(node, offset, first), high = low + node_mask(child)
    mark_below(xa, child, first if first > low else low, last if last < high else high, mark, on)
    return node_any_mark(child, mark) == on
