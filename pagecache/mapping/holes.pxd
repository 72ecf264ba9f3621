"""Zero entries: a hole in the cache, one entry for as much of it as fits.

A read of a hole stores one entry, as large as alignment, the hole and `zero_order` allow, and no
page.  A write into it splits the entry step by step down to the block, and only that gets frames:

    hole of 1 GiB, read       one entry of order 18, one node
    a page of it written      orders 17, then 12 (31 of them), 11, 6, 5, 0, and one folio: four nodes

The entry is a value with a type bit, never the array's own reserved entry, which reads as nothing.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport found_t
from pagecache.mapping.core cimport Core


cdef int store_zero(Core m, uint64_t index) noexcept nogil
cdef int open_zero(Core m, found_t* found, uint64_t index, unsigned int order) noexcept nogil
