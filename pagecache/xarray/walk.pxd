"""The XArray: a tree of 64-slot nodes that grows and shrinks with what it holds.

*Words.*  An *index* is what the user looks up: a file offset in pages.  An *offset* is a slot's
number within one node.  A node's *shift* says how many bits of the index lie below it: slot i of
a node with shift s stands for 2^s indices.  An entry of *order* n covers 2^n of them.  The
*canonical* slot of an entry that takes several is the first; the others are its *siblings*.
The *head* is the root: nothing, a lone entry at index 0, or the top node.

*The picture.*  Index 0x1234 = 4660 = (1, 8, 52) in digits of 6 bits:

    head --> node shift 12   slot 1   = 4660 >> 12        4096 .. 8191
                 |
                 v
             node shift 6    slot 8   = (4660 >> 6) & 63  4608 .. 4671
                 |
                 v
             node shift 0    slot 52  = 4660 & 63         the entry

A 2 MiB page (order 9) at index 512 needs no leaf.  9 = 6 + 3, so it lies at shift 6 and takes
2^3 slots there: the canonical one and seven siblings, which send any lookup back to it:

    node shift 6   slot:   8      9    10   11   12   13   14   15
                           entry  s8   s8   s8   s8   s8   s8   s8

Which function does which step:

    slot_of       which slot of a node stands for an index
    follow        from a sibling to the entry it belongs to
    descend       both, level by level, until an entry is met: the one walk that all others are
    xa_walk       that from the head, and again if a node was freed or split under the reader
    xa_load       that for the entry alone: the lookup
    xas_load      that with a state: from where it stands, and there it stands afterwards

Storing, marks and searching are built on these (store.pyx, marks.pyx, find.pyx).

*The one rule.*  A node is reached from exactly one slot, its count is that of its slots which are
not NULL, and it is in the tree only while that count is above zero, or until something comes to
lie in it after it was made beforehand (`xas_create_range`).
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    ZERO_ENTRY,
    entry_t,
    is_internal,
    is_node,
    is_sibling,
    to_node,
    to_sibling,
)
from pagecache.xarray.node cimport MARKS, node_pool, xa_node


cdef extern from *:
    """
    /* Readers may run beside the one writer: slots are read once, and published whole.  The names
       are those of models/orders.toml. */
    #define pc_slot_load(slot) __atomic_load_n((slot), __ATOMIC_ACQUIRE)
    #define pc_slot_reload(slot) __atomic_load_n((slot), __ATOMIC_ACQUIRE)
    #define pc_slot_store(slot, entry) __atomic_store_n((slot), (entry), __ATOMIC_RELEASE)
    #define pc_slot_clear(slot) __atomic_store_n((slot), 0, __ATOMIC_RELAXED)
    #define pc_parent_load(node) __atomic_load_n(&(node)->parent, __ATOMIC_ACQUIRE)
    #define pc_parent_store(node, up) __atomic_store_n(&(node)->parent, (up), __ATOMIC_RELEASE)
    """
    entry_t slot_read "pc_slot_load"(const entry_t* slot) noexcept nogil
    entry_t slot_reload "pc_slot_reload"(const entry_t* slot) noexcept nogil
    void slot_publish "pc_slot_store"(entry_t* slot, entry_t entry) noexcept nogil
    void slot_clear "pc_slot_clear"(entry_t* slot) noexcept nogil  # NULL, by a writer who then drops
    xa_node* parent_of "pc_parent_load"(const xa_node* node) noexcept nogil
    void set_parent "pc_parent_store"(xa_node* node, xa_node* above) noexcept nogil


# Flags of an array, above the bits that say which marks some entry carries.
cdef enum:
    FREE_MARK = 0  # in an array that tracks free slots, mark 0 says: free, or some slot below is
    TRACK_FREE = 8
    ZERO_BUSY = 16  # index 0 counts as taken
    WRAPPED = 32  # the last cyclic allocation ended at the highest ID
    CREATED = 64  # nodes were made beforehand, and some may be empty


# Whose behaviour an array has where kernels differ, by the first version that has it: marks of
# pieces since 6.10 (split.pyx), pauses inside a slot since 6.14 (find.pyx).
cdef enum:
    LIKE_5_17
    LIKE_6_10
    LIKE_6_14
    LIKE_7_1


cdef struct xarray_t:
    entry_t head
    uint32_t flags  # bit k: some entry carries mark k
    uint8_t chunk_shift
    uint8_t like
    uint64_t mask  # slots of a node - 1
    uint64_t changes  # of what slots mean (below): a state from before may stand in the wrong one
    node_pool* pool


# Where a state stands if it is not in a node (NULL: at the head).
cdef enum:
    XAS_BOUNDS = 1  # ran off the tree: nothing is stored at `index`
    XAS_RESTART = 3  # not walked yet


cdef struct xa_state:
    xarray_t* xa
    uint64_t index
    uint8_t shift  # of the level that an entry of the state's order lies at
    uint8_t grown  # levels that a store has put on top of the tree, to be undone if it fails
    uint16_t sibs  # siblings of such an entry
    uint16_t offset
    xa_node* node
    int error  # an errno, or 0; operations do nothing while it is set


# The one descent -----------------------------------------------------------------------------


cdef inline uint64_t slot_of(uint64_t index, unsigned int shift, uint64_t mask) noexcept nogil:
    """The offset at which a node of `shift` has the slot for `index`."""
    return (index >> shift) & mask


cdef inline bint reaches(entry_t head, uint64_t index, uint64_t mask) noexcept nogil:
    """Does the tree under this head have a slot for `index`?"""
    if is_node(head):
        return index >> (<const xa_node*>to_node(head)).shift <= mask
    return index == 0


cdef inline entry_t follow(const xa_node* node, uint64_t* offset, entry_t sibling) noexcept nogil:
    """The entry that a sibling belongs to; `offset` becomes that of its slot.

    Retry if no entry is there: after the sibling was read, a writer split the entry, and the slot
    now leads to the node of its first piece, or stored a larger one, and the slot is a sibling too.
    The piece for this index lies elsewhere, and the head alone leads there.  A smaller entry that
    came between is not noticed here: as in Linux, only who looks again (`still_there`) sees that.
    """
    cdef entry_t entry
    offset[0] = to_sibling(sibling)
    entry = slot_read(&node.slots[offset[0]])
    return RETRY_ENTRY if is_internal(entry) and entry != ZERO_ENTRY else entry


cdef inline entry_t descend(
        entry_t entry, xa_node** node, uint64_t* offset, uint64_t index, uint64_t mask,
        unsigned int level) noexcept nogil:
    """From `entry`, the word in a slot of `node` or in the head, down to what lies at `index`.

    No deeper than nodes of shift `level`.  Retry where a walk must begin again at the head.
    Inlined, so that all of it stays in registers.
    """
    while is_internal(entry):
        if is_node(entry):
            if (<xa_node*>to_node(entry)).shift < level:
                break
            node[0] = <xa_node*>to_node(entry)
            offset[0] = slot_of(index, node[0].shift, mask)
            entry = slot_read(&node[0].slots[offset[0]])
        elif is_sibling(entry):
            return follow(node[0], offset, entry)
        else:
            break  # reserved, or retry: the node was freed under the reader
    return entry


cdef inline entry_t xa_walk_once(
        const xarray_t* xa, uint64_t index, xa_node** node, uint64_t* offset) noexcept nogil:
    """From the head to the entry for `index`, and the canonical slot it lies in.  O(height).

    `node` is NULL where the walk ends in the head.  Retry: walk again.
    """
    cdef entry_t head = slot_read(&xa.head)
    node[0] = NULL
    if not reaches(head, index, xa.mask):
        return NULL_ENTRY
    return descend(head, node, offset, index, xa.mask, 0)


cdef inline entry_t xa_walk(
        const xarray_t* xa, uint64_t index, xa_node** node, uint64_t* offset) noexcept nogil:
    """`xa_walk_once` until that is no retry."""
    cdef entry_t entry = xa_walk_once(xa, index, node, offset)
    while entry == RETRY_ENTRY:
        entry = xa_walk_once(xa, index, node, offset)
    return entry


cdef inline entry_t xa_load(const xarray_t* xa, uint64_t index) noexcept nogil:
    """The entry at `index`, NULL if there is none or it is reserved.  O(height)."""
    cdef xa_node* node
    cdef uint64_t offset = 0
    cdef entry_t entry
    while True:
        entry = xa_walk_once(xa, index, &node, &offset)
        if not is_internal(entry):
            return entry
        if entry != RETRY_ENTRY:
            return NULL_ENTRY


cdef struct seen_t:
    const entry_t* own  # the index's own slot
    entry_t word  # what it said
    const entry_t* slot  # where the entry lay: the same, or the canonical slot


cdef inline entry_t xa_find_slot(const xarray_t* xa, uint64_t index, seen_t* seen) noexcept nogil:
    """`xa_walk_once`, with all that it rests on, for readers that will look again.

    A copy of `descend`: to bring the own slot out of it takes 2 % more instructions in a store.
    """
    cdef entry_t entry = slot_read(&xa.head)
    cdef uint64_t mask = xa.mask
    cdef const xa_node* node = NULL
    if not is_node(entry):
        seen.own, seen.word, seen.slot = &xa.head, entry, &xa.head
        return entry if index == 0 else NULL_ENTRY
    if not reaches(entry, index, mask):
        return NULL_ENTRY
    while is_node(entry):
        node = <const xa_node*>to_node(entry)
        seen.own = &node.slots[slot_of(index, node.shift, mask)]
        entry = slot_read(seen.own)
    seen.word, seen.slot = entry, seen.own
    if not is_sibling(entry):
        return entry
    seen.slot = &node.slots[to_sibling(entry)]
    entry = slot_read(seen.slot)
    return RETRY_ENTRY if is_internal(entry) and entry != ZERO_ENTRY else entry


cdef inline bint still_there(const seen_t* seen, entry_t entry) noexcept nogil:
    """Would a walk find the same again?  Asked by who took a reference meanwhile.  O(1).

    The own slot too: of an entry that was split within its node the canonical slot says the same as
    before, and its siblings do not.
    """
    return slot_reload(seen.own) == seen.word and slot_reload(seen.slot) == entry


cdef inline xa_node* xa_node_at(const xarray_t* xa, uint64_t index, unsigned int level) noexcept nogil:
    """The node of shift `level` that has a slot for `index`; NULL if there is none.  O(height).

    Siblings are not followed: they lead to no node of a level below.
    """
    cdef entry_t entry = slot_read(&xa.head)
    cdef uint64_t mask = xa.mask
    cdef xa_node* node
    if not reaches(entry, index, mask):
        return NULL
    while is_node(entry):
        node = <xa_node*>to_node(entry)
        if node.shift <= level:
            return node if node.shift == level else NULL
        entry = slot_read(&node.slots[slot_of(index, node.shift, mask)])
    return NULL


# The same with a state -----------------------------------------------------------------------


cdef entry_t xas_walk_again(xa_state* xas, unsigned int level) noexcept nogil
cdef entry_t xas_walk_called(xa_state* xas, unsigned int level) noexcept nogil


cdef inline void xas_init(xa_state* xas, xarray_t* xa, uint64_t index, unsigned int order) noexcept nogil:
    """A state for the entry of `order` that covers `index`."""
    cdef unsigned int rest = order
    if order >= xa.chunk_shift:
        rest = order % xa.chunk_shift  # a division: not for the many entries that need none
    xas.xa = xa
    xas.shift = order - rest
    xas.sibs = (1 << rest) - 1
    xas.index = index >> order << order if order < 64 else 0
    xas.offset = 0
    xas.grown = 0
    xas.node = <xa_node*>XAS_RESTART
    xas.error = 0


cdef inline bint tracks_free(const xarray_t* xa) noexcept nogil:
    return (xa.flags & TRACK_FREE) != 0


cdef inline bint marks_siblings(const xarray_t* xa) noexcept nogil:
    """May siblings, and slots that siblings left empty, carry marks?  Splits set them before 6.10."""
    return xa.like < LIKE_6_10


cdef inline bint in_node(const xa_state* xas) noexcept nogil:
    """Does the state stand at a slot of a node?"""
    return <uintptr_t>xas.node > XAS_RESTART


cdef inline bint xas_valid(const xa_state* xas) noexcept nogil:
    """Does the state stand at an entry, in a node or in the head?"""
    return not <uintptr_t>xas.node & 3 and not xas.error


cdef inline bint at_bounds(const xa_state* xas) noexcept nogil:
    return <uintptr_t>xas.node == XAS_BOUNDS


cdef inline bint at_restart(const xa_state* xas) noexcept nogil:
    return <uintptr_t>xas.node == XAS_RESTART


cdef inline entry_t xas_bounds(xa_state* xas) noexcept nogil:
    xas.node = <xa_node*>XAS_BOUNDS
    return NULL_ENTRY


cdef inline entry_t xas_start(xa_state* xas) noexcept nogil:
    """The entry that the walk begins with: the head's, or the one stood at."""
    cdef entry_t entry
    if in_node(xas):
        return slot_read(&xas.node.slots[xas.offset])
    entry = slot_read(&xas.xa.head)
    if not reaches(entry, xas.index, xas.xa.mask):
        return xas_bounds(xas)
    xas.node = NULL
    return entry


cdef inline entry_t xas_walk_once(xa_state* xas, unsigned int level) noexcept nogil:
    """From the slot stood at, or from the head, down to the entry for the state's index.

    No deeper than nodes of shift `level`.  Retry: walk again, from the head.
    """
    cdef entry_t entry
    cdef xa_node* node
    cdef uint64_t offset
    if xas.error:
        return NULL_ENTRY
    entry = xas_start(xas)
    node, offset = xas.node, xas.offset
    entry = descend(entry, &node, &offset, xas.index, xas.xa.mask, level)
    xas.node, xas.offset = node, offset
    return entry


cdef inline entry_t xas_walk(xa_state* xas, unsigned int level) noexcept nogil:
    """`xas_walk_once` until that is no retry.  O(height)."""
    cdef entry_t entry = xas_walk_once(xas, level)
    if is_internal(entry) and entry == RETRY_ENTRY:
        return xas_walk_again(xas, level)
    return entry


cdef inline entry_t xas_load(xa_state* xas) noexcept nogil:
    """Walk to the entry for the state's index, no deeper than its order.  O(height)."""
    return xas_walk(xas, xas.shift)


cdef inline entry_t xas_reload(xa_state* xas) noexcept nogil:
    """Walk from the head, wherever the state stands, down to the entry."""
    xas.node = <xa_node*>XAS_RESTART
    return xas_walk(xas, 0)


cdef inline bint xas_still_there(const xa_state* xas, entry_t entry) noexcept nogil:
    """Does the slot stood at say what it said?  Asked by who took a reference meanwhile.  O(1)."""
    return entry == slot_reload(&xas.node.slots[xas.offset] if in_node(xas) else &xas.xa.head)


cdef inline bint is_stale(const xa_node* node, uint64_t offset, entry_t entry) noexcept nogil:
    """Does this word from a slot of `node` say that a walk must begin again at the head?

    For those that go from slot to slot: they meet siblings without having passed their entry.
    """
    if is_sibling(entry):
        return follow(node, &offset, entry) == RETRY_ENTRY
    return entry == RETRY_ENTRY


cdef inline uint64_t node_mask(const xa_node* node) noexcept nogil:
    """The bits of an index that lie below the top of `node`'s range."""
    cdef unsigned int bits = node.shift + node.chunk_shift
    return ~<uint64_t>0 if bits >= 64 else (<uint64_t>1 << bits) - 1


cdef inline uint64_t slot_index(const xa_node* node, uint64_t offset, uint64_t within) noexcept nogil:
    """The first index of a slot, `within` being any index under the node."""
    return (within & ~node_mask(node)) | (offset << node.shift)


cdef inline entry_t xas_seek(xa_state* xas, uint64_t index) noexcept nogil:
    """Move to `index` and load there: from the node stood in if that reaches it, else from the head."""
    cdef uint64_t before = xas.index
    xas.index = index
    if not in_node(xas) or (before ^ index) & ~node_mask(xas.node):
        return xas_reload(xas)
    xas.offset = slot_of(index, xas.node.shift, xas.xa.mask)
    return xas_walk(xas, 0)
