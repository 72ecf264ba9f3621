"""`compound`: the order asked for or nothing, as large blocks were proposed in 2007."""

from libc.stdint cimport uint64_t

from pagecache.allocation.buddy_policy cimport BuddyPolicy


cdef class Compound(BuddyPolicy):
    """One attempt, at the order asked for, that tries as hard as the flags allow."""

    cdef int alloc_block(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        return <int>order if self.attempt(order, self.gfp, pfn) else -1
