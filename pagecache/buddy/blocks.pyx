"""Taking blocks from the lists of a type, or from another type's when those are empty."""

from libc.errno cimport ENOMEM
from libc.string cimport memset

from pagecache.buddy.bitset cimport bits_any, bits_init, bits_words


cdef extern from "<sys/mman.h>" nogil:
    void* mmap(void* address, size_t size, int protection, int flags, int fd, long position)
    int munmap(void* address, size_t size)
    int PROT_READ, PROT_WRITE, MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE
    void* MAP_FAILED


cdef enum:
    APART = 192
    MANY = 1048576


# Whose blocks are taken when a type has none left.
cdef unsigned int[TYPES][TYPES - 1] FALLBACKS = [
    [RECLAIMABLE, MOVABLE],
    [RECLAIMABLE, UNMOVABLE],
    [UNMOVABLE, MOVABLE],
]


cdef int blocks_init(
        buddy_t* b, uint64_t frames, unsigned int max_order, unsigned int pageblock_order) noexcept nogil:
    """All memory free and movable.  -ENOMEM if there is no room for the bookkeeping."""
    cdef uint64_t whole = (frames + (<uint64_t>1 << max_order) - 1) >> max_order << max_order
    cdef uint64_t pageblocks = ((whole - 1) >> pageblock_order) + 1, words = 0
    # Bytes at the same place of two pages hinder each other: a read of one waits for a write to
    # the other.  At 1 TiB that made a request take twice as long.
    cdef uint64_t apart = APART if whole >= MANY else 0
    cdef uint64_t* room
    cdef unsigned int order, type
    memset(b, 0, sizeof(buddy_t))
    for order in range(max_order + 1):
        words += TYPES * bits_words(whole >> order)
    b.size = 8 * words + whole + apart + pageblocks
    room = <uint64_t*>mmap(NULL, b.size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    if room == MAP_FAILED:
        return -ENOMEM
    b.room, b.frames, b.max_order, b.pageblock_order = room, frames, max_order, pageblock_order
    for order in range(max_order + 1):
        for type in range(TYPES):
            bits_init(&b.lists[order][type], whole >> order, &room)
    b.state = <uint8_t*>room
    b.pageblock = b.state + whole + apart
    memset(b.pageblock, MOVABLE, pageblocks)
    list_all(b)
    return 0


cdef void list_all(buddy_t* b) noexcept nogil:
    """List untouched memory in the largest blocks that fit."""
    cdef uint64_t pfn = 0
    cdef unsigned int order = b.max_order
    while pfn < b.frames:
        while <uint64_t>1 << order > b.frames - pfn:
            order -= 1
        bits_add(&b.lists[order][MOVABLE], pfn >> order)
        b.orders_of[MOVABLE] |= <unsigned int>1 << order
        if order < b.max_order:  # the head of a largest one says so unwritten
            b.state[pfn] = FREE | order
        b.lists[order][MOVABLE].hint = 0  # begin at the bottom
        pfn += <uint64_t>1 << order
    b.free = b.frames


cdef void blocks_destroy(buddy_t* b) noexcept nogil:
    if b.room is not NULL:
        munmap(b.room, b.size)
        b.room = NULL


cdef bint take_block(buddy_t* b, unsigned int order, unsigned int type, uint64_t* pfn) noexcept nogil:
    """An unlisted block of `order`, from its type's lists or another's; False without one."""
    return take_listed(b, order, type, pfn) or take_fallback(b, order, type, pfn)


cdef bint take_listed(buddy_t* b, unsigned int order, unsigned int type, uint64_t* pfn) noexcept nogil:
    """From the smallest order that has one; the lowest part of it is kept."""
    cdef unsigned int orders = b.orders_of[type] >> order
    cdef unsigned int found
    if orders == 0:
        return False
    found = order + ctz(orders)
    pfn[0] = bits_any(&b.lists[found][type]) << found
    list_remove(b, pfn[0], found)
    expand(b, pfn[0], found, order)
    return True


cdef bint take_fallback(buddy_t* b, unsigned int order, unsigned int type, uint64_t* pfn) noexcept nogil:
    """From another type's lists: the largest block, so that as few pageblocks as can be get mixed.

    If at least half of its pageblock is free, the pageblock becomes one of the wanted type.
    """
    cdef unsigned int found, k
    cdef int at = b.max_order
    while at >= <int>order:
        for k in range(TYPES - 1):
            if b.lists[at][FALLBACKS[type][k]].count:
                found = at
                pfn[0] = bits_any(&b.lists[at][FALLBACKS[type][k]]) << found
                b.fallbacks += 1
                if claim(b, pfn[0], found, type):
                    return take_listed(b, order, type, pfn)
                list_remove(b, pfn[0], found)
                expand(b, pfn[0], found, order)
                return True
        at -= 1
    return False


cdef bint claim(buddy_t* b, uint64_t head, unsigned int order, unsigned int type) noexcept nogil:
    """Make the pageblocks of a free block ones of `type`, if they are free by half at least."""
    cdef uint64_t size = <uint64_t>1 << b.pageblock_order
    cdef uint64_t first = head >> b.pageblock_order, blocks = 1
    if order >= b.pageblock_order:
        blocks = <uint64_t>1 << (order - b.pageblock_order)
        list_remove(b, head, order)
        memset(b.pageblock + first, type, blocks)
        list_add(b, head, order)
    elif 2 * free_in(b, first * size, size) >= size:
        retype(b, first * size, size, type)
    else:
        return False
    b.claims += blocks
    return True


cdef uint64_t free_in(const buddy_t* b, uint64_t pfn, uint64_t size) noexcept nogil:
    """Free frames of a pageblock that begins with a head."""
    cdef uint64_t end = pfn + size if pfn + size < b.frames else b.frames, found = 0
    while pfn < end:
        if is_free(b, pfn):
            found += <uint64_t>1 << block_order(b, pfn)
        pfn += <uint64_t>1 << block_order(b, pfn)
    return found


cdef void retype(buddy_t* b, uint64_t pfn, uint64_t size, unsigned int type) noexcept nogil:
    """Give a pageblock another type, and list its free blocks there.

    Once all are off the lists: each is listed by the type that its pageblock has at that time.
    """
    cdef uint64_t end = pfn + size if pfn + size < b.frames else b.frames
    move_free(b, pfn, end, False)
    b.pageblock[pfn >> b.pageblock_order] = type
    move_free(b, pfn, end, True)


cdef void move_free(buddy_t* b, uint64_t pfn, uint64_t end, bint listed) noexcept nogil:
    cdef unsigned int order
    while pfn < end:
        order = block_order(b, pfn)
        if is_free(b, pfn):
            if listed:
                list_add(b, pfn, order)
            else:
                list_remove(b, pfn, order)
        pfn += <uint64_t>1 << order
