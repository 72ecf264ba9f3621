"""Fragmentation as Linux prints it, in integers.

F free pages, B free blocks, S free blocks of order n and more counted in units of 2^n:

    fragmentation index    -1000 if S > 0, 0 if B = 0,
                           else 1000 - (1000 + (F * 1000 div 2^n)) div B
    unusable free space    1000 if F = 0, else (F - S * 2^n) * 1000 div F

The first tells why a request fails: towards 0 memory is short, towards 1000 it is scattered.  The
second tells what part of the free memory is of no use to it.
"""

from libc.stdint cimport uint64_t

from pagecache.buddy.blocks cimport buddy_t

cdef uint64_t blocks_of(const buddy_t* b, unsigned int order) noexcept nogil
cdef int fragmentation_index(const buddy_t* b, unsigned int order) noexcept nogil
cdef int unusable_index(const buddy_t* b, unsigned int order) noexcept nogil
