"""Is the one rule of a memory kept?"""

from libc.stdint cimport uint64_t

from pagecache.buddy.blocks cimport buddy_t

cdef const char* violation_of(const buddy_t* b, uint64_t* place) noexcept nogil
