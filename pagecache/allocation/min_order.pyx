"""`min-order`: falls back, but never below the filesystem's block, as Linux 6.12 does."""

from libc.stdint cimport uint64_t

from pagecache.allocation.fallback cimport Fallback


cdef class MinOrder(Fallback):
    """Like `fallback` down to `min_order`; failing there is an error of the read or write.

    Parameters
    ----------
    min_order : int
        Order of the smallest block; 4 is a filesystem block of 64 KiB.
    """

    cdef readonly unsigned int min_order

    def __cinit__(self, buddy, *, unsigned int min_order=4, **options):
        if min_order > self.buddy.b.max_order:
            raise ValueError(f"min_order {min_order} is above the largest order, "
                             f"{self.buddy.b.max_order}")
        self.min_order = min_order

    cdef int alloc_block(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        least = least if least > self.min_order else self.min_order
        return self.fall(order if order > least else least, least, pfn)
