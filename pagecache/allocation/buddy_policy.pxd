"""What the policies share that ask the buddy allocator: its memory, their flags, their counts.

An *attempt* is one request to the allocator; an allocation may make several,
falling from order to order.
"""

from libc.stdint cimport uint64_t

from pagecache.buddy.buddy cimport Buddy
from pagecache.buddy.zone cimport GFP_DIRECT_RECLAIM, GFP_KSWAPD_RECLAIM, GFP_MOVABLE
from pagecache.allocation.policy cimport Policy

cdef enum:
    COUNTED_ORDERS = 32  # 18 is the largest asked for: 1 GiB
    # A page-cache folio: GFP_HIGHUSER_MOVABLE as far as it matters to memory without zones.
    GFP_FOLIO = GFP_MOVABLE | GFP_DIRECT_RECLAIM | GFP_KSWAPD_RECLAIM | 0x40 | 0x80 | 0x100000

cdef class Counting(Policy):
    cdef uint64_t[COUNTED_ORDERS] asked
    cdef uint64_t[COUNTED_ORDERS] obtained
    cdef readonly Buddy buddy
    cdef public unsigned int gfp

cdef class BuddyPolicy(Counting):
    cdef bint attempt(self, unsigned int order, unsigned int gfp, uint64_t* pfn) noexcept nogil
