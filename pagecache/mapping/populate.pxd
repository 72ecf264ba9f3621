"""Making folios and putting them into the index."""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core


cdef int add_folio(
    Core m, uint64_t index, unsigned int order, unsigned int least, bint down) noexcept nogil
cdef int install(Core m, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
cdef int cover(Core m, uint64_t index, unsigned int order) noexcept nogil
cdef int fill(
    Core m, uint64_t first, uint64_t end, unsigned int order, uint64_t marker) noexcept nogil
cdef void offer(Core m, uint64_t index, unsigned int order, uint64_t key) noexcept nogil
cdef int fill_block(Core m, uint64_t index) noexcept nogil
cdef int take_frames(
    Core m, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil
