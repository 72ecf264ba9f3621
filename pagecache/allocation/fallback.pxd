"""The policy of 2018: the order asked for, then every smaller one down to the least.

    order 9, least 0, largest free block of order 4      9 .. 5 fail fast, 4 is allocated
"""

from libc.stdint cimport uint64_t

from pagecache.allocation.buddy_policy cimport BuddyPolicy

cdef class Fallback(BuddyPolicy):
    cdef int fall(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil
