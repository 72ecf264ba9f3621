"""The radix tree of Linux 4.19, which the page cache was indexed by when the 2018 list was made.

*Words.*  An *index* is what the user looks up, a file offset in pages; an *offset* is a slot's
number in its node.  Slot i of a node of *shift* s stands for 2^s indices.  An entry of *order* n
covers 2^n; it lies in the lowest node whose shift is at most n and above n - 6, in the *canonical*
slot and the *siblings* after it.  The *head* is the root's pointer: nothing, an entry at index 0
alone, or the top node.

*The picture.*  Index 0x1234 = 4660 = (1, 8, 52) in digits of 6 bits:

    root.head --> node shift 12 --> slot 1 --> node shift 6 --> slot 8 --> node shift 0 --> slot 52

and a DAX page of 2 MiB (order 9 = 6 + 3) at index 512 takes 2^3 slots at shift 6:

    node shift 6   slot:   8       9     10    11    12    13    14    15
                           entry  &8+1  &8+1  &8+1  &8+1  &8+1  &8+1  &8+1

The page cache itself stored order 0 only.  A huge tmpfs page was 512 insertions, each from the
root: 2 GiB of them take 8,323 nodes, where one entry of order 9 each would take 131.

*What differs from the XArray that replaced it.*  The nodes are the same, and appear and go at the
same moments.  Storing is two calls: one walks and makes nodes, another replaces what the slot
holds.  Nothing is stored over smaller entries (but by `join`), an insertion inside a larger entry
is refused, walks go forward only, and memory is taken beforehand (`preload`).

*The one rule.*  A node is reached from exactly one slot, counts its slots that are not NULL, and
is in the tree only while that count is above zero.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport NULL_ENTRY, RETRY_ENTRY, entry_t, is_internal, to_address
from pagecache.structures.radix.node cimport MAP_SHIFT, SLOTS, radix_node, radix_root


cdef extern from *:
    """
    /* A reader may run beside the one writer: slots are read once, and published whole. */
    #define pc_radix_read(slot) __atomic_load_n((slot), __ATOMIC_ACQUIRE)
    #define pc_radix_publish(slot, entry) __atomic_store_n((slot), (entry), __ATOMIC_RELEASE)
    """
    entry_t slot_read "pc_radix_read"(const entry_t* slot) noexcept nogil
    void slot_publish "pc_radix_publish"(entry_t* slot, entry_t entry) noexcept nogil


cdef inline bint is_sibling(const radix_node* node, entry_t entry) noexcept nogil:
    """Does an internal word that `node` holds point into the slots of `node`?"""
    cdef uint64_t at = entry - <entry_t>&node.slots[0]
    return at < SLOTS * sizeof(entry_t)


cdef inline unsigned int sibling_offset(const radix_node* node, entry_t entry) noexcept nogil:
    return <unsigned int>((entry - <entry_t>&node.slots[0]) >> 3)


cdef inline bint is_node(const radix_node* holder, entry_t entry) noexcept nogil:
    """Does a word, found in a slot of `holder` or (NULL) in the head, lead to a node?"""
    if not is_internal(entry) or entry == RETRY_ENTRY:
        return False
    return holder is NULL or not is_sibling(holder, entry)


cdef inline uint64_t top_index(const radix_node* node) noexcept nogil:
    """The last index that fits below a top node."""
    cdef unsigned int bits = node.shift + MAP_SHIFT
    return ~<uint64_t>0 if bits >= 64 else (<uint64_t>1 << bits) - 1


cdef inline uint64_t capacity(const radix_root* root) noexcept nogil:
    """The last index that the tree reaches as it is; 0 without a node."""
    return top_index(<radix_node*>to_address(root.head)) if is_internal(root.head) else 0


cdef inline entry_t descend(
        radix_node* parent, uint64_t index, entry_t** slot) noexcept nogil:
    """One level down: what the slot for `index` holds, a sibling followed to its canonical slot."""
    cdef entry_t* at = &parent.slots[(index >> parent.shift) & (SLOTS - 1)]
    cdef entry_t entry = slot_read(at)
    if is_internal(entry) and is_sibling(parent, entry):
        at = <entry_t*>to_address(entry)
        entry = slot_read(at)
    slot[0] = at
    return entry


cdef inline entry_t radix_find(
        radix_root* root, uint64_t index, radix_node** node, entry_t** slot) noexcept nogil:
    """The entry at `index`, and the node (NULL: the root) and slot that it lies in.  O(height).

    Beyond the tree's capacity `slot` is NULL.
    """
    cdef entry_t entry
    cdef radix_node* parent
    while True:
        entry = slot_read(&root.head)
        parent, slot[0] = NULL, &root.head
        if not is_internal(entry):
            if index:
                slot[0], entry = NULL, NULL_ENTRY
            break
        if index >> (<radix_node*>to_address(entry)).shift >= SLOTS:
            slot[0], entry = NULL, NULL_ENTRY
            break
        while is_internal(entry) and entry != RETRY_ENTRY:
            parent = <radix_node*>to_address(entry)
            entry = descend(parent, index, slot)
        if entry != RETRY_ENTRY:
            break
    node[0] = parent
    return entry


cdef inline entry_t radix_lookup(const radix_root* root, uint64_t index) noexcept nogil:
    """The entry at `index`, NULL if nothing is there.  O(height).

    `radix_find` without a slot to give: all of it stays in registers.
    """
    cdef entry_t entry = slot_read(&root.head)
    cdef radix_node* parent
    if not is_internal(entry):
        return NULL_ENTRY if index else entry
    if index >> (<radix_node*>to_address(entry)).shift >= SLOTS:
        return NULL_ENTRY
    while is_internal(entry):
        if entry == RETRY_ENTRY:
            return radix_lookup_again(root, index)
        parent = <radix_node*>to_address(entry)
        entry = slot_read(&parent.slots[(index >> parent.shift) & (SLOTS - 1)])
        if is_internal(entry) and is_sibling(parent, entry):
            entry = slot_read(<entry_t*>to_address(entry))
    return entry


cdef inline entry_t radix_lookup_again(const radix_root* root, uint64_t index) noexcept nogil:
    """After a retry word: from the root, until no slot on the way is being changed."""
    cdef radix_node* node
    cdef entry_t* slot
    return radix_find(<radix_root*>root, index, &node, &slot)


cdef inline unsigned int offset_of(const radix_node* node, const entry_t* slot) noexcept nogil:
    return <unsigned int>(slot - &node.slots[0])


cdef inline uint64_t slot_first(const radix_node* node, unsigned int offset, uint64_t within) noexcept nogil:
    """The first index of a slot, `within` being any index below the node."""
    cdef unsigned int bits = node.shift + MAP_SHIFT
    cdef uint64_t below = ~<uint64_t>0 if bits >= 64 else (<uint64_t>1 << bits) - 1
    return (within & ~below) | <uint64_t>offset << node.shift
