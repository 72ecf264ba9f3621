"""Breaking the share: a block of the file's own in place of one that other files have too.

A write to a shared block takes frames first, so that a failure changes nothing; then copies what
the block holds, takes the part out of this file's entry and puts the copy in its place.  The
others' entries are not touched, however many there are.

    B, order 9 at 512, shared     frame 4096 .. 4607
    B after a write to 600        .. 4183 | a frame of its own | 4185 ..      A still has all 512
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core


cdef int break_share(Core m, uint64_t index, unsigned int order) noexcept nogil
cdef void offer_folios(Core m) noexcept nogil
cdef int own_block(Core m, uint64_t index) noexcept nogil
