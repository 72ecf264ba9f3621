"""Copying a shared block, and storing the copy in its place."""

from libc.errno cimport ENOMEM

from pagecache.designs.file_index cimport FOUND_FOLIO, FOUND_NOTHING, found_t
from pagecache.mapping.core cimport block_first, block_last, is_shared
from pagecache.mapping.evict cimport drop, pinned
from pagecache.mapping.storage.extents cimport (
    EXTENT_DATA,
    EXTENT_SHARED,
    extent_kind,
    extent_room,
    extent_value,
    next_data,
    set_extent,
    value_end,
)
from pagecache.mapping.folio cimport PG_SHARED
from pagecache.mapping.populate cimport install, offer, take_frames
from pagecache.mapping.storage.sharing cimport shared_key
from pagecache.page.frames cimport folio_order


cdef int own_block(Core m, uint64_t index) noexcept nogil:
    """Make the block around `index` this file's own, whether it is cached or not: 0 or an errno."""
    if not is_shared(m, index):
        return 0
    return break_share(m, index, m.behaviour.block_order)


cdef int break_share(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Make shared blocks around `index` this file's own, a folio of `order` at most: 0 or an errno."""
    cdef found_t found
    cdef uint64_t at = block_first(m, index), end
    cdef int got = extent_room(m.extents)
    if got:
        return got
    while order > m.behaviour.block_order and not may_break(m, index, order):
        order = m.fits[order - 1]
    end = block_last(m, index) + 1
    if order > m.behaviour.block_order:
        at = index >> order << order
        end = at + (<uint64_t>1 << order)
    index = at
    while at < end:
        if m.index.next_entry(at, at, &found) == FOUND_FOLIO and found.head.flags & PG_SHARED:
            got = copy_piece(m, &found, at, order)
            if got < 0:
                return got
            at += <uint64_t>1 << got
        else:
            at += 1  # not cached, or nobody else has the folio: what is on disk is its own now
    m.counts.shares_broken += 1
    return set_extent(m.extents, index, end - 1, EXTENT_DATA)


cdef bint may_break(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Are all blocks of an aligned range shared, and cached by one entry?"""
    cdef found_t found
    cdef uint64_t first = index >> order << order, last = first + ((<uint64_t>1 << order) - 1), at = first
    if m.index.next_entry(first, first, &found) != FOUND_FOLIO or found.last < last:
        return False
    while at <= last:
        if extent_kind(m.extents, at) != EXTENT_SHARED:
            return False
        at = block_last(m, at) + 1
    return True


cdef int copy_piece(Core m, found_t* found, uint64_t at, unsigned int order) noexcept nogil:
    """A copy of 2^order pages from `at` on, in place of that part of an entry: its order, or an errno."""
    cdef uint64_t pfn = 0, k
    cdef int got, failed
    while found.last + 1 < at + (<uint64_t>1 << order):
        order -= 1
    order = m.fits[order]
    got = take_frames(m, order, m.behaviour.least if m.behaviour.least < order else order, &pfn)
    if got < 0:
        return -ENOMEM
    if m.content.memory is not NULL:
        for k in range(<uint64_t>1 << got):
            m.content.memory[pfn + k] = m.content.memory[found.pfn + (at - found.first) + k]
            if at + k < m.content.pages:  # a block may reach beyond the end of the file
                m.content.disk[at + k] = m.content.memory[pfn + k]
    failed = m.index.split_value(at, got)
    if not failed:
        m.index.next_entry(at, at, found)
        drop(m, found)
        failed = install(m, at, got, pfn)
    if failed:
        m.policy.free_block(pfn, got)
        return failed
    return got


cdef void offer_folios(Core m) noexcept nogil:
    """Let clones find the cached folios whose blocks are shared now; drop those only in part."""
    cdef found_t found
    cdef uint64_t at = 0, value
    while m.index.next_entry(at, ~<uint64_t>0, &found) != FOUND_NOTHING:
        at = found.last + 1
        if found.kind != FOUND_FOLIO or found.head.flags & PG_SHARED:
            continue
        value = extent_value(m.extents, found.first)
        if value & 3 == EXTENT_SHARED and value_end(m.extents, found.first, at) == at:
            offer(m, found.first, folio_order(found.head), shared_key(value, found.first))
        elif not pinned(m, &found) and next_data(m.extents, found.first, at) < at:
            drop(m, &found)
