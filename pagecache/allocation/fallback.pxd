from libc.stdint cimport uint64_t

from pagecache.allocation.buddy_policy cimport BuddyPolicy

cdef class Fallback(BuddyPolicy):
    cdef int fall(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil
