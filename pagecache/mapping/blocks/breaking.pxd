"""Breaking the share: a block of one's own in place of one that others have too."""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core


cdef int break_share(Core m, uint64_t index, unsigned int order) noexcept nogil
cdef void offer_folios(Core m) noexcept nogil
cdef int own_block(Core m, uint64_t index) noexcept nogil
