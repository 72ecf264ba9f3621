"""Watermarks, and what a request tries one after the other."""

from libc.errno cimport ENOMEM
from libc.math cimport sqrt
from libc.stdint cimport int64_t

from pagecache.buddy.blocks cimport TYPES, take_block, used_type
from pagecache.buddy.compact cimport compact_for
from pagecache.buddy.pcp cimport pcp_drain, pcp_refill


cdef uint64_t min_free_pages(uint64_t frames) noexcept nogil:
    """The pages of min_free_kbytes: the root of 16 times the memory's KiB, 128 to 262,144 KiB."""
    cdef uint64_t kib = <uint64_t>sqrt(<double>(frames * 4 * 16))
    kib = 128 if kib < 128 else kib
    return (262144 if kib > 262144 else kib) // 4


cdef void set_watermarks(buddy_t* b, uint64_t min_pages, unsigned int scale) noexcept nogil:
    """min, and low and high above it by one and two gaps; `scale` is in 1/10,000 of the memory."""
    cdef uint64_t gap = min_pages // 4, share = b.frames * scale // 10000
    gap = share if share > gap else gap
    b.mark_min = min_pages
    b.mark_low = min_pages + gap
    b.mark_high = min_pages + 2 * gap


cdef uint64_t mark_for(const buddy_t* b, unsigned int gfp) noexcept nogil:
    """How far a request may go below min: high priority by half, then those in haste by a quarter.

    Who frees memory (MEMALLOC) may take all.
    """
    cdef uint64_t mark = b.mark_min
    if gfp & GFP_MEMALLOC and not gfp & GFP_NOMEMALLOC:
        return 0
    if gfp & GFP_HIGH:
        mark -= mark // 2
    if gfp & GFP_ATOMIC_BIT:
        mark -= mark // 4
    return mark


cdef bint watermark_ok(const buddy_t* b, unsigned int order, uint64_t mark) noexcept nogil:
    """May a block of `order` be taken: is enough left, and is there one?"""
    cdef unsigned int type
    if <int64_t>b.free - ((<int64_t>1 << order) - 1) <= <int64_t>mark:
        return False
    if order == 0:
        return True
    for type in range(TYPES):
        if b.orders_of[type] >> order:
            return True
    return False


cdef int alloc_slowly(buddy_t* b, unsigned int order, unsigned int gfp, uint64_t* pfn) noexcept nogil:
    """All that a request may try, the cheapest first.  -EINVAL for an order above the largest."""
    cdef uint64_t mark
    if order > b.max_order:
        return -EINVAL
    if attempt(b, order, gfp, b.mark_low, pfn):
        return 0
    if gfp & GFP_KSWAPD_RECLAIM:
        b.kswapd_wakes += 1
    mark = mark_for(b, gfp)
    if attempt(b, order, gfp, mark, pfn):
        return 0
    if b.cached:
        pcp_drain(b)
        if attempt(b, order, gfp, mark, pfn):
            return 0
    if order and gfp & GFP_DIRECT_RECLAIM and not gfp & GFP_NORETRY:
        if compact_for(b, order, mark) and attempt(b, order, gfp, mark, pfn):
            return 0
    return -ENOMEM


cdef bint attempt(
        buddy_t* b, unsigned int order, unsigned int gfp, uint64_t mark, uint64_t* pfn) noexcept nogil:
    """A block from the lists, if the watermark allows."""
    cdef unsigned int type = gfp_type(gfp)
    if not watermark_ok(b, order, mark):
        return False
    if order == 0 and b.pcp_high:
        if b.pcp_count[type] == 0 and not pcp_refill(b, type):
            return False
        pfn[0] = pcp_pop(b, type)
    elif not take_block(b, order, type, pfn):
        return False
    set_used(b, pfn[0], order, type)
    b.free -= <uint64_t>1 << order
    return True


cdef int buddy_split(buddy_t* b, uint64_t pfn, unsigned int order, unsigned int to) noexcept nogil:
    """Make blocks of order `to` of a block in use: nothing becomes free.  O(number of blocks)."""
    cdef uint64_t k
    if pfn >= b.frames or to > order or b.state[pfn] & KIND_AND_ORDER != USED | order:
        return -EINVAL
    for k in range(<uint64_t>1 << (order - to)):
        set_used(b, pfn + (k << to), to, used_type(b, pfn))
    return 0
