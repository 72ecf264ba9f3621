"""The two scanners."""

from pagecache.buddy.blocks cimport (
    FILLER,
    MOVABLE,
    TYPES,
    UNMOVABLE,
    block_order,
    expand,
    is_free,
    is_head,
    is_used,
    list_remove,
    merge,
    pageblock_type,
    scanners_t,
    set_used,
    used_type,
)
from pagecache.buddy.measures cimport fragmentation_index
from pagecache.buddy.pcp cimport pcp_drain

cdef enum:
    COSTLY_ORDER = 3
    EXTFRAG_THRESHOLD = 500
    BATCH = 32  # moves between two looks at whether it is enough
    MAX_DEFER_SHIFT = 6


cdef bint compact_for(buddy_t* b, unsigned int order, uint64_t mark) noexcept nogil:
    """Compact until a block of `order` is free, if that has a chance; whether one is.

    None has where memory is short rather than scattered, or where nothing would be left above
    the watermark to move into.
    """
    cdef int index
    if b.free < mark + (<uint64_t>2 << order):
        return False
    index = fragmentation_index(b, order)
    if order > COSTLY_ORDER and 0 <= index <= EXTFRAG_THRESHOLD:
        return False
    if is_deferred(&b.scanners, order):
        return False
    # A run that goes on from where another stopped leaves the scanners at their ends if it fails.
    if (b.scanners.migrate and compact_run(b, order)) or compact_run(b, order):
        b.scanners.defer_shift = 0
        return True
    defer(&b.scanners, order)
    return False


cdef bint is_deferred(scanners_t* s, unsigned int order) noexcept nogil:
    """Is this one of those that are deferred, because a scan of the whole memory failed before?"""
    if s.defer_shift == 0 or order < s.deferred_order:
        return False
    s.deferred += 1
    return s.deferred < <uint64_t>1 << s.defer_shift


cdef void defer(scanners_t* s, unsigned int order) noexcept nogil:
    """Defer the next request from this order on, after the next failure three, up to 63."""
    if s.defer_shift == 0 or order < s.deferred_order:
        s.deferred_order = order
    s.defer_shift += s.defer_shift < MAX_DEFER_SHIFT
    s.deferred = 0


cdef void compact_reset(buddy_t* b) noexcept nogil:
    """Send the scanners back to their ends."""
    cdef unsigned int order
    b.scanners.migrate = 0
    for order in range(b.max_order + 1):
        b.scanners.free[order] = (b.frames - 1) >> b.pageblock_order << b.pageblock_order
        b.scanners.free_at[order] = b.scanners.free[order]


cdef bint compact_run(buddy_t* b, unsigned int order) noexcept nogil:
    """Compact until a block of `order` is free, which is the answer, or until the scanners meet.

    With an order above the largest: until they meet.
    """
    pcp_drain(b)
    b.scanners.runs += 1
    while b.scanners.migrate < b.scanners.free[0]:
        empty_pageblock(b, order)
        if available(b, order):
            return True
    compact_reset(b)
    return False


cdef bint available(const buddy_t* b, unsigned int order) noexcept nogil:
    cdef unsigned int type
    if order > b.max_order:
        return False
    for type in range(TYPES):
        if b.orders_of[type] >> order:
            return True
    return False


cdef void empty_pageblock(buddy_t* b, unsigned int order) noexcept nogil:
    """Move blocks smaller than `order` out of the pageblock where the migrate scanner is."""
    cdef scanners_t* s = &b.scanners
    cdef uint64_t end = pageblock_end(b, s.migrate)
    cdef unsigned int size, moves = 0
    if pageblock_type(b, s.migrate) == UNMOVABLE:  # its holes are for others of its kind
        s.migrate = end
    while s.migrate < end:
        if not is_head(b, s.migrate):  # merged with what came free before it
            s.migrate += 1
            s.migrate_scanned += 1
            continue
        size = block_order(b, s.migrate)
        if is_movable(b, s.migrate) and size < order and move(b, s.migrate, size, order, end):
            moves += 1
        s.migrate += <uint64_t>1 << size
        s.migrate_scanned += <uint64_t>1 << size
        if moves == BATCH:
            moves = 0
            if available(b, order):
                return


cdef inline uint64_t pageblock_end(const buddy_t* b, uint64_t pfn) noexcept nogil:
    cdef uint64_t end = ((pfn >> b.pageblock_order) + 1) << b.pageblock_order
    return end if end < b.frames else b.frames


cdef inline bint is_movable(const buddy_t* b, uint64_t head) noexcept nogil:
    if not is_used(b, head):
        return False
    return used_type(b, head) == FILLER or (used_type(b, head) == MOVABLE and b.moved is not NULL)


cdef bint move(
        buddy_t* b, uint64_t old, unsigned int size, unsigned int order, uint64_t above) noexcept nogil:
    """Move one block to free memory from `above` up; False without one, or if its owner objects."""
    cdef unsigned int type = used_type(b, old)
    cdef uint64_t new
    if not find_room(b, size, order, above, &new):
        return False
    if type != FILLER and not b.moved(b.owner, old, new, size):
        merge(b, new, size)
        return False
    set_used(b, new, size, type)
    merge(b, old, size)
    b.scanners.moved += <uint64_t>1 << size
    return True


cdef bint find_room(
        buddy_t* b, unsigned int size, unsigned int order, uint64_t above, uint64_t* pfn) noexcept nogil:
    """Cut a block from the free memory highest up, but from none that is as large as is wanted."""
    cdef scanners_t* s = &b.scanners
    cdef unsigned int limit = order if order < b.pageblock_order else b.pageblock_order
    while s.free[size] >= above:
        if pageblock_type(b, s.free[size]) != UNMOVABLE and scan(b, size, limit, pfn):
            return True
        s.free[size] -= <uint64_t>1 << b.pageblock_order
        s.free_at[size] = s.free[size]
    return False


cdef bint scan(buddy_t* b, unsigned int size, unsigned int limit, uint64_t* pfn) noexcept nogil:
    """Take a block out of the pageblock where the free scanner is, after its place there."""
    cdef scanners_t* s = &b.scanners
    cdef uint64_t end = pageblock_end(b, s.free[size]), head
    cdef unsigned int found
    while s.free_at[size] < end:
        head = s.free_at[size]
        if not is_head(b, head):
            s.free_at[size] += 1
            s.free_scanned += 1
            continue
        found = block_order(b, head)
        if is_free(b, head) and size <= found < limit:
            list_remove(b, head, found)
            expand(b, head, found, size)
            s.free_at[size] += <uint64_t>1 << size
            s.free_scanned += <uint64_t>1 << size
            pfn[0] = head
            return True
        s.free_at[size] += <uint64_t>1 << found
        s.free_scanned += <uint64_t>1 << found
    return False
