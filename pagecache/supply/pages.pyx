"""`pages`: single frames, whatever was asked for."""

from libc.stdint cimport uint64_t

from pagecache.supply.buddy_supply cimport BuddySupply


cdef class Pages(BuddySupply):
    """Order 0 only; nothing if the least order is above it."""

    cdef int take(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        return 0 if least == 0 and self.attempt(0, self.gfp, pfn) else -1
