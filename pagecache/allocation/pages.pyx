"""`pages`: single frames, whatever was asked for."""

from libc.stdint cimport uint64_t

from pagecache.allocation.buddy_policy cimport BuddyPolicy


cdef class Pages(BuddyPolicy):
    """Order 0 only; nothing if the least order is above it."""

    cdef int alloc_block(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        return 0 if least == 0 and self.attempt(0, self.gfp, pfn) else -1
