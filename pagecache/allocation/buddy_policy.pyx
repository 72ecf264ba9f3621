"""The base of the policies: counts, and one attempt."""

from pagecache.buddy.zone cimport buddy_alloc, buddy_free, buddy_split


cdef class Counting(Policy):
    """A policy that counts its attempts by the order asked for, and what they got."""

    @property
    def attempts(self):
        """Requests by order, orders without any left out."""
        return by_order(self.asked)

    @property
    def got(self):
        """Blocks obtained, by order."""
        return by_order(self.obtained)

    @property
    def failures(self):
        """Requests that were refused, by order."""
        cdef unsigned int k
        return {k: self.asked[k] - self.obtained[k] for k in range(COUNTED_ORDERS)
                if self.asked[k] > self.obtained[k]}

    def reset_counts(self):
        """Set all counts to 0."""
        cdef unsigned int k
        for k in range(COUNTED_ORDERS):
            self.asked[k] = self.obtained[k] = 0


cdef class BuddyPolicy(Counting):
    """A policy over simulated memory.

    Parameters
    ----------
    buddy : Buddy
        The memory, which other policies may share.
    gfp : int
        Flags of a request that may try hard.
    """

    def __cinit__(self, Buddy buddy not None, *, unsigned int gfp=GFP_FOLIO, **options):
        self.buddy, self.gfp = buddy, gfp

    cdef bint attempt(self, unsigned int order, unsigned int gfp, uint64_t* pfn) noexcept nogil:
        """Ask once, and count it."""
        cdef unsigned int place = order if order < COUNTED_ORDERS else COUNTED_ORDERS - 1
        self.asked[place] += 1
        if buddy_alloc(&self.buddy.b, order, gfp, pfn):
            return False
        self.obtained[place] += 1
        return True

    cdef int free_block(self, uint64_t pfn, unsigned int order) noexcept nogil:
        return buddy_free(&self.buddy.b, pfn, order)

    cdef int split_block(self, uint64_t pfn, unsigned int order, unsigned int to) noexcept nogil:
        return buddy_split(&self.buddy.b, pfn, order, to)


cdef dict by_order(const uint64_t* counts):
    cdef unsigned int k
    return {k: counts[k] for k in range(COUNTED_ORDERS) if counts[k]}
