"""The frames kept in front of the lists, for requests of order 0.

Linux has such a list for each CPU (*pcp*); here there is one.  Without it a single frame taken from
whole memory and given back would split and merge ten blocks.  A cached frame counts as free, is on
no list and does not merge; `pcp_drain` gives all back, which is done before any block is counted,
and before a request is refused.
"""

from libc.stdint cimport uint64_t

from pagecache.buddy.blocks cimport CACHED, PCP_HIGH, buddy_t, pageblock_type

cdef void pcp_drain(buddy_t* b) noexcept nogil
cdef bint pcp_refill(buddy_t* b, unsigned int type) noexcept nogil
cdef void pcp_spill(buddy_t* b, unsigned int type) noexcept nogil


cdef inline uint64_t pcp_pop(buddy_t* b, unsigned int type) noexcept nogil:
    b.pcp_count[type] -= 1
    b.cached -= 1
    return b.pcp[type][b.pcp_count[type]]


cdef inline void pcp_push(buddy_t* b, uint64_t pfn) noexcept nogil:
    cdef unsigned int type = pageblock_type(b, pfn)
    if b.pcp_count[type] == PCP_HIGH:
        pcp_spill(b, type)
    b.state[pfn] = CACHED
    b.pcp[type][b.pcp_count[type]] = <unsigned int>pfn
    b.pcp_count[type] += 1
    b.cached += 1
