"""`huge-pool`: huge pages set aside beforehand, as hugetlbfs has them.

The *pool* holds huge pages of one size that belong to nobody else, in use or not.  When all are in
use, up to `surplus` more may come from the memory at that moment; freed, they leave again.
When memory has none left either, the fault is SIGBUS.
"""

from libc.errno cimport EINVAL
from libc.stdint cimport uint64_t

from pagecache.buddy.blocks cimport (
    buddy_t,
    list_remove,
    set_used,
)
from pagecache.buddy.buddy cimport Buddy
from pagecache.buddy.pcp cimport pcp_drain
from pagecache.buddy.zone cimport buddy_alloc, buddy_free
from pagecache.allocation.buddy_policy cimport GFP_FOLIO, Counting

import numpy as np


cdef class HugePool(Counting):
    """Huge pages of one order, reserved when the pool is made.

    Parameters
    ----------
    buddy : Buddy
        The memory that they are taken from.
    huge_order : int
        9 (2 MiB), 18 (1 GiB), or any other: above the largest block, adjacent ones are taken.
    pool : int
        Huge pages to reserve.
    surplus : int
        How many more may be in use at a time.

    Raises
    ------
    MemoryError
        The memory has too few; what was allocated has been freed.

    Examples
    --------
    >>> from pagecache import allocation
    >>> pool = allocation.make("huge-pool", 1 << 14, pool=1)
    >>> pool.alloc(9), pool.alloc(9)
    ((0, 9), None)
    """

    cdef readonly unsigned int huge_order
    cdef readonly uint64_t pool  # huge pages that belong to it
    cdef readonly uint64_t unused  # those of them that are not in use
    cdef readonly uint64_t surplus  # the most that may be in use beyond them
    cdef readonly uint64_t surplus_in_use
    cdef uint64_t[::1] stack  # the unused ones, lowest last
    cdef unsigned char[::1] state  # of each huge page: 1 unused in the pool, 2 in use, 3 surplus

    def __cinit__(self, Buddy buddy not None, *, unsigned int huge_order=9, pool=None,
                  uint64_t surplus=0, unsigned int gfp=GFP_FOLIO):
        cdef uint64_t pfn = 0, possible = buddy.b.frames >> huge_order if huge_order < 32 else 0
        self.buddy, self.huge_order, self.surplus, self.gfp = buddy, huge_order, surplus, gfp
        wanted = possible // 2 if pool is None else pool
        if not 0 <= wanted <= possible:
            raise MemoryError(f"no room for {wanted} huge pages of order {huge_order} "
                              f"in {buddy.b.frames} frames")
        self.stack = np.zeros(possible, np.uint64)
        self.state = np.zeros(possible, np.uint8)
        while self.pool < wanted and self.grow(gfp, &pfn):
            self.state[pfn >> huge_order] = 1
            self.stack[self.pool] = pfn
            self.pool += 1
        self.unused = self.pool
        if self.pool < wanted:
            raise MemoryError(f"only {self.shrink()} of {wanted} huge pages of order {huge_order} "
                              "could be reserved; free memory, compact it, or ask for fewer")
        np.asarray(self.stack)[:self.pool] = np.sort(np.asarray(self.stack)[:self.pool])[::-1]

    def shrink(self):
        """Give the huge pages that are not in use back to the memory; how many."""
        given = self.unused
        while self.unused:
            self.unused -= 1
            self.state[self.stack[self.unused] >> self.huge_order] = 0
            self.release(self.stack[self.unused])
        self.pool -= given
        return given

    cdef int alloc_block(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        """A huge page from the pool, or a surplus one; -1 also for every other order."""
        self.asked[order if order < 32 else 31] += 1
        if order != self.huge_order:
            return -1
        if self.unused:
            self.unused -= 1
            pfn[0] = self.stack[self.unused]
            self.state[pfn[0] >> order] = 2
        elif self.surplus_in_use < self.surplus and self.grow(self.gfp, pfn):
            self.surplus_in_use += 1
            self.state[pfn[0] >> order] = 3
        else:
            return -1
        self.obtained[order] += 1
        return <int>order

    cdef int free_block(self, uint64_t pfn, unsigned int order) noexcept nogil:
        cdef uint64_t page = pfn >> self.huge_order
        if order != self.huge_order or page << order != pfn or page >= <uint64_t>self.state.shape[0]:
            return -EINVAL
        if self.state[page] == 2:
            self.stack[self.unused] = pfn
            self.unused += 1
            self.state[page] = 1
        elif self.state[page] == 3:
            self.surplus_in_use -= 1
            self.state[page] = 0
            self.release(pfn)
        else:
            return -EINVAL
        return 0

    cdef bint grow(self, unsigned int gfp, uint64_t* pfn) noexcept nogil:
        """A huge page from the memory: one block, or adjacent ones of the largest order."""
        cdef buddy_t* b = &self.buddy.b
        if self.huge_order <= b.max_order:
            return buddy_alloc(b, self.huge_order, gfp, pfn) == 0
        return take_adjacent(b, self.huge_order, pfn)

    cdef void release(self, uint64_t pfn) noexcept nogil:
        cdef buddy_t* b = &self.buddy.b
        cdef uint64_t k
        cdef unsigned int order = self.huge_order if self.huge_order < b.max_order else b.max_order
        for k in range(<uint64_t>1 << (self.huge_order - order)):
            buddy_free(b, pfn + (k << order), order)


cdef bint take_adjacent(buddy_t* b, unsigned int order, uint64_t* pfn) noexcept nogil:
    """The first aligned run of free largest blocks that makes 2^order frames.  O(blocks)."""
    cdef uint64_t start, k, blocks = <uint64_t>1 << (order - b.max_order)
    pcp_drain(b)
    for start in range(b.frames >> order):
        if run_is_free(b, start << order, blocks):
            pfn[0] = start << order
            for k in range(blocks):
                list_remove(b, pfn[0] + (k << b.max_order), b.max_order)
                set_used(b, pfn[0] + (k << b.max_order), b.max_order, 0)
            b.free -= <uint64_t>1 << order
            return True
    return False


cdef bint run_is_free(const buddy_t* b, uint64_t pfn, uint64_t blocks) noexcept nogil:
    cdef uint64_t k
    for k in range(blocks):
        if b.state[pfn + (k << b.max_order)]:
            return False
    return True
