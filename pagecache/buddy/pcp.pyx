"""Filling and emptying the cache of frames."""

from libc.string cimport memmove, memset

from pagecache.buddy.bitset cimport ctz
from pagecache.buddy.blocks cimport PCP_BATCH, TYPES, merge, take_fallback, take_listed

cdef enum:
    BATCH_ORDER = 5


cdef bint pcp_refill(buddy_t* b, unsigned int type) noexcept nogil:
    """Get a batch from the type's lists, or one frame of another type; False without any.

    A batch comes in as large blocks as it is: cutting those to single frames would list them first.
    """
    cdef uint64_t pfn, k
    cdef unsigned int order
    while b.pcp_count[type] < PCP_BATCH and b.orders_of[type]:
        order = ctz(b.orders_of[type])
        order = order if order < BATCH_ORDER else BATCH_ORDER
        take_listed(b, order, type, &pfn)
        memset(b.state + pfn, CACHED, <size_t>1 << order)
        for k in range(<uint64_t>1 << order):  # the lowest frame on top
            b.pcp[type][b.pcp_count[type] + k] = <unsigned int>(pfn + (1 << order) - 1 - k)
        b.pcp_count[type] += 1 << order
        b.cached += 1 << order
    if b.pcp_count[type] == 0 and take_fallback(b, 0, type, &pfn):
        b.state[pfn] = CACHED
        b.pcp[type][0] = <unsigned int>pfn
        b.pcp_count[type] = 1
        b.cached += 1
    return b.pcp_count[type] > 0


cdef void pcp_spill(buddy_t* b, unsigned int type) noexcept nogil:
    """Give the older frames back to the lists."""
    cdef unsigned int k
    for k in range(PCP_BATCH):
        merge(b, b.pcp[type][k], 0)
    b.pcp_count[type] -= PCP_BATCH
    b.cached -= PCP_BATCH
    memmove(b.pcp[type], b.pcp[type] + PCP_BATCH, b.pcp_count[type] * sizeof(b.pcp[type][0]))


cdef void pcp_drain(buddy_t* b) noexcept nogil:
    """Give all cached frames back to the lists."""
    cdef unsigned int type, k
    for type in range(TYPES):
        for k in range(b.pcp_count[type]):
            merge(b, b.pcp[type][k], 0)
        b.pcp_count[type] = 0
    b.cached = 0
