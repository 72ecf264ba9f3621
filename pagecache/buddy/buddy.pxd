"""The Python face of a memory."""

from libc.stdint cimport uint64_t

from pagecache.buddy.blocks cimport buddy_t


cdef class Buddy:
    cdef buddy_t b
    cdef uint64_t head(self, uint64_t pfn) except? 18446744073709551615
