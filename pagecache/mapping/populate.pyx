"""Frames from the policy, a folio made of them, and its entry in the index."""

from libc.errno cimport ENOMEM

from pagecache.designs.file_index cimport FOUND_NOTHING, found_t
from pagecache.mapping.content cimport on_disk
from pagecache.mapping.core cimport (
    ZERO_PAGES,
    block_first,
    block_last,
    cached_for_all,
    next_solid,
    page_at,
)
from pagecache.mapping.evict cimport note_refault, reclaim_for
from pagecache.mapping.storage.extents cimport (
    EXTENT_HOLE,
    extent_kind,
    extent_value,
    next_data,
    next_hole,
    value_end,
)
from pagecache.mapping.folio cimport (
    PG_READAHEAD,
    PG_SHARED,
    PG_WORKINGSET,
    lru_add,
    lru_remove,
)
from pagecache.mapping.storage.sharing cimport shared_add, shared_key, shared_next
from pagecache.page.frames cimport make_folio, page_put, page_t


cdef extern from *:
    int __builtin_clzll(unsigned long long) noexcept nogil
    int __builtin_ctzll(unsigned long long) noexcept nogil


cdef int take_frames(
        Core m, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
    """Frames for a folio of `order`, or of one below that the index takes: the order, or -1.

    Under a limit, or if the policy has nothing, folios are reclaimed first.
    """
    cdef int got
    cdef unsigned int wanted, lowest
    while True:
        wanted = order
        reclaim_for(m, <uint64_t>1 << order, False)
        while True:
            lowest = m.lowest[wanted] if m.lowest[wanted] > least else least
            got = m.policy.alloc_block(wanted, lowest, pfn)
            if got >= 0:
                m.counts.fallbacks += got < <int>order
                return got
            if lowest == 0 or m.fits[lowest - 1] < least or m.fits[lowest - 1] >= lowest:
                break
            wanted = m.fits[lowest - 1]
        if not reclaim_for(m, <uint64_t>1 << order, True):
            return -1


cdef int add_folio(
        Core m, uint64_t index, unsigned int order, unsigned int least, bint down) noexcept nogil:
    """Cache a new folio at `index`, filled from the file: its order, or a negative errno.

    `down`: the folio covers `index`, beginning where its order is aligned.
    """
    cdef uint64_t pfn = 0
    cdef int got = take_frames(m, order, least, &pfn), failed
    if got < 0:
        return -ENOMEM
    if down:
        index = index >> got << got
    failed = install(m, index, got, pfn)
    if failed:
        m.policy.free_block(pfn, got)
    return failed if failed else got


cdef int install(Core m, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
    """Make a folio of frames in hand and cache it: 0 or a negative errno, the frames still in hand."""
    cdef page_t* head = page_at(m, pfn)
    cdef int failed
    make_folio(head, order, m.behaviour.tails)
    if note_refault(m, index, order):
        head.flags |= PG_WORKINGSET
    failed = m.index.store_folio(index, order, pfn)
    if failed:
        head.flags, head.refcount = 0, 0
        return failed
    fill_content(m, index, order, pfn)
    lru_add(&m.lru, head)
    m.pages += <uint64_t>1 << order
    m.counts.folios += 1
    page_put(head)  # the maker's reference: the cache has its own
    return 0


cdef void fill_content(Core m, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
    cdef uint64_t k
    if m.content.memory is NULL:
        return
    for k in range(<uint64_t>1 << order):
        m.content.memory[pfn + k] = on_disk(&m.content, index + k)


cdef int cover(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Cache a folio of `order` around `index`, or a smaller one: its order, or a negative errno.

    Smaller where others are in the way, or where the policy has none; of a block above the page
    size the rest is filled too, from as many folios as it takes.  If the limit has no room for them
    all, they have driven out the one at `index` by then: -ENOMEM, or callers would ask for ever.
    """
    cdef found_t found
    cdef int got = cover_from(m, index, m.fits[order])
    if got >= 0 and next_solid(m, index, index, &found) == FOUND_NOTHING:
        return -ENOMEM
    return got


cdef int cover_from(Core m, uint64_t index, unsigned int order) noexcept nogil:
    cdef int got
    if cached_for_all(m, index):
        return fill(m, index >> order << order, ((index >> order) + 1) << order, order, ~<uint64_t>0)
    while order > m.fits[m.behaviour.least] and not room_for(m, index, order):
        order = m.fits[order - 1]
    got = add_folio(m, index, order, m.behaviour.least if m.behaviour.least < order else order, True)
    if 0 <= got < <int>m.behaviour.block_order:
        fill_block(m, index)
    return got


cdef bint room_for(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Is nothing solid cached of an aligned range, and none of its blocks shared?"""
    cdef found_t found
    cdef uint64_t first = index >> order << order, end = first + (<uint64_t>1 << order)
    if next_solid(m, first, end - 1, &found) != FOUND_NOTHING:
        return False
    while m.shared is not None and first < end:
        if cached_for_all(m, first):
            return False
        first = value_end(m.extents, first, end)
    return True


cdef int fill_block(Core m, uint64_t index) noexcept nogil:
    """Cache what is missing of the block around `index`: 0, or a negative errno."""
    return fill(m, block_first(m, index), block_last(m, index) + 1, m.behaviour.block_order, ~<uint64_t>0)


cdef int fill(
        Core m, uint64_t first, uint64_t end, unsigned int order, uint64_t marker) noexcept nogil:
    """Cache the pages from `first` up to `end` that are not, in folios of `order` at most.

    The folio with page `marker` gets the readahead marker.  0, or the negative errno of the page
    that could not be had; those before it are cached.
    """
    cdef uint64_t at = block_first(m, first), limit
    cdef unsigned int wanted
    cdef int got
    end = block_last(m, end - 1) + 1
    if order < m.behaviour.block_order:
        order = m.behaviour.block_order
    while at < end:
        limit = free_run(m, &at, end, order)
        if at >= end:
            break
        wanted = fit_order(m, at, limit, order)
        if cached_for_all(m, at):
            got = share_in(m, at, limit, wanted)
        else:
            got = add_folio(m, at, wanted, m.behaviour.least if m.behaviour.least < wanted else wanted, False)
        if got < 0:
            if wanted <= m.behaviour.block_order or wanted <= m.fits[0]:
                return got
            order = m.behaviour.block_order  # the rest of the window in the smallest folios
            continue
        if marker - at < <uint64_t>1 << got:
            set_marker(m, at)
        at = ((at >> got) + 1) << got
    return 0


cdef int share_in(Core m, uint64_t index, uint64_t limit, unsigned int order) noexcept nogil:
    """Cache a shared block, by the folio that another file has of it if there is one: the order."""
    cdef uint64_t value = extent_value(m.extents, index), key = shared_key(value, index)
    cdef uint64_t first = 0, end = 0, pfn = 0
    cdef int got
    if shared_next(m.shared, key, key + (limit - index) - 1, &first, &end, &pfn):
        if first <= key:
            return join(m, index, pfn + (key - first), end - first + 1)
        order = fit_order(m, index, first - key + index, order)
    got = add_folio(m, index, order, m.behaviour.least if m.behaviour.least < order else order, False)
    if got >= 0:
        offer(m, index, got, key)
    return got


cdef int join(Core m, uint64_t index, uint64_t frame, uint64_t pages) noexcept nogil:
    """An entry for as much of a shared folio around `index` as this file shares: its order, or an errno."""
    cdef unsigned int order = m.fits[63 - __builtin_clzll(pages)]
    cdef int failed
    while order and not joinable(m, index >> order << order, order):
        order = m.fits[order - 1]
    failed = m.index.store_folio(
        index >> order << order, order, frame - (index & ((<uint64_t>1 << order) - 1)))
    m.pages += 0 if failed else <uint64_t>1 << order
    return failed if failed else <int>order


cdef bint joinable(Core m, uint64_t first, unsigned int order) noexcept nogil:
    """Is an aligned range of one shared extent, and nothing solid cached of it?"""
    cdef found_t found
    cdef uint64_t end = first + (<uint64_t>1 << order)
    if not cached_for_all(m, first) or value_end(m.extents, first, end) < end:
        return False
    return next_solid(m, first, end - 1, &found) == FOUND_NOTHING


cdef void offer(Core m, uint64_t index, unsigned int order, uint64_t key) noexcept nogil:
    """Let others find a folio of a shared block.  If memory runs out, it remains this file's."""
    cdef found_t found
    m.index.next_entry(index, index, &found)
    if shared_add(m.shared, key, order, found.pfn):
        return
    lru_remove(&m.lru, found.head)
    found.head.flags |= PG_SHARED
    found.head.private_ = <void*>key


cdef inline void set_marker(Core m, uint64_t index) noexcept nogil:
    cdef found_t found
    m.index.next_entry(index, index, &found)
    found.head.flags |= PG_READAHEAD


cdef inline unsigned int fit_order(
        Core m, uint64_t at, uint64_t limit, unsigned int order) noexcept nogil:
    """The largest order that the index takes at `at` without passing `limit`."""
    if at and <int>order > __builtin_ctzll(at):
        order = __builtin_ctzll(at)
    order = m.fits[order]
    while order and at + (<uint64_t>1 << order) > limit and m.fits[order - 1] < order:
        order = m.fits[order - 1]
    return order


cdef uint64_t free_run(Core m, uint64_t* at, uint64_t end, unsigned int order) noexcept nogil:
    """Move `at` past what is cached, or is a hole that is not: the end of the free run from there."""
    cdef found_t found
    cdef uint64_t limit
    while at[0] < end:
        limit = at[0] + (<uint64_t>1 << fit_order(m, at[0], end, order))
        if m.behaviour.holes != ZERO_PAGES:
            if extent_kind(m.extents, at[0]) == EXTENT_HOLE:
                at[0] = next_data(m.extents, at[0], end)
                continue
            limit = next_hole(m.extents, at[0], limit)
        if m.shared is not None:
            limit = value_end(m.extents, at[0], limit)
        if next_solid(m, at[0], limit - 1, &found) == FOUND_NOTHING:
            return limit
        if found.first > at[0]:
            return found.first
        at[0] = found.last + 1
    return end
