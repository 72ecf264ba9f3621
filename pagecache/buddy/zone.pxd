"""Requests for blocks: the flags they come with, the watermarks they must leave, how they are freed.

The watermarks keep memory back for those who free memory: below *low* kswapd is woken, at *min*
ordinary requests are refused.  Of 16 GiB: min 16,384 KiB, gap a quarter of that, so 4096, 5120 and
6144 pages.

    request -> cache of frames -> lists, if free memory stays above low
            -> wake kswapd     -> lists, if it stays above min
            -> drain the cache -> compact, if the request may wait -> lists once more -> refuse
"""

from libc.errno cimport EINVAL
from libc.stdint cimport uint64_t

from pagecache.buddy.blocks cimport (
    KIND_AND_ORDER,
    MOVABLE,
    USED,
    buddy_t,
    merge,
    set_used,
)
from pagecache.buddy.pcp cimport pcp_pop, pcp_push

cdef enum:
    COSTLY_ORDER = 3

cdef enum:  # the bits of a request that matter here, as Linux 5.17 has them
    GFP_BITS = 0x3FFFFFF  # those that a flag has
    GFP_MOVABLE = 0x08
    GFP_RECLAIMABLE = 0x10
    GFP_HIGH = 0x20
    GFP_ATOMIC_BIT = 0x200
    GFP_DIRECT_RECLAIM = 0x400
    GFP_KSWAPD_RECLAIM = 0x800
    GFP_NOWARN = 0x2000
    GFP_NORETRY = 0x10000
    GFP_MEMALLOC = 0x20000
    GFP_NOMEMALLOC = 0x80000


cdef inline unsigned int gfp_type(unsigned int gfp) noexcept nogil:
    """The migrate type: the bits of reclaimable and movable, as a number."""
    cdef unsigned int type = (gfp >> 3) & 3
    return type if type < 3 else MOVABLE

cdef int alloc_slowly(buddy_t* b, unsigned int order, unsigned int gfp, uint64_t* pfn) noexcept nogil
cdef bint watermark_ok(const buddy_t* b, unsigned int order, uint64_t mark) noexcept nogil
cdef uint64_t mark_for(const buddy_t* b, unsigned int gfp) noexcept nogil
cdef void set_watermarks(buddy_t* b, uint64_t min_pages, unsigned int scale) noexcept nogil
cdef uint64_t min_free_pages(uint64_t frames) noexcept nogil


cdef inline int buddy_alloc(
        buddy_t* b, unsigned int order, unsigned int gfp, uint64_t* pfn) noexcept nogil:
    """A block of `order` for a request with these flags: 0 and its `pfn`, or a negative errno."""
    cdef unsigned int type = gfp_type(gfp)
    if order or b.pcp_count[type] == 0 or b.free <= b.mark_low:
        return alloc_slowly(b, order, gfp, pfn)
    pfn[0] = pcp_pop(b, type)
    set_used(b, pfn[0], 0, type)
    b.free -= 1
    return 0


cdef inline int buddy_free(buddy_t* b, uint64_t pfn, unsigned int order) noexcept nogil:
    """Give back a block in use; -EINVAL, and nothing changed, unless one of `order` begins there."""
    if pfn >= b.frames or b.state[pfn] & KIND_AND_ORDER != USED | order:
        return -EINVAL
    b.free += <uint64_t>1 << order
    if order == 0 and b.pcp_high:
        pcp_push(b, pfn)
    else:
        merge(b, pfn, order)
    return 0

cdef int buddy_split(buddy_t* b, uint64_t pfn, unsigned int order, unsigned int to) noexcept nogil
