"""Reading and writing."""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport grip_t
from pagecache.mapping.core cimport Core
from pagecache.mapping.readahead.cached_file cimport readahead_t


cdef int read_bytes(
    Core m, readahead_t* ra, uint64_t start, uint64_t end, uint64_t* total) noexcept nogil
cdef int write_bytes(
    Core m, uint64_t position, uint64_t end, uint64_t identity) noexcept nogil
cdef int writable(Core m, uint64_t index, uint64_t last, grip_t* grip) noexcept nogil
cdef int ensure(Core m, uint64_t index, unsigned int order) noexcept nogil
