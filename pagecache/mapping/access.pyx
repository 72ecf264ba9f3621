"""What read() and write() do with the cache."""

from libc.errno cimport ENOMEM

from pagecache.designs.file_index cimport FOUND_NOTHING, FOUND_ZERO, found_t
from pagecache.mapping.blocks.allocate cimport fill_holes
from pagecache.mapping.blocks.breaking cimport break_share
from pagecache.mapping.core cimport (
    PAGE_SHIFT,
    ZERO_ENTRIES,
    block_first,
    block_last,
    grow_disk,
    is_shared,
    next_solid,
)
from pagecache.mapping.storage.extents cimport EXTENT_HOLE, extent_kind, value_end
from pagecache.mapping.folio cimport PG_READAHEAD, PG_REFERENCED
from pagecache.mapping.holes cimport open_zero, store_zero
from pagecache.mapping.populate cimport cover
from pagecache.mapping.readahead.cached_file cimport cached_t, readahead_t
from pagecache.mapping.readahead.miss cimport ra_marked, ra_miss
from pagecache.mapping.readahead.rules cimport round_up
from pagecache.mapping.writeback cimport dirty_folio
from pagecache.page.frames cimport page_put

cdef extern from *:
    int __builtin_clzll(unsigned long long) noexcept nogil
    int __builtin_ctzll(unsigned long long) noexcept nogil


cdef struct reading_t:  # a read() on its way
    readahead_t* ra
    uint64_t start  # bytes; the end is the one asked for, even beyond that of the file
    uint64_t end
    uint64_t batch  # where the batch of folios begins that is taken now


cdef int read_bytes(
        Core m, readahead_t* ra, uint64_t start, uint64_t end, uint64_t* total) noexcept nogil:
    """Read up to `end` or the end of the file: 0 or a negative errno.

    `total` grows by the frames that the pages are in.  What was read before an error is cached.  A
    page of zeroes without a frame adds nothing.
    """
    cdef uint64_t stop = end if end < m.extents.size else m.extents.size
    cdef uint64_t index, last = (stop - 1) >> PAGE_SHIFT
    if start >= stop:
        return 0
    index = read_cached(m, start >> PAGE_SHIFT, last, total)
    if index <= last or m.rules.on.read_past_end:
        return read_on(m, ra, start, end, index, total)
    ra.previous = stop
    return 0


cdef inline uint64_t read_cached(
        Core m, uint64_t index, uint64_t last, uint64_t* total) noexcept nogil:
    """Read what is cached, and was read before: the first page that takes more than that.

    For itself, since it is the hot part: a read of one page takes 73 instructions beside the lookup,
    and 84 with all else in its loop.
    """
    cdef folio_ref_t ref
    while index <= last:
        if not m.index.get_folio(index, last, &ref):
            break
        if is_new_or_marked(ref.head.flags):
            page_put(ref.head)
            break
        index = take_pages(m, &ref, index, total)
    return index


cdef inline bint is_new_or_marked(uint64_t flags) noexcept nogil:
    """Was the folio not read since it came or reclaim looked at it, or does it start a window?"""
    return flags & (PG_READAHEAD | PG_REFERENCED) != PG_REFERENCED


cdef inline uint64_t take_pages(
        Core m, folio_ref_t* ref, uint64_t index, uint64_t* total) noexcept nogil:
    """Count the pages of a folio as read, and put it: the page behind them."""
    cdef uint64_t pages = ref.last - index + 1
    total[0] += pages * ref.frame + pages * (pages - 1) // 2
    m.counts.hits += pages
    page_put(ref.head)
    return index + pages


cdef int read_on(
        Core m, readahead_t* ra, uint64_t start, uint64_t end, uint64_t index,
        uint64_t* total) noexcept nogil:
    """Read the same from page `index` on, whatever it takes: 0 or a negative errno."""
    cdef folio_ref_t ref
    cdef reading_t reading
    cdef uint64_t stop = end if end < m.extents.size else m.extents.size
    cdef uint64_t last = (stop - 1) >> PAGE_SHIFT
    cdef int failed
    reading.ra, reading.start, reading.end, reading.batch = ra, start, end, start >> PAGE_SHIFT
    while index <= last:
        if not m.index.get_folio(index, last, &ref):
            failed = read_missing(m, &reading, &index, last)
            if failed:
                return failed
            continue
        if is_new_or_marked(ref.head.flags):
            seen(m, &reading, &ref, index)
        index = take_pages(m, &ref, index, total)
    ra.previous = stop
    if m.rules.on.read_past_end:
        look_past_end(m, &reading)
    return 0


cdef int read_missing(
        Core m, reading_t* reading, uint64_t* index, uint64_t last) noexcept nogil:
    """Nothing is cached at `index`: have it cached, or go past zeroes that need no page."""
    cdef found_t found
    cdef uint64_t end = index[0]
    cdef int failed = 0
    if m.index.next_entry(index[0], index[0], &found) == FOUND_ZERO:
        end = found.last
    else:
        m.counts.misses += 1
        if m.behaviour.holes == 0 or extent_kind(m.extents, index[0]) != EXTENT_HOLE:
            return read_in(m, reading, index[0])
        if m.behaviour.holes == ZERO_ENTRIES:
            return store_zero(m, index[0])
    end = end if end < last else last
    m.counts.zero_reads += end - index[0] + 1
    index[0] = end + 1
    return failed


cdef int read_in(Core m, reading_t* reading, uint64_t index) noexcept nogil:
    """Have the page at `index` read, and a window after it: 0, or a negative errno."""
    if m.rules.on.position_moves and index != reading.start >> PAGE_SHIFT:
        reading.ra.previous = index << PAGE_SHIFT
    reading.batch = index
    if not m.behaviour.prefer_order and not m.behaviour.in_memory:
        ra_miss(m, reading.ra, index, request_end(m, reading) - index)
    return ensure(m, index, m.behaviour.prefer_order)


cdef inline uint64_t request_end(Core m, const reading_t* reading) noexcept nogil:
    """The page behind the request, as readahead sees it."""
    cdef uint64_t after = ((reading.end - 1) >> PAGE_SHIFT) + 1
    return round_up(after, m.min_order) if m.rules.on.request_rounded else after


cdef int ensure(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Cache a folio around `index` unless there is one: a window may have failed, or gone again."""
    cdef found_t found
    cdef int got
    if next_solid(m, index, index, &found) != FOUND_NOTHING:
        return 0
    got = cover(m, index, order if order > m.min_order else m.min_order)
    return got if got < 0 else 0


cdef void seen(Core m, reading_t* reading, folio_ref_t* ref, uint64_t index) noexcept nogil:
    """A folio with the mark, or one read for the first time since it came or reclaim looked at it."""
    cdef cached_t found
    ref.head.flags |= PG_REFERENCED
    if ref.head.flags & PG_READAHEAD and m.find_cached(index, &found):
        reading.batch = ref.last + 1
        ra_marked(m, reading.ra, &found, found.first, request_end(m, reading) - found.first)


cdef void look_past_end(Core m, reading_t* reading) noexcept nogil:
    """Up to 6.1 a read that had room in its batch of folios looked at the page behind its end."""
    cdef cached_t found
    cdef uint64_t at = reading.batch, after = request_end(m, reading)
    cdef unsigned int taken = 0
    while at < after and m.find_cached(at, &found):
        at = found.first + (<uint64_t>1 << found.order)
        taken = taken + 1 if taken < m.rules.on.folio_batch else 1
    if at != after or taken in (0, m.rules.on.folio_batch) or not m.find_cached(at, &found):
        return
    if found.marked:
        ra_marked(m, reading.ra, &found, found.first, after - found.first)


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
    cdef unsigned int order = m.behaviour.prefer_order
    if not order:
        return aligned_order(m, index, last)
    return m.fits[order if order > m.behaviour.block_order else m.behaviour.block_order]


cdef unsigned int aligned_order(Core m, uint64_t index, uint64_t last) noexcept nogil:
    """The largest order that a folio at `index` can have and end at `last`; the block's at least."""
    cdef unsigned int order = 63 - __builtin_clzll(last - index + 1)
    if index and <int>order > __builtin_ctzll(index):
        order = __builtin_ctzll(index)
    return m.fits[order if order > m.behaviour.block_order else m.behaviour.block_order]
