"""Eviction: a folio leaves, a shadow stays, and nodes that hold nothing else go in their turn.

A *shadow* says when its folio was evicted.  If it is read again before as many others were evicted
as the cache holds, it should not have gone: the new folio counts as in use at once.

    value bits   0      1 .. 6   7 .. 22   23 ...
                 in use  node     memcg    time of the eviction

Nodes that hold shadows only are kept in a queue.  Those beyond an eighth of the memory's pages
(one shadow for every 8 slots) are reclaimed, the oldest first, with all that is in them.
"""

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
