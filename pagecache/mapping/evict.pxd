"""Eviction, shadows and reclaim."""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport found_t
from pagecache.mapping.core cimport Core


cdef bint note_refault(Core m, uint64_t index, unsigned int order) noexcept nogil
cdef bint reclaim_for(Core m, uint64_t pages, bint starved) noexcept nogil
cdef bint evict_folio(Core m, found_t* found) noexcept nogil
cdef uint64_t evict_range(Core m, uint64_t first, uint64_t last) noexcept nogil
cdef uint64_t invalidate_range(Core m, uint64_t first, uint64_t last) noexcept nogil
cdef uint64_t reclaim(Core m, uint64_t pages) noexcept nogil
cdef void drop_all(Core m) noexcept nogil
cdef void drop(Core m, found_t* found) noexcept nogil
cdef bint pinned(Core m, const found_t* found) noexcept nogil
