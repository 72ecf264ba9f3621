"""A node of the maple tree, and what its words mean.

    byte 0        8                                     128                                 256
         | parent | pivot 0 | pivot 1 | ... | pivot 14  | slot 0 | slot 1 | ... | slot 15    |

256 bytes, aligned to that: 16 to a page.  A *pivot* is the last index of its slot; the last slot
ends where the node ends, which the node above knows.  Slots cover the node's range without gaps:
where nothing is stored, a slot holds NULL.  A node with fewer than 16 slots keeps the end of its
range in the pivot of its last one, all ones in those after, and in slot 15 its *metadata*: the
number of its last slot.  Slot 15 is in use exactly if pivot 14 lies below the end of the range.

    parent   of the root  the tree's address, bit 0 set
             of another   the parent's address, the slot there in bits 3-6, the parent's type in bit 1
             of a node that was taken out: its own address.  It is *dead*, and a reader that finds
             this after reading a slot starts again.
    child    the node's address, its type in bits 3-6, bit 1 set

An entry is any word whose low two bits are not 10; 10 is what tells a node from a lone entry.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t

from pagecache.structures.pool cimport pool_t

ctypedef uint64_t word_t


cdef enum:
    SLOTS = 16
    PIVOTS = 15
    FEW = 6  # a node with so few slots, or fewer, is put together with a neighbour
    LEVELS = 24  # more than 2^48 bytes of memory could fill
    NODE_SIZE = 256
    NODE_LINK = 8  # where a free node keeps the next one; the parent goes on to say that it is dead

cdef enum:
    LEAF = 1
    INNER = 2


cdef struct maple_node:
    word_t parent
    uint64_t pivots[PIVOTS]
    word_t slots[SLOTS]


cdef struct maple_tree:
    word_t root
    uint8_t height
    bint rcu  # copy what readers may be in, instead of changing it
    bint bulk  # loading: leaves may be small
    uint32_t nr_spare
    maple_node* spare  # nodes taken beforehand, for loading
    pool_t* pool


cdef extern from *:
    """
    #define pc_maple_read(slot) __atomic_load_n((slot), __ATOMIC_ACQUIRE)
    #define pc_maple_publish(slot, word) __atomic_store_n((slot), (word), __ATOMIC_RELEASE)
    """
    word_t word_read "pc_maple_read"(const word_t* word) noexcept nogil
    void word_publish "pc_maple_publish"(word_t* slot, word_t word) noexcept nogil


cdef inline word_t mk_value(uint64_t value) noexcept nogil:
    return value << 1 | 1


cdef inline bint is_value(word_t word) noexcept nogil:
    return word & 1


cdef inline uint64_t to_value(word_t word) noexcept nogil:
    return word >> 1


cdef inline bint is_internal(word_t word) noexcept nogil:
    """In the root pointer: a node.  In a leaf such words are entries like others."""
    return (word & 3) == 2


cdef inline bint is_reserved(word_t word) noexcept nogil:
    return is_internal(word) and word < 4096


cdef inline word_t mk_child(const maple_node* node, unsigned int kind) noexcept nogil:
    return <word_t><uintptr_t>node | kind << 3 | 2


cdef inline maple_node* to_node(word_t child) noexcept nogil:
    return <maple_node*><uintptr_t>(child & ~<word_t>(NODE_SIZE - 1))


cdef inline unsigned int kind_of(word_t child) noexcept nogil:
    return child >> 3 & 15


cdef inline word_t mk_parent(const maple_node* parent, unsigned int slot) noexcept nogil:
    return <word_t><uintptr_t>parent | slot << 3 | INNER


cdef inline word_t root_parent(const maple_tree* tree) noexcept nogil:
    return <word_t><uintptr_t>tree | 1


cdef inline bint is_dead(const maple_node* node) noexcept nogil:
    return word_read(&node.parent) == <word_t><uintptr_t>node


cdef inline unsigned int slot_count(const maple_node* node, uint64_t end) noexcept nogil:
    """The slots of a node whose range ends at `end`."""
    return SLOTS if node.pivots[PIVOTS - 1] < end else (node.slots[SLOTS - 1] & 15) + 1


cdef inline uint64_t slot_last(const maple_node* node, unsigned int slot, uint64_t end) noexcept nogil:
    return node.pivots[slot] if slot < PIVOTS else end


cdef inline uint64_t slot_first(const maple_node* node, unsigned int slot, uint64_t start) noexcept nogil:
    return node.pivots[slot - 1] + 1 if slot else start


cdef inline unsigned int find_slot(const maple_node* node, uint64_t index) noexcept nogil:
    """The first slot that ends at or after `index`.

    Four compares and no jump: where the search ends, no branch predictor could tell.  Pivots not
    in use are all ones, so that all fifteen ascend.
    """
    cdef unsigned int slot = (node.pivots[7] < index) << 3
    slot |= (node.pivots[slot + 3] < index) << 2
    slot |= (node.pivots[slot + 1] < index) << 1
    return slot | (node.pivots[slot] < index)
