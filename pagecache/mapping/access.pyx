"""Reading and writing: what read() and write() do with the cache.

*Read.*  Take the folio that covers the page; if no folio is there, read a window ahead and look again;
go on behind the folio.  A page with the readahead marker starts the next window.

*Write.*  Take the folio, or make one of the order that the length suggests; have blocks allocated
where the file has a hole; mark the folio dirty.
"""

from libc.errno cimport ENOMEM

from pagecache.designs.file_index cimport FOUND_NOTHING, FOUND_ZERO, found_t
from pagecache.mapping.blocks.allocate cimport fill_holes
from pagecache.mapping.blocks.breaking cimport break_share
from pagecache.mapping.core cimport (
    PAGE_SHIFT,
    ZERO_ENTRIES,
    block_first,
    block_last,
    file_pages,
    grow_disk,
    is_shared,
    next_solid,
)
from pagecache.mapping.storage.extents cimport EXTENT_HOLE, extent_kind, value_end
from pagecache.mapping.folio cimport PG_READAHEAD, PG_REFERENCED, folio_pages
from pagecache.mapping.holes cimport open_zero, store_zero
from pagecache.mapping.populate cimport cover, fill
from pagecache.mapping.window cimport ra_marker, ra_miss, ra_willneed
from pagecache.mapping.writeback cimport dirty_folio
from pagecache.page.frames cimport page_put

cdef extern from *:
    int __builtin_clzll(unsigned long long) noexcept nogil
    int __builtin_ctzll(unsigned long long) noexcept nogil


cdef int read_pages(Core m, uint64_t index, uint64_t count, uint64_t* total) noexcept nogil:
    """Read pages of the file: 0 or a negative errno.  `total` grows by the frames they are in.

    What was read before an error is cached.  A page of zeroes without a frame adds nothing.
    """
    cdef folio_ref_t ref
    cdef uint64_t last = index + (count - 1), pages
    cdef int failed
    while index <= last:
        if not m.index.get_folio(index, last, &ref):
            failed = read_missing(m, &index, last)
            if failed:
                return failed
            continue
        if ref.head.flags & (PG_READAHEAD | PG_REFERENCED) != PG_REFERENCED:
            seen(m, &ref, index, last)
        pages = ref.last - index + 1
        total[0] += pages * ref.frame + pages * (pages - 1) // 2
        m.counts.hits += pages
        page_put(ref.head)
        index = ref.last + 1
    m.ra.previous = last
    return 0


cdef int read_missing(Core m, uint64_t* index, uint64_t last) noexcept nogil:
    """Nothing is cached at `index`: have it cached, or go past zeroes that need no page."""
    cdef found_t found
    cdef uint64_t end = index[0]
    cdef int failed = 0
    if m.index.next_entry(index[0], index[0], &found) == FOUND_ZERO:
        end = found.last
    else:
        m.counts.misses += 1
        if m.ways.holes == 0 or extent_kind(m.extents, index[0]) != EXTENT_HOLE:
            return read_in(m, index[0], last)
        if m.ways.holes == ZERO_ENTRIES:
            return store_zero(m, index[0])
    end = end if end < last else last
    m.counts.zero_reads += end - index[0] + 1
    index[0] = end + 1
    return failed


cdef int read_in(Core m, uint64_t index, uint64_t last) noexcept nogil:
    """Have the page at `index` read, and a window after it: 0, or a negative errno."""
    if not m.ways.prefer_order and not m.ways.in_memory:
        ra_miss(&m.ra, index, last - index + 1)
        fill_window(m)
    return ensure(m, index, m.ways.prefer_order)


cdef int ensure(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Cache a folio around `index` unless there is one: a window may have failed, or gone again."""
    cdef found_t found
    cdef int got
    if next_solid(m, index, index, &found) != FOUND_NOTHING:
        return 0
    got = cover(m, index, order if order > m.ways.block_order else m.ways.block_order)
    return got if got < 0 else 0


cdef int fill_window(Core m) noexcept nogil:
    """Read the window that readahead has chosen, up to the end of the file."""
    cdef uint64_t end = m.ra.start + m.ra.size, pages = file_pages(m)
    if end > pages:
        end = pages
    if m.ra.start >= end:
        return 0
    return fill(m, m.ra.start, end, m.ra.order, m.ra.marker)


cdef void seen(Core m, folio_ref_t* ref, uint64_t index, uint64_t last) noexcept nogil:
    """A folio that is read for the first time since it came or was looked at by reclaim."""
    cdef uint64_t first, end, missing
    ref.head.flags |= PG_REFERENCED
    if not ref.head.flags & PG_READAHEAD:
        return
    ref.head.flags &= ~<uint64_t>PG_READAHEAD
    if m.ways.prefer_order or m.ways.in_memory:
        return
    first = ref.head.index
    end = first + folio_pages(ref.head)
    if first <= m.ra.marker < end:
        m.ra.marker = first  # the marker's page lies within a larger folio
    missing = end if first == m.ra.marker else first_missing(m, end)
    ra_marker(&m.ra, first, last + 1 - first, missing)
    fill_window(m)


cdef uint64_t first_missing(Core m, uint64_t index) noexcept nogil:
    """The first page from `index` on that is not cached, among those a window could have."""
    cdef found_t found
    cdef uint64_t at = index, end = index + m.ra.pages * 2
    while at < end and m.index.next_entry(at, at, &found) != FOUND_NOTHING:
        at = found.last + 1
    return at


cdef int willneed(Core m, uint64_t index) noexcept nogil:
    """FADV_WILLNEED: as much as one transfer carries, in folios of order 0."""
    cdef uint64_t end = index + ra_willneed(&m.ra), pages = file_pages(m)
    end = end if end < pages else pages
    return fill(m, index, end, 0, ~<uint64_t>0) if index < end else 0


# Writing ---------------------------------------------------------------------------------------


cdef int write_bytes(
        Core m, uint64_t position, uint64_t end, uint64_t identity) noexcept nogil:
    """Write from `position` up to `end`: 0 or a negative errno; what was written before it stays.

    Page k of the file then holds `identity` + k.  The file grows as it is written.
    """
    cdef folio_ref_t ref
    cdef uint64_t index = position >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT, page, written
    cdef int failed
    if not grow_disk(m, last + 1):
        return -ENOMEM
    while index <= last:
        failed = writable(m, index, last, &ref)
        if failed:
            return failed
        failed = fill_holes(m, index, ref.last)
        if not failed:
            dirty_folio(m, index, ref.head)
            ref.head.flags |= PG_REFERENCED
            if m.content.memory is not NULL:
                for page in range(index, ref.last + 1):
                    m.content.memory[ref.frame + (page - index)] = identity + page
        page_put(ref.head)
        if failed:
            return failed
        index = ref.last + 1
        written = index << PAGE_SHIFT if index <= last else end
        if written > m.extents.size:
            m.extents.size = written
    return 0


cdef int writable(Core m, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil:
    """The folio to write into, referenced: 0 or a negative errno."""
    cdef found_t found
    cdef unsigned int order
    cdef int got
    if is_shared(m, index):
        got = break_share(m, index, aligned_order(m, block_first(m, index), block_last(m, last)))
        if got:
            return got
    if m.index.get_folio(index, block_end(m, index, last), ref):
        m.counts.hits += 1
        return 0
    m.counts.misses += 1
    order = write_order(m, index, last)
    if m.index.next_entry(index, index, &found) == FOUND_ZERO:
        got = open_zero(m, &found, index, order)
    else:
        got = cover(m, index, order)
    if got < 0:
        return got
    return 0 if m.index.get_folio(index, block_end(m, index, last), ref) else -ENOMEM


cdef inline uint64_t block_end(Core m, uint64_t index, uint64_t last) noexcept nogil:
    """Up to where a write may go at once: what follows may be shared still."""
    return value_end(m.extents, index, last + 1) - 1 if m.extents.shares else last


cdef unsigned int write_order(Core m, uint64_t index, uint64_t last) noexcept nogil:
    """The order that fits what is left to write, as the index is aligned; the block's at least."""
    cdef unsigned int order = m.ways.prefer_order
    if not order:
        return aligned_order(m, index, last)
    return m.fits[order if order > m.ways.block_order else m.ways.block_order]


cdef unsigned int aligned_order(Core m, uint64_t index, uint64_t last) noexcept nogil:
    """The largest order that a folio at `index` can have and end at `last`; the block's at least."""
    cdef unsigned int order = 63 - __builtin_clzll(last - index + 1)
    if index and <int>order > __builtin_ctzll(index):
        order = __builtin_ctzll(index)
    return m.fits[order if order > m.ways.block_order else m.ways.block_order]
