"""The check reads every byte of state, and every list."""

from libc.string cimport memset

from pagecache.buddy.bitset cimport bits_sound, bits_test
from pagecache.buddy.blocks cimport (
    CACHED,
    FREE,
    KIND,
    ORDERS,
    TYPES,
    block_order,
    is_free,
    is_used,
    pageblock_type,
)


cdef const char* violation_of(const buddy_t* b, uint64_t* place) noexcept nogil:
    """What breaks the rule, and the frame where; NULL if nothing does.  O(frames)."""
    cdef uint64_t[ORDERS][TYPES] seen
    cdef uint64_t pfn = 0, free = 0, cached = 0, size
    cdef const char* fault
    memset(seen, 0, sizeof(seen))
    while pfn < b.frames:
        place[0] = pfn
        size = <uint64_t>1 << block_order(b, pfn)
        fault = block_fault(b, pfn, size)
        if fault is not NULL:
            return fault
        if is_free(b, pfn):
            seen[block_order(b, pfn)][pageblock_type(b, pfn)] += 1
        if not is_used(b, pfn):
            free += size
        cached += b.state[pfn] & KIND == CACHED
        pfn += size
    return counts_fault(b, seen, free, cached)


cdef const char* block_fault(const buddy_t* b, uint64_t pfn, uint64_t size) noexcept nogil:
    """Does a block begin at `pfn`, as large as it can be if it is free, and listed once?"""
    cdef unsigned int order = block_order(b, pfn)
    cdef uint64_t k
    if b.state[pfn] == 0 and pfn & (size - 1):
        return b"no block begins here"
    if order > b.max_order or pfn & (size - 1) or size > b.frames - pfn:
        return b"a block lies askew or beyond the end"
    for k in range(pfn + 1, pfn + size):
        if b.state[k]:
            return b"a head lies inside a block"
    if not is_free(b, pfn):
        if order and not is_used(b, pfn):
            return b"a cached block is no single frame"
        return NULL
    if b.state[pfn] and order == b.max_order:
        return b"a free block of the largest order is not written as zero"
    if order < b.max_order and b.state[pfn ^ size] == FREE | order:
        return b"two free buddies have not been merged"
    if not bits_test(&b.lists[order][pageblock_type(b, pfn)], pfn >> order):
        return b"a free block is not on the list of its order and type"
    return NULL


cdef const char* counts_fault(
        const buddy_t* b, uint64_t[ORDERS][TYPES] seen, uint64_t free, uint64_t cached) noexcept nogil:
    """Are the lists no longer than the free blocks seen, and the counts those of what was seen?"""
    cdef uint64_t whole = (b.frames + (<uint64_t>1 << b.max_order) - 1) >> b.max_order << b.max_order
    cdef unsigned int order, type
    for order in range(b.max_order + 1):
        for type in range(TYPES):
            if seen[order][type] != b.lists[order][type].count:
                return b"a list holds a block that is not free"
            if not bits_sound(&b.lists[order][type], whole >> order):
                return b"a list has lost count of its bits"
            if (b.orders_of[type] >> order & 1) != (seen[order][type] > 0):
                return b"an order is taken for empty that is not, or the reverse"
    if free != b.free:
        return b"the count of free frames is wrong"
    return cache_fault(b, cached)


cdef const char* cache_fault(const buddy_t* b, uint64_t cached) noexcept nogil:
    cdef unsigned int type, k
    cdef uint64_t held = 0
    for type in range(TYPES):
        held += b.pcp_count[type]
        for k in range(b.pcp_count[type]):
            if b.state[b.pcp[type][k]] != CACHED:
                return b"a frame in the cache is not marked so"
    if held != b.cached or cached != b.cached:
        return b"the count of cached frames is wrong"
    return NULL
