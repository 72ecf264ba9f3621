"""The Python face of the page hash: records of 64 bytes, as struct pages are, that it links.

    byte 0      8       16    24        32      40     48      56      64
         | value | order | - | mapping | index | next | users | pprev |
"""

from libc.stdint cimport uint64_t

from pagecache.structures.page_hash.table cimport HashTable, hashed_t
from pagecache.structures.pool cimport Pool


cdef struct hash_record:
    uint64_t value
    uint64_t order
    uint64_t padding
    hashed_t hashed


cdef inline hash_record* record_of(const hashed_t* entry) noexcept nogil:
    return <hash_record*>(<char*>entry - 24)


cdef inline unsigned int record_order(const hashed_t* entry) noexcept nogil:
    return <unsigned int>record_of(entry).order


cdef class PageHash:
    cdef readonly HashTable table
    cdef readonly Pool pool
    cdef int put(self, void* mapping, uint64_t index, uint64_t value, unsigned int order) noexcept nogil
    cdef hash_record* drop(self, void* mapping, uint64_t index) noexcept nogil
