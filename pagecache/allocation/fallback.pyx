"""`fallback`: the order asked for, then smaller ones, as proposed in 2018."""

from pagecache.buddy.zone cimport GFP_NORETRY, GFP_NOWARN


cdef class Fallback(BuddyPolicy):
    """Every order down to the least.

    Above that an attempt fails fast and silently (NORETRY, NOWARN), for there is a smaller order
    to turn to; the last one tries as hard as the flags allow.  It begins at the largest order that
    the memory has blocks of.
    """

    cdef int alloc_block(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        return self.fall(order, least, pfn)

    cdef int fall(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        cdef unsigned int most = self.buddy.b.max_order
        if order > most >= least:
            order = most
        while most >= order > least:
            if self.attempt(order, self.gfp | GFP_NORETRY | GFP_NOWARN, pfn):
                return <int>order
            order -= 1
        return <int>order if self.attempt(order, self.gfp, pfn) else -1
