"""The blocks of a memory: what lies where, the lists of the free ones, splitting and merging.

A *frame* is a page of simulated memory, `pfn` its number.  A *block* of order k is 2^k frames at a
multiple of 2^k; its first frame is its *head*.  The *buddy* of a block is the block beside it with
which it makes one of the next order: pfn XOR 2^k.  A *pageblock* (order 9) has a *migrate type*,
that of the blocks it is meant to hold; free blocks are listed by order and by that type.

One byte a frame says what lies there:

    bits  7 6 | 5 4  | 3..0
          00                  no head: inside a block whose head is further down
          01  |      | order  head of a free block
          10  | type | order  head of a block in use: 0 unmovable, 1 movable, 2 reclaimable,
                              3 *filler*: movable, and nobody holds its number
          11                  a frame of the cache in front (pcp.pxd): neither listed nor in use

16 frames, all free but 4 and 5 (order 1, movable), where the largest order is 3:

    pfn     0    1  2  3   4    5   6    7   8     9 ...
    byte   42   00 00 00  91   00  41   00   00   00 ...

A frame at a multiple of the largest block is always a head: there 00 can, and does, mean a free
block of the largest order.  So memory that nobody has touched costs nothing, and 1 TiB is ready at
once.  Bytes and lists (two bits a frame for each of three types) make 1.77 bytes a frame.

The lists are sets of bits, not chains: a chain takes 8 bytes a free block.  What is lost is the
order of giving back, of which the hint of a set keeps the last word only.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from pagecache.buddy.bitset cimport bits_add, bits_remove, bitset_t, ctz

cdef enum:
    MAX_ORDER = 10  # 4 MiB; the kernel's name for it since 6.8 is MAX_PAGE_ORDER
    PAGEBLOCK_ORDER = 9
    ORDERS = 11
    TYPES = 3
    UNMOVABLE = 0
    MOVABLE = 1
    RECLAIMABLE = 2
    FILLER = 3
    PCP_HIGH = 64
    PCP_BATCH = 32

cdef enum:
    FREE = 64
    USED = 128
    CACHED = 192
    KIND = 192
    ORDER = 15
    KIND_AND_ORDER = 207


# Asked before a block that somebody holds is moved: True once the holder knows its new number.
ctypedef bint (*moved_f)(void* owner, uint64_t old, uint64_t new, unsigned int order) noexcept nogil


cdef struct scanners_t:  # of compaction: where the last run left off, and the cost of all
    uint64_t migrate
    uint64_t free[ORDERS]  # a pageblock, and the place in it
    uint64_t free_at[ORDERS]
    unsigned int deferred_order  # requests from this order on are deferred
    unsigned int defer_shift  # one of 2^shift requests is tried
    uint64_t deferred  # requests since the last that was not
    uint64_t runs
    uint64_t migrate_scanned
    uint64_t free_scanned
    uint64_t moved


cdef struct buddy_t:
    uint8_t* state
    uint8_t* pageblock
    uint64_t frames
    uint64_t free  # frames not in use, cached ones included
    unsigned int max_order
    unsigned int pageblock_order
    unsigned int orders_of[TYPES]  # bit k: the list of order k is not empty
    unsigned int pcp_high  # 0: no cache
    unsigned int pcp_count[TYPES]
    uint64_t cached
    uint64_t mark_min, mark_low, mark_high
    bitset_t lists[ORDERS][TYPES]
    uint32_t pcp[TYPES][PCP_HIGH]
    uint64_t kswapd_wakes
    uint64_t fallbacks
    uint64_t claims  # of pageblocks
    scanners_t scanners
    moved_f moved
    void* owner
    void* room
    size_t size


cdef inline unsigned int block_order(const buddy_t* b, uint64_t head) noexcept nogil:
    return b.state[head] & ORDER if b.state[head] else b.max_order


cdef inline bint is_free(const buddy_t* b, uint64_t head) noexcept nogil:
    return b.state[head] & KIND == FREE or b.state[head] == 0


cdef inline bint is_used(const buddy_t* b, uint64_t pfn) noexcept nogil:
    return b.state[pfn] & KIND == USED


cdef inline bint is_head(const buddy_t* b, uint64_t pfn) noexcept nogil:
    return b.state[pfn] or pfn & ((<uint64_t>1 << b.max_order) - 1) == 0


cdef inline unsigned int used_type(const buddy_t* b, uint64_t head) noexcept nogil:
    return (b.state[head] >> 4) & 3


cdef inline unsigned int pageblock_type(const buddy_t* b, uint64_t pfn) noexcept nogil:
    return b.pageblock[pfn >> b.pageblock_order]


cdef inline uint8_t free_code(const buddy_t* b, unsigned int order) noexcept nogil:
    return 0 if order == b.max_order else FREE | order


cdef inline void list_add(buddy_t* b, uint64_t head, unsigned int order) noexcept nogil:
    """List a free block, and say so at its head."""
    cdef unsigned int type = pageblock_type(b, head)
    b.state[head] = free_code(b, order)
    bits_add(&b.lists[order][type], head >> order)
    b.orders_of[type] |= <unsigned int>1 << order


cdef inline void list_remove(buddy_t* b, uint64_t head, unsigned int order) noexcept nogil:
    """Take a free block from its list; what its head says is the caller's to change."""
    cdef unsigned int type = pageblock_type(b, head)
    bits_remove(&b.lists[order][type], head >> order)
    if b.lists[order][type].count == 0:
        b.orders_of[type] &= ~(<unsigned int>1 << order)


cdef inline void expand(buddy_t* b, uint64_t head, unsigned int order, unsigned int to) noexcept nogil:
    """Cut an unlisted block of `order` down to `to`: its upper halves become free."""
    while order > to:
        order -= 1
        list_add(b, head + (<uint64_t>1 << order), order)


cdef inline void merge(buddy_t* b, uint64_t head, unsigned int order) noexcept nogil:
    """Make an unlisted block free, of the largest order that its buddies allow."""
    cdef uint64_t buddy
    b.state[head] = 0
    while order < b.max_order:
        buddy = head ^ (<uint64_t>1 << order)
        if b.state[buddy] != FREE | order:
            break
        list_remove(b, buddy, order)
        b.state[buddy] = 0
        head &= buddy
        order += 1
    list_add(b, head, order)


cdef inline void set_used(buddy_t* b, uint64_t head, unsigned int order, unsigned int type) noexcept nogil:
    b.state[head] = USED | type << 4 | order

cdef int blocks_init(
    buddy_t* b, uint64_t frames, unsigned int max_order, unsigned int pageblock_order) noexcept nogil
cdef void blocks_destroy(buddy_t* b) noexcept nogil
cdef bint take_block(buddy_t* b, unsigned int order, unsigned int type, uint64_t* pfn) noexcept nogil
cdef bint take_listed(buddy_t* b, unsigned int order, unsigned int type, uint64_t* pfn) noexcept nogil
cdef bint take_fallback(buddy_t* b, unsigned int order, unsigned int type, uint64_t* pfn) noexcept nogil
