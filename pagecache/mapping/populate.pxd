"""Making folios: frames from the policy, of a good order or what there is, and into the index.

    wanted: order 9 at 512     policy has 9      one folio of order 9
                               policy falls to 5 16 folios of order 5, as long as it lasts

A window or a block is filled folio by folio: each as large as was asked for, as its index is
aligned, and as the free run around it allows.
"""

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
