"""Truncate and punch: dropping what lies inside, cutting what lies across an end."""

from libc.errno cimport EBUSY, EINVAL

from pagecache.designs.file_index cimport (
    FOUND_FOLIO,
    FOUND_NOTHING,
    FOUND_ZERO,
    folio_ref_t,
    found_t,
)
from pagecache.mapping.content cimport part_zeroed
from pagecache.mapping.core cimport PAGE_BYTES, PAGE_SHIFT, block_first, page_at
from pagecache.mapping.evict cimport drop, pinned
from pagecache.mapping.storage.extents cimport EXTENT_HOLE, extent_kind, extent_room, set_extent
from pagecache.mapping.folio cimport (
    PG_SHARED,
    PG_WRITEBACK,
    lru_add,
    lru_remove,
    make_piece,
)
from pagecache.mapping.blocks.breaking cimport own_block
from pagecache.mapping.writeback cimport MARK_DIRTY, dirty_folio
from pagecache.page.frames cimport PG_DIRTY, folio_order, page_put, page_t, page_to_pfn

cdef enum:
    LAST_INDEX = (1 << 52) - 1  # no file reaches further


cdef int truncate_to(Core m, uint64_t size) noexcept nogil:
    """Make the file end at `size` bytes: 0 or a negative errno."""
    cdef uint64_t pages = (size + PAGE_BYTES - 1) >> PAGE_SHIFT, first
    cdef int failed = 0
    if m.behaviour.huge_pool and size & ((PAGE_BYTES << m.behaviour.block_order) - 1):
        return -EINVAL
    if size >= m.extents.size:
        m.extents.size = size
        return 0
    failed = extent_room(m.extents) or own_edge(m, size)
    if failed:
        return failed
    m.extents.size = size
    if size & (PAGE_BYTES - 1):
        zero_part(m, size >> PAGE_SHIFT, size & (PAGE_BYTES - 1), PAGE_BYTES)
    first = block_first(m, pages + ((<uint64_t>1 << m.behaviour.block_order) - 1))
    zero_pages(m, pages, first)
    zero_disk(m, first, m.content.pages)
    drop_range(m, first, LAST_INDEX, True)
    return set_extent(m.extents, first, LAST_INDEX, EXTENT_HOLE)


cdef int punch(Core m, uint64_t position, uint64_t end) noexcept nogil:
    """Make a hole of a range of bytes: whole blocks lose their pages, the rest is zeroed.

    The last block is whole if the range covers it to its end, beyond that of the file; a few
    filesystems say so of any range that ends beyond the file.  0, or a negative errno.
    """
    cdef uint64_t mask = (PAGE_BYTES << m.behaviour.block_order) - 1, size = m.extents.size
    cdef uint64_t block, blocks_end, zeroed = end if end < size else size
    cdef int failed = extent_room(m.extents)
    if position >= size or failed:
        return failed
    if m.behaviour.punch_takes_last and end > size:
        end = (size + mask) & ~mask
    block, blocks_end = (position + mask) & ~mask, end & ~mask
    if block > position:
        failed = own_edge(m, position)
    if blocks_end < zeroed and not failed:
        failed = own_edge(m, end)
    if failed:
        return failed
    if block >= blocks_end:  # no whole block
        zero_bytes(m, position, zeroed)
        return 0
    zero_bytes(m, position, block)
    zero_bytes(m, blocks_end, zeroed)
    zero_disk(m, block >> PAGE_SHIFT, blocks_end >> PAGE_SHIFT)
    drop_range(m, block >> PAGE_SHIFT, (blocks_end >> PAGE_SHIFT) - 1, False)
    return set_extent(m.extents, block >> PAGE_SHIFT, (blocks_end >> PAGE_SHIFT) - 1, EXTENT_HOLE)


# Zeroing ---------------------------------------------------------------------------------------


cdef int own_edge(Core m, uint64_t position) noexcept nogil:
    """The block that a cut at `position` leaves in part is this file's own: 0, or a negative errno.

    Before anything is changed: zeroing what is shared takes frames.
    """
    if position & ((PAGE_BYTES << m.behaviour.block_order) - 1) == 0:
        return 0
    return own_block(m, position >> PAGE_SHIFT)


cdef void zero_part(Core m, uint64_t page, uint64_t start, uint64_t end) noexcept nogil:
    """Zero bytes of one page: in the cache, dirty then, or else on disk."""
    cdef folio_ref_t ref
    if extent_kind(m.extents, page) == EXTENT_HOLE:
        return
    if m.index.get_folio(page, page, &ref):
        dirty_folio(m, page, ref.head)
        if m.content.memory is not NULL:
            m.content.memory[ref.frame] = part_zeroed(m.content.memory[ref.frame], start, end)
        page_put(ref.head)
    elif page < m.content.pages:
        m.content.disk[page] = part_zeroed(m.content.disk[page], start, end)


cdef void zero_bytes(Core m, uint64_t position, uint64_t end) noexcept nogil:
    """Zero bytes of blocks that stay, up to the end of the file at most."""
    cdef uint64_t page, start, after
    while position < end:
        page, start = position >> PAGE_SHIFT, position & (PAGE_BYTES - 1)
        after = (page + 1) << PAGE_SHIFT
        after = after if after < end else end
        zero_part(m, page, start, PAGE_BYTES if after >= m.extents.size else after - (page << PAGE_SHIFT))
        position = after


cdef void zero_pages(Core m, uint64_t first, uint64_t end) noexcept nogil:
    """Zero pages of a block that stays."""
    cdef uint64_t page
    for page in range(first, end):
        zero_part(m, page, 0, PAGE_BYTES)


cdef void zero_disk(Core m, uint64_t first, uint64_t end) noexcept nogil:
    cdef uint64_t page
    for page in range(first, end if end < m.content.pages else m.content.pages):
        m.content.disk[page] = 0


# Dropping and cutting --------------------------------------------------------------------------


cdef void drop_range(Core m, uint64_t first, uint64_t last, bint at_end) noexcept nogil:
    """Remove what is cached of a range; `at_end`: of the file, so that zero entries go too."""
    cdef found_t found
    cdef uint64_t at = first
    if m.index.next_entry(first, first, &found) == FOUND_FOLIO:
        cut(m, &found, first, last)
    if m.index.next_entry(last, last, &found) == FOUND_FOLIO and found.first > first:
        cut(m, &found, first, last)
    while m.index.next_entry(at, last, &found) != FOUND_NOTHING:
        if found.kind == FOUND_FOLIO:
            if found.first >= first and found.last <= last:
                drop(m, &found)
        elif at_end or found.kind != FOUND_ZERO:  # a hole made of a hole reads as before
            m.index.erase_value(found.first if found.first > first else first)
        if found.last >= last:
            break
        at = found.last + 1


cdef void cut(Core m, found_t* folio, uint64_t first, uint64_t last) noexcept nogil:
    """Divide a folio that lies across an end of the range, so that its part inside can go."""
    cdef uint64_t folio_last = folio.last
    if folio.first >= first and folio.last <= last:
        return
    if split_at(m, folio, first if first > folio.first else folio.first):
        keep_or_lose(m, folio.first, folio_last, first, last)
        return
    if last >= folio_last:
        return
    m.index.next_entry(last + 1, last + 1, folio)
    if split_at(m, folio, last + 1):
        keep_or_lose(m, folio.first, folio_last, first, last)


cdef void keep_or_lose(
        Core m, uint64_t at, uint64_t end, uint64_t first, uint64_t last) noexcept nogil:
    """What could not be split from `at` to `end`: dirty, it stays and is zeroed; clean, it goes."""
    cdef found_t found
    cdef uint64_t page
    while m.index.next_entry(at, end, &found) == FOUND_FOLIO:
        at = found.last + 1
        if found.last < first or found.first > last or (
                found.first >= first and found.last <= last):
            continue
        if not found.head.flags & PG_DIRTY:
            m.counts.dropped_whole += 1
            drop(m, &found)
        elif m.content.memory is not NULL:
            for page in range(first if first > found.first else found.first,
                              (last if last < found.last else found.last) + 1):
                m.content.memory[found.pfn + (page - found.first)] = 0


cdef int split_at(Core m, found_t* folio, uint64_t index) noexcept nogil:
    """Split a folio until the piece with `index` is of the block's order: 0 or a negative errno."""
    cdef unsigned int order = folio_order(folio.head), lower
    cdef bint dirty = folio.head.flags & PG_DIRTY
    cdef page_t* head = folio.head
    cdef int failed = 0
    if folio.last - folio.first + 1 <= <uint64_t>1 << m.behaviour.block_order:
        return 0
    if folio.head.flags & PG_SHARED:  # the folio is others' too: the entry is cut, not it
        return m.index.split_value(index, m.behaviour.block_order)
    if pinned(m, folio) or folio.head.flags & PG_WRITEBACK:
        m.counts.split_failures += 1
        return -EBUSY
    if dirty:  # marks are set again on the pieces
        m.index.clear_mark(folio.first, MARK_DIRTY)
    while order > m.behaviour.block_order and not failed:
        lower = lower_order(m, order)
        failed = m.index.split_folio(index, lower)
        if not failed:
            split_one(m, head, order, lower)
            head = page_at(m, folio.pfn + ((index - folio.first) >> lower << lower))
            order = lower
    if dirty:
        mark_pieces(m, folio.first, folio.last)
    m.counts.splits += 1
    m.counts.split_failures += failed != 0
    return failed


cdef inline unsigned int lower_order(Core m, unsigned int order) noexcept nogil:
    """The order of the pieces of one step."""
    cdef unsigned int lower = m.behaviour.block_order
    if m.behaviour.non_uniform and m.fits[order - 1] > lower:
        lower = m.fits[order - 1]
    return lower


cdef void split_one(Core m, page_t* head, unsigned int order, unsigned int lower) noexcept nogil:
    """Make a folio's struct pages, and its block of frames, several.  The first piece comes last."""
    cdef uint64_t k, pieces = <uint64_t>1 << (order - lower)
    lru_remove(&m.lru, head)
    for k in range(pieces):
        make_piece(head + ((pieces - 1 - k) << lower), head, lower, m.behaviour.tails)
        lru_add(&m.lru, head + ((pieces - 1 - k) << lower))
    m.policy.split_block(page_to_pfn(m.frames, head), order, lower)


cdef void mark_pieces(Core m, uint64_t first, uint64_t last) noexcept nogil:
    cdef found_t found
    while first <= last and m.index.next_entry(first, last, &found) == FOUND_FOLIO:
        m.index.set_mark(found.first, MARK_DIRTY)
        first = found.last + 1
