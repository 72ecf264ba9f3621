"""Nodes, and the pool they come from.

A *node* is 2^chunk_shift slots with their marks; a slot's number in it is its *offset*.  Slot i
of a node with shift s stands for 2^s indices.  At the usual chunk shift of 6:

    byte 0     8      16     24      40                               552          576
         | ints | parent | array | links | slot 0 | slot 1 | ... | 63 | marks 0 1 2 |

that is 9 cache lines, as in Linux.  In a slab each takes 8192 / 14 = 585.1 bytes, since 14 fit
into two pages.  Other chunk shifts move the marks and nothing else.
"""

from libc.stdint cimport uint8_t, uint16_t, uint64_t

from pagecache.chunks cimport chunk_t
from pagecache.relaxed cimport load_word, store_word
from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.grace cimport Readers, grace_t


cdef enum:
    CHUNK_SHIFT = 6
    MARKS = 3
    NODE_HEADER = 40
    MOST_DEFERRED = 64  # nodes that are unlinked before the periods are looked at
    POISON = 0x5EADBEA7  # the value in the slots of freed nodes
    MOST_UNUSED = 67  # of the pool may lie unused in its newest huge page: a 67th, 1.5 %


cdef struct xa_node:
    uint8_t shift
    uint8_t chunk_shift
    uint16_t offset  # of the slot in `parent` that leads here
    uint16_t count  # slots that are not NULL, siblings and children included
    uint16_t nr_values  # slots that hold a value, kept by differences in one byte as Linux does
    xa_node* parent
    void* array
    xa_node* next  # the free list; with the next word, room for a list head or a deferred free
    uint64_t drifted  # in the tree: nr_values is no recount any more (store.pxd says how that comes)
    entry_t slots[64]  # 2^chunk_shift of them, then the marks


cdef struct node_pool:
    size_t node_size
    size_t nodes  # handed out and not yet back
    size_t limit  # refuse to hand out more than this
    xa_node* free
    char* fresh  # the untouched rest of the newest chunk, up to `end`
    char* end
    char* cut  # the end of the huge page whose unused rest was given back
    chunk_t* chunks
    size_t mapped  # bytes of all chunks
    size_t first_chunk  # bytes of the first; later ones double the whole
    bint whole  # keep huge pages whole, whatever they leave unused
    grace_t* grace  # NULL: nobody reads beside the writer, and nodes are free at once
    xa_node* waiting  # for the end of period `number`, up to `waiting_last`
    xa_node* waiting_last
    uint64_t number
    size_t waiting_nodes
    xa_node* unlinked  # since then: the next to wait
    xa_node* unlinked_last
    size_t deferred  # in both lists
    bint poison  # fill what is freed with values that nobody stored


cdef extern from *:
    int __builtin_ctzll(unsigned long long) noexcept nogil


cdef inline unsigned int mark_words(unsigned int slots) noexcept nogil:
    return (slots + 63) >> 6


cdef inline uint64_t* node_marks(xa_node* node, unsigned int mark) noexcept nogil:
    """The bitmap of one mark: a word for every 64 slots, one at least."""
    cdef unsigned int slots = 1 << node.chunk_shift
    if node.chunk_shift == CHUNK_SHIFT:
        return <uint64_t*>&node.slots[1 << CHUNK_SHIFT] + mark  # the usual width, without arithmetic
    return <uint64_t*>&node.slots[slots] + mark * mark_words(slots)


cdef inline bint node_get_mark(xa_node* node, unsigned int offset, unsigned int mark) noexcept nogil:
    return (load_word(node_marks(node, mark)[offset >> 6]) >> (offset & 63)) & 1


cdef inline void node_set_mark(xa_node* node, unsigned int offset, unsigned int mark) noexcept nogil:
    cdef uint64_t* word = node_marks(node, mark) + (offset >> 6)
    store_word(word[0], word[0] | <uint64_t>1 << (offset & 63))


cdef inline void node_clear_mark(xa_node* node, unsigned int offset, unsigned int mark) noexcept nogil:
    cdef uint64_t* word = node_marks(node, mark) + (offset >> 6)
    store_word(word[0], word[0] & ~(<uint64_t>1 << (offset & 63)))


cdef inline unsigned int node_next_mark(
        xa_node* node, unsigned int offset, unsigned int mark) noexcept nogil:
    """The first marked offset from `offset` on; the number of slots if there is none."""
    cdef unsigned int slots = 1 << node.chunk_shift
    cdef uint64_t* marks = node_marks(node, mark)
    cdef uint64_t word
    while offset < slots:
        word = load_word(marks[offset >> 6]) >> (offset & 63)
        if word:
            return offset + __builtin_ctzll(word)
        offset = (offset | 63) + 1
    return slots


cdef bint node_any_mark(xa_node* node, unsigned int mark) noexcept nogil

cdef int pool_init(node_pool* pool, unsigned int chunk_shift, bint huge) noexcept nogil
cdef xa_node* pool_grow(node_pool* pool) noexcept nogil
cdef void pool_defer(node_pool* pool, xa_node* node) noexcept nogil
cdef void pool_trim(node_pool* pool) noexcept nogil
cdef void pool_destroy(node_pool* pool) noexcept nogil
cdef size_t node_bytes(unsigned int chunk_shift) noexcept nogil
cdef void node_clean(xa_node* node, size_t size) noexcept nogil


cdef inline xa_node* pool_alloc(node_pool* pool) noexcept nogil:
    """A node whose slots and marks are all zero, or NULL.  O(1)."""
    cdef xa_node* node = pool.free
    if node is NULL or pool.nodes >= pool.limit:
        return pool_grow(pool)
    pool.free = node.next
    pool.nodes += 1
    if node.count:
        node_clean(node, pool.node_size)
    return node


cdef inline void pool_free(node_pool* pool, xa_node* node) noexcept nogil:
    """Take a node back, deferred until no reader can be in it if somebody reads beside the writer.

    A count above zero says that slots or marks are left, so that it is cleaned before its next use.
    """
    pool.nodes -= 1
    if pool.grace is not NULL:
        pool_defer(pool, node)
        return
    node.next = pool.free
    pool.free = node


cdef class NodePool:
    cdef node_pool pool
    cdef readonly unsigned int chunk_shift
    cdef Readers readers_
