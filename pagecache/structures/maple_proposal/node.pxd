"""The two layouts of a node of the proposal, 256 bytes each.

    byte 0        8                                      240         252     256
         | parent | 14 pivots (112)  | 15 slots (120)    | 3 x marks | count |    a range node
         | parent | its window's first index | 28 slots  | 3 x marks | count |    a dense leaf

A *range node* is the maple tree's with one slot fewer, whose place the marks take: a pivot is the
last index of its slot, and slots cover the node's range without gaps.  The last slot in use ends
where the node ends, which the node above knows; pivots from there on are all ones.

A *dense leaf* has no pivots: it holds single pages of one *window*, 28 indices that begin at a
multiple of 28.  Its range may be larger than its window; what lies outside is empty.

A mark is a bit a slot.  In an inner node it says that something below has the mark.  `count` is
the slots in use, in a dense leaf the entries.  Words are as in the maple tree: a child is the
node's address, its type in bits 3-6, bit 1 set; a node that was taken out names itself as parent.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t

from pagecache.structures.pool cimport pool_t

ctypedef uint64_t word_t


cdef enum:
    SLOTS = 15
    PIVOTS = 14
    WINDOW = 28
    WORDS = 29
    MARKS = 3
    FEW = 5  # an inner node with so few slots, or fewer, is put together with a neighbour
    LEVELS = 24
    NODE_SIZE = 256
    NODE_LINK = 8  # where a free node keeps the next one; the parent goes on to say that it is dead

cdef enum:
    LEAF = 1
    INNER = 2
    DENSE = 3


cdef struct marked_node:
    word_t parent
    word_t words[WORDS]
    uint32_t marks[MARKS]
    uint32_t count


cdef struct marked_tree:
    word_t root
    uint8_t height
    pool_t* pool


cdef extern from *:
    """
    #define pc_proposal_read(word) __atomic_load_n((word), __ATOMIC_ACQUIRE)
    #define pc_proposal_publish(at, word) __atomic_store_n((at), (word), __ATOMIC_RELEASE)
    """
    word_t word_read "pc_proposal_read"(const word_t* word) noexcept nogil
    void word_publish "pc_proposal_publish"(word_t* at, word_t word) noexcept nogil


cdef inline bint is_internal(word_t word) noexcept nogil:
    """A word that only a node's address could be: refused as an entry."""
    return (word & 3) == 2


cdef inline word_t mk_child(const marked_node* node, unsigned int kind) noexcept nogil:
    return <word_t><uintptr_t>node | kind << 3 | 2


cdef inline marked_node* to_node(word_t child) noexcept nogil:
    return <marked_node*><uintptr_t>(child & ~<word_t>(NODE_SIZE - 1))


cdef inline unsigned int kind_of(word_t child) noexcept nogil:
    return child >> 3 & 15


cdef inline word_t mk_parent(const marked_node* parent, unsigned int slot) noexcept nogil:
    return <word_t><uintptr_t>parent | slot << 3 | 2


cdef inline word_t root_parent(const marked_tree* tree) noexcept nogil:
    return <word_t><uintptr_t>tree | 1


cdef inline bint is_dead(const marked_node* node) noexcept nogil:
    return word_read(&node.parent) == <word_t><uintptr_t>node


cdef inline word_t* slots_of(marked_node* node, unsigned int kind) noexcept nogil:
    return &node.words[1] if kind == DENSE else &node.words[PIVOTS]


cdef inline uint64_t slot_last(const marked_node* node, unsigned int slot, uint64_t end) noexcept nogil:
    """The last index of a slot of a range node whose own range ends at `end`."""
    return node.words[slot] if slot + 1 < node.count else end


cdef inline uint64_t slot_first(const marked_node* node, unsigned int slot, uint64_t start) noexcept nogil:
    return node.words[slot - 1] + 1 if slot else start


cdef inline unsigned int find_slot(const marked_node* node, uint64_t index) noexcept nogil:
    """The first slot of a range node that ends at or after `index`: four compares and no jump."""
    cdef const word_t* pivots = &node.words[0]
    cdef unsigned int slot = (pivots[7] < index) << 3
    slot |= (pivots[slot + 3] < index) << 2
    slot |= (pivots[slot + 1] < index) << 1
    return slot | ((slot != PIVOTS) & (pivots[slot] < index))


cdef inline unsigned int find_place(
        const marked_node* node, unsigned int kind, uint64_t index) noexcept nogil:
    """The slot for an index; `WINDOW` or more outside a dense leaf's window."""
    if kind != DENSE:
        return find_slot(node, index)
    index -= node.words[0]
    return <unsigned int>index if index < WINDOW else <unsigned int>WINDOW


cdef inline uint32_t marks_at(const marked_node* node, unsigned int slot) noexcept nogil:
    """The marks of a slot, as bits 0 to 2."""
    return (node.marks[0] >> slot & 1) | (node.marks[1] >> slot & 1) << 1 | (node.marks[2] >> slot & 1) << 2


cdef inline uint32_t marks_below(const marked_node* node) noexcept nogil:
    """The marks that any slot has."""
    return (node.marks[0] != 0) | (node.marks[1] != 0) << 1 | (node.marks[2] != 0) << 2
