"""Zero entries: a hole in the cache, one entry for as much of it as fits."""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport found_t
from pagecache.mapping.core cimport Core


cdef int store_zero(Core m, uint64_t index) noexcept nogil
cdef int open_zero(Core m, found_t* found, uint64_t index, unsigned int order) noexcept nogil
