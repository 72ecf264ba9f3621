"""The fault handler: what is cached around the page, or a window, or a block of its own."""

from pagecache.designs.file_index cimport FOUND_FOLIO, FOUND_NOTHING, FOUND_ZERO, folio_ref_t, found_t
from pagecache.mapping.access cimport ensure, writable
from pagecache.mapping.blocks.allocate cimport fill_holes
from pagecache.mapping.blocks.breaking cimport own_block
from pagecache.mapping.core cimport NO_ENTRY, ZERO_ENTRIES, file_pages, grow_disk, is_shared
from pagecache.mapping.storage.extents cimport EXTENT_HOLE, extent_kind
from pagecache.mapping.folio cimport PG_READAHEAD, PG_REFERENCED, PG_WORKINGSET
from pagecache.mapping.holes cimport store_zero
from pagecache.mapping.readahead.cached_file cimport cached_t, lower_misses
from pagecache.mapping.readahead.fault cimport fault_marked, read_mapped
from pagecache.mapping.vm_fault cimport (
    FAULT_MAJOR,
    FAULT_NOPAGE,
    FAULT_OOM,
    FAULT_SIGBUS,
    vm_fault,
)
from pagecache.mapping.writeback cimport dirty_folio
from pagecache.page.frames cimport page_put

cdef enum:
    AROUND = 16  # pages: fault_around_bytes is 65536


cdef vm_fault_t fault(
        Core m, readahead_t* ra, unsigned int advice, uint64_t index, bint write,
        uint64_t identity) noexcept nogil:
    """Touch one page of the mapped file.  O(height), and the window if it is not cached.

    `advice` is the mapping's (readahead/fault.pxd).  A write leaves `identity` + `index` in the
    page; 0 leaves what it holds.
    """
    cdef folio_ref_t ref
    cdef unsigned int bits = 0
    if index >= file_pages(m):
        return vm_fault(FAULT_SIGBUS)
    if write and is_shared(m, index) and own_block(m, index):
        return vm_fault(FAULT_OOM)
    if not m.index.get_folio(index, index, &ref):
        bits = fault_missing(m, ra, advice, index, write)
        if bits & (FAULT_OOM | FAULT_SIGBUS | FAULT_NOPAGE):
            return vm_fault(bits)
        if not m.index.get_folio(index, index, &ref):
            return vm_fault(no_memory(m))
        if not write and ra.misses:
            lower_misses(ra, useful_around(m, index))
    else:
        fault_cached(m, ra, advice, index, write, ref.head.flags)
    ref.head.flags |= PG_REFERENCED
    if write and (fill_holes(m, index, index) or not grow_disk(m, index + 1)):
        bits |= FAULT_OOM
    elif write:
        dirty_folio(m, index, ref.head)
        if identity and m.content.memory is not NULL:
            m.content.memory[ref.frame] = identity + index
    m.counts.hits += bits == 0
    page_put(ref.head)
    return vm_fault(bits)


cdef void fault_cached(
        Core m, readahead_t* ra, unsigned int advice, uint64_t index, bint write,
        uint64_t flags) noexcept nogil:
    """A page that is cached: fault-around maps it, unless its folio has the mark, or for writing."""
    cdef cached_t found
    if not write:
        m.counts.around += count_around(m, index, PG_READAHEAD)
        if ra.misses:
            lower_misses(ra, useful_around(m, index))
    if (write or flags & PG_READAHEAD) and m.find_cached(index, &found):
        fault_marked(m, ra, advice, &found, index)


cdef inline unsigned int no_memory(Core m) noexcept nogil:
    """An empty pool of huge pages is no business of the memory: the process gets SIGBUS."""
    return FAULT_SIGBUS if m.behaviour.huge_pool else FAULT_OOM


cdef unsigned int fault_missing(
        Core m, readahead_t* ra, unsigned int advice, uint64_t index, bint write) noexcept nogil:
    """Have the page at `index` cached: MAJOR if it was read from storage, or why it could not be."""
    cdef found_t found
    cdef bint hole = extent_kind(m.extents, index) == EXTENT_HOLE
    cdef bint zero = m.index.next_entry(index, index, &found) == FOUND_ZERO
    if write and (zero or hole):
        return fault_hole(m, index)
    if zero:
        return FAULT_NOPAGE
    m.counts.misses += 1
    if hole and m.behaviour.holes == ZERO_ENTRIES:
        return FAULT_OOM if store_zero(m, index) else FAULT_NOPAGE
    if not (m.behaviour.in_memory or m.behaviour.prefer_order or (hole and m.behaviour.holes == NO_ENTRY)):
        read_mapped(m, ra, advice, file_pages(m), index)
    if ensure(m, index, m.behaviour.prefer_order):
        return no_memory(m)
    return 0 if hole and m.behaviour.holes == NO_ENTRY else FAULT_MAJOR


cdef unsigned int fault_hole(Core m, uint64_t index) noexcept nogil:
    """A write into a hole takes frames and no storage."""
    cdef folio_ref_t ref
    if writable(m, index, index, &ref):
        return no_memory(m)
    page_put(ref.head)
    return 0


cdef uint64_t useful_around(Core m, uint64_t index) noexcept nogil:
    """Those that speak for readahead: from 6.10 on not the folios that were evicted before."""
    if m.rules.on.workingset_misses_stay:
        return count_around(m, index, PG_READAHEAD | PG_WORKINGSET)
    return count_around(m, index, PG_READAHEAD)


cdef uint64_t count_around(Core m, uint64_t index, uint64_t left_out) noexcept nogil:
    """How many of the aligned 16 pages around `index` are cached, in folios without such a flag."""
    cdef found_t found
    cdef uint64_t at = index & ~<uint64_t>(AROUND - 1), last = at | (AROUND - 1), pages = 0
    while m.index.next_entry(at, last, &found) != FOUND_NOTHING:
        if found.kind == FOUND_FOLIO and not found.head.flags & left_out:
            pages += (found.last if found.last < last else last) + 1 - (
                found.first if found.first > at else at)
        if found.last >= last:
            break
        at = found.last + 1
    return pages
