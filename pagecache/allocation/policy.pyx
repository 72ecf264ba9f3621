"""The abstract class of a policy."""

from libc.errno cimport EINVAL

from pagecache.errors import whole

MOST = (1 << 32) - 1  # any order may be asked for: what is too large is refused, or made smaller


cdef class Policy:
    """Where the frames of folios come from.  Cannot be made itself: subclass it in Cython.

    A subclass overrides the three methods of policy.pxd.  The contract, held by one test over all
    policies: what is allocated is in use, aligned and of an order from the least to the one
    asked for; a refusal changes nothing; and when all is freed, memory is as it was.
    """

    def __init__(self, *args, **kwargs):
        if type(self) is Policy:
            raise TypeError("Policy is abstract; make one by its name: pagecache.allocation.make(NAME)")

    cdef int alloc_block(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        return -1

    cdef int free_block(self, uint64_t pfn, unsigned int order) noexcept nogil:
        return -EINVAL

    cdef int split_block(self, uint64_t pfn, unsigned int order, unsigned int to) noexcept nogil:
        return -EINVAL

    def alloc(self, order, least=0):
        """A block of `order`, or a smaller one down to `least`: (pfn, order), or None.

        What `alloc_block` does, for Python; compiled callers call that.

        Examples
        --------
        >>> from pagecache import allocation
        >>> fallback = allocation.make("fallback", 1 << 14)
        >>> fallback.alloc(9)
        (0, 9)
        """
        cdef uint64_t pfn = 0
        whole(order, "order", MOST)
        if whole(least, "the least order", MOST) > order:
            raise ValueError(f"the least order {least} is above the order asked for, {order}")
        got = self.alloc_block(order, least, &pfn)
        return None if got < 0 else (pfn, got)

    def free(self, uint64_t pfn, unsigned int order):
        """Free a block.  ValueError unless one of `order` is in use there."""
        if self.free_block(pfn, order):
            raise ValueError(f"no block of order {order} in use begins at frame {pfn}: "
                             "was it freed before, or split?")

    def split(self, uint64_t pfn, unsigned int order, unsigned int to=0):
        """Make blocks of order `to` of one in use.  ValueError where that cannot be done."""
        if self.split_block(pfn, order, to):
            raise ValueError(f"the block at frame {pfn} is not one of order {order} in use "
                             f"that can be split to order {to}")
