"""Truncate and punch: what lies inside goes; a folio that lies across an end is cut.

*Cutting* a folio of order 9 at page 255 of it, the range being that one page (Linux from 6.15 on):

    split at 255      256 | 256 whole        at 254: 128 | 64 | 32 | 16 | 8 | 4 | 2 | 1 . 1
    split at 256      the piece with the first page after the range, in the same way
    drop 255

so only the path to each end is divided.  A *uniform* split (up to 6.14) makes all 512 pages.  A
folio that is pinned cannot be split: if it is dirty it stays whole, zeroed where the range is;
if it is clean it is dropped whole, since it can be read again.
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core


cdef int truncate_to(Core m, uint64_t size) noexcept nogil
cdef int punch(Core m, uint64_t position, uint64_t end) noexcept nogil
cdef void drop_range(Core m, uint64_t first, uint64_t last, bint at_end) noexcept nogil
