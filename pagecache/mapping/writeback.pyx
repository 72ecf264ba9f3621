"""Making folios dirty and clean, and the scan by mark."""

from pagecache.designs.file_index cimport FOUND_NOTHING
from pagecache.mapping.core cimport is_shared
from pagecache.mapping.storage.extents cimport EXTENT_DATA, EXTENT_HOLE, extent_kind, set_extent, value_end
from pagecache.mapping.folio cimport PG_WRITEBACK
from pagecache.page.frames cimport PG_DIRTY


cdef void dirty_folio(Core m, uint64_t index, page_t* head) noexcept nogil:
    """Mark the folio that covers `index`, unless it is marked already."""
    if m.clones != m.extents.clones:
        own_dirty(m)
    if not head.flags & PG_DIRTY:
        head.flags |= PG_DIRTY
        m.index.set_mark(index, MARK_DIRTY)


cdef bint clean_folio(Core m, found_t* found) noexcept nogil:
    """Write one folio back.  False, and dirty as before, if there was no memory for its blocks."""
    if m.clones != m.extents.clones and own_dirty(m):
        return False
    found.head.flags &= ~<uint64_t>PG_DIRTY
    m.index.clear_mark(found.first, MARK_DIRTY)
    found.head.flags |= PG_WRITEBACK
    m.index.set_mark(found.first, MARK_WRITEBACK)
    store_content(m, found)
    found.head.flags &= ~<uint64_t>PG_WRITEBACK
    m.index.clear_mark(found.first, MARK_WRITEBACK)
    m.counts.written_back += found.last - found.first + 1
    return True


cdef int own_dirty(Core m) noexcept nogil:
    """What was dirty when the file was cloned gets blocks of its own: 0, or a negative errno.

    `File.clone` knows of no cache.  It is asked for before anything else becomes dirty or clean.
    """
    cdef found_t found
    cdef uint64_t at = 0
    cdef int failed = 0
    while not failed and m.index.next_marked(at, ~<uint64_t>0, MARK_DIRTY, &found) != FOUND_NOTHING:
        failed = own_blocks(m, found.first, found.last)
        at = found.last + 1
    if not failed:
        m.clones = m.extents.clones
    return failed


cdef int own_blocks(Core m, uint64_t first, uint64_t last) noexcept nogil:
    cdef uint64_t end
    cdef int failed = 0
    while first <= last and not failed:
        end = value_end(m.extents, first, last + 1)
        if is_shared(m, first):
            failed = set_extent(m.extents, first, end - 1, EXTENT_DATA)
        first = end
    return failed


cdef void store_content(Core m, const found_t* found) noexcept nogil:
    """What the folio holds is on disk now, where there are blocks to hold it."""
    cdef uint64_t page
    if m.content.memory is NULL:
        return
    for page in range(found.first, found.last + 1):
        if page < m.content.pages and extent_kind(m.extents, page) != EXTENT_HOLE:
            m.content.disk[page] = m.content.memory[found.pfn + (page - found.first)]


cdef uint64_t write_back(Core m, uint64_t first, uint64_t last) noexcept nogil:
    """Write back the dirty folios of a range: how many pages."""
    cdef found_t found
    cdef uint64_t at = first, before = m.counts.written_back
    while m.index.next_marked(at, last, MARK_DIRTY, &found) != FOUND_NOTHING:
        m.index.set_mark(found.first, MARK_TOWRITE)
        if found.last >= last:
            break
        at = found.last + 1
    at = first
    while m.index.next_marked(at, last, MARK_TOWRITE, &found) != FOUND_NOTHING:
        m.index.clear_mark(found.first, MARK_TOWRITE)
        clean_folio(m, &found)
        if found.last >= last:
            break
        at = found.last + 1
    return m.counts.written_back - before


cdef uint64_t scan_mark(
        Core m, unsigned int mark, uint64_t* firsts, uint64_t room) noexcept nogil:
    """How many folios carry a mark; the first indices of up to `room` of them."""
    cdef found_t found
    cdef uint64_t at = 0, seen = 0
    while m.index.next_marked(at, ~<uint64_t>0, mark, &found) != FOUND_NOTHING:
        if seen < room:
            firsts[seen] = found.first
        seen += 1
        at = found.last + 1
    return seen
