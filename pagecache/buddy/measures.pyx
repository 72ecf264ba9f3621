"""The two indices, from the counts of the lists."""

from libc.stdint cimport int64_t

from pagecache.buddy.blocks cimport TYPES


cdef uint64_t blocks_of(const buddy_t* b, unsigned int order) noexcept nogil:
    """Free blocks of exactly that order."""
    cdef unsigned int type
    cdef uint64_t count = 0
    for type in range(TYPES):
        count += b.lists[order][type].count
    return count


cdef uint64_t usable(const buddy_t* b, unsigned int order) noexcept nogil:
    """Free blocks of that order and larger ones, in units of that order."""
    cdef unsigned int k
    cdef uint64_t count = 0
    for k in range(order, b.max_order + 1):
        count += blocks_of(b, k) << (k - order)
    return count


cdef int fragmentation_index(const buddy_t* b, unsigned int order) noexcept nogil:
    cdef unsigned int k
    cdef uint64_t blocks = 0, listed = b.free - b.cached
    for k in range(b.max_order + 1):
        blocks += blocks_of(b, k)
    if usable(b, order):
        return -1000
    if blocks == 0:
        return 0
    return <int>(1000 - <int64_t>((1000 + (listed * 1000 >> order)) // blocks))


cdef int unusable_index(const buddy_t* b, unsigned int order) noexcept nogil:
    cdef uint64_t listed = b.free - b.cached
    if listed == 0:
        return 1000
    return <int>((listed - (usable(b, order) << order)) * 1000 // listed)
