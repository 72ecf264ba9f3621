"""Unsharing."""

from pagecache.designs.file_index cimport folio_ref_t
from pagecache.mapping.access cimport ensure
from pagecache.mapping.blocks.allocate cimport fill_holes
from pagecache.mapping.blocks.breaking cimport own_block
from pagecache.mapping.core cimport PAGE_SHIFT, block_first, block_last, is_shared
from pagecache.mapping.storage.extents cimport value_end
from pagecache.mapping.writeback cimport dirty_folio
from pagecache.page.frames cimport page_put


cdef int unshare(Core m, uint64_t start, uint64_t end, uint64_t* broken) noexcept nogil:
    """Copy what is shared of a range, through the cache, and allocate what is a hole: 0 or an errno.

    What was done before an error stays: every page reads as before.
    """
    cdef uint64_t at = block_first(m, start >> PAGE_SHIFT)
    cdef uint64_t last = block_last(m, (end - 1) >> PAGE_SHIFT)
    cdef int failed = 0
    while at <= last and not failed:
        if not is_shared(m, at):
            at = value_end(m.extents, at, last + 1)
            continue
        failed = own_block(m, at)
        if not failed:
            broken[0] += block_last(m, at) + 1 - at
            failed = dirty_block(m, at)
        at = block_last(m, at) + 1
    if not failed:
        failed = fill_holes(m, block_first(m, start >> PAGE_SHIFT), last)
    if not failed and end > m.extents.size:
        m.extents.size = end
    return failed


cdef int dirty_block(Core m, uint64_t first) noexcept nogil:
    """Have all pages of a block cached and dirty, to be written where they are the file's own."""
    cdef folio_ref_t ref
    cdef uint64_t at = first, last = block_last(m, first)
    cdef int failed
    while at <= last:
        failed = ensure(m, at, 0)
        if failed:
            return failed
        if m.index.get_folio(at, last, &ref):
            dirty_folio(m, at, ref.head)
            page_put(ref.head)
            at = ref.last
        at += 1
    return 0
