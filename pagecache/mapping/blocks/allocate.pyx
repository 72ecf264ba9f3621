"""Allocating blocks."""

from pagecache.designs.file_index cimport FOUND_FOLIO, FOUND_NOTHING, FOUND_ZERO, found_t
from pagecache.mapping.core cimport PAGE_SHIFT, block_first, block_last
from pagecache.mapping.evict cimport drop, pinned
from pagecache.mapping.storage.extents cimport (
    EXTENT_HOLE,
    extent_kind,
    fill_extents,
    next_data,
    next_hole,
)
from pagecache.mapping.holes cimport open_zero
from pagecache.mapping.populate cimport cover
from pagecache.page.frames cimport PG_DIRTY


cdef int fill_holes(Core m, uint64_t first, uint64_t last) noexcept nogil:
    """Holes in a range become data, whole blocks of them: 0, or a negative errno and as before."""
    return fill_extents(m.extents, block_first(m, first), block_last(m, last))


cdef int fallocate(Core m, uint64_t start, uint64_t end, uint64_t* allocated) noexcept nogil:
    """Allocate what is a hole of a range of bytes: 0 or a negative errno, and as before then.

    The file grows to `end`.  `allocated`: grows by the pages that were a hole.
    """
    cdef uint64_t first = block_first(m, start >> PAGE_SHIFT)
    cdef uint64_t last = block_last(m, (end - 1) >> PAGE_SHIFT), holes = hole_pages(m, first, last)
    cdef int failed = cover_range(m, first, last + 1) if m.behaviour.in_memory else 0
    if not failed:
        failed = fill_holes(m, first, last)
    if failed:
        if m.behaviour.in_memory:
            uncover(m, first, last)
        return failed
    allocated[0] += holes
    m.extents.size = end if end > m.extents.size else m.extents.size
    return 0


cdef int cover_range(Core m, uint64_t at, uint64_t after) noexcept nogil:
    """Cache folios over a range where nothing is cached: 0 or a negative errno."""
    cdef found_t found
    cdef unsigned int order = m.behaviour.prefer_order
    cdef int got = 0
    order = m.fits[order if order > m.behaviour.block_order else m.behaviour.block_order]
    while at < after and got >= 0:
        if m.index.next_entry(at, at, &found) == FOUND_FOLIO:
            at = found.last + 1
        elif found.kind == FOUND_ZERO:
            got = open_zero(m, &found, at, order)
        else:
            got = cover(m, at, order)
    return got if got < 0 else 0


cdef uint64_t hole_pages(Core m, uint64_t first, uint64_t last) noexcept nogil:
    cdef uint64_t at = next_hole(m.extents, first, last + 1), end, pages = 0
    while at <= last:
        end = next_data(m.extents, at, last + 1)
        pages += end - at
        at = next_hole(m.extents, end, last + 1)
    return pages


cdef void uncover(Core m, uint64_t first, uint64_t last) noexcept nogil:
    """Drop the zeroes that were cached over holes before memory ran out, as tmpfs does."""
    cdef found_t found
    while m.index.next_entry(first, last, &found) != FOUND_NOTHING:
        if found.kind == FOUND_FOLIO and not pinned(m, &found) and not found.head.flags & PG_DIRTY:
            if extent_kind(m.extents, found.first) == EXTENT_HOLE:
                drop(m, &found)
        if found.last >= last:
            break
        first = found.last + 1
