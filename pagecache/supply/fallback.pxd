from libc.stdint cimport uint64_t

from pagecache.supply.buddy_supply cimport BuddySupply

cdef class Fallback(BuddySupply):
    cdef int fall(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil
