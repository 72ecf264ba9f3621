"""Zero entries: a hole in the cache, one entry for as much of it as fits."""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport held_t
from pagecache.mapping.core cimport Core


cdef int put_zero(Core m, uint64_t index) noexcept nogil
cdef int open_zero(Core m, held_t* found, uint64_t index, unsigned int order) noexcept nogil
