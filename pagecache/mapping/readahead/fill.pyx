"""Filling a window with folios, and with single pages what is left of a broken one."""

from pagecache.mapping.readahead.cached_file cimport (
    ADD_CACHED,
    ADD_NO_MEMORY,
    ADD_NO_NODE,
    ADDED,
    cached_t,
)
from pagecache.mapping.readahead.rules cimport (
    MIN_ORDER_KEPT,
    MIN_ORDER_LOOSE,
    alignment_of,
    grow_order,
    log2_of,
    round_down,
    round_mark,
    round_up,
)

cdef enum:
    FORCED_PAGES = 512  # pages of a piece: 2 MiB


cdef void fill_window(
        CachedFile file, readahead_t* ra, uint64_t start, unsigned int order) noexcept nogil:
    """Fill the state's window, from `start` on: that of the state except for MADV_HUGEPAGE."""
    cdef uint64_t limit = start + ra.size, mark = start + ra.size - ra.async_size, at
    cdef int got = ADDED
    if not file.max_order or too_small(file, ra.size):
        ra.order = 0
        fill_pages(file, start, ra.size, ra.async_size)
        return
    order = window_order(file, ra, order)
    limit = min(limit, file.page_count())
    at = round_down(start, file.min_order)
    while at < limit:
        got = add_fitting(file, at, limit, order, mark, &at)
        if got != ADDED:
            refill(file, ra, start, at)
            return
    file.submit()


cdef inline bint too_small(CachedFile file, uint64_t size) noexcept nogil:
    """Up to 6.16, is a window not worth a large folio?"""
    return file.rules.on.small_windows_single and size < max(4, <uint64_t>1 << file.min_order)


cdef unsigned int window_order(CachedFile file, readahead_t* ra, unsigned int order) noexcept nogil:
    """The order of the window's folios, which the description keeps."""
    if file.rules.on.grow_every_fill:
        order = grow_order(file.rules, order)
    order = max(min(order, file.max_order, log2_of(ra.size)), file.min_order)
    ra.order = order
    return order


cdef int add_fitting(
        CachedFile file, uint64_t at, uint64_t limit, unsigned int order, uint64_t mark,
        uint64_t* after) noexcept nogil:
    """Add the largest folio of `order` at most that is aligned and ends within the window."""
    cdef int got
    order = min(order, alignment_of(at))
    while order > file.min_order and at + (<uint64_t>1 << order) > limit:
        order -= 1
    if order == 1 and not file.rules.on.order_1:
        order = 0
    got = file.add(at, order, at == round_mark(file.rules, mark, order))
    if got == ADDED:
        after[0] = at + (<uint64_t>1 << order)
    return got


cdef void refill(CachedFile file, readahead_t* ra, uint64_t start, uint64_t at) noexcept nogil:
    """The window broke at `at`: single pages from there."""
    file.submit()
    if file.rules.on.refill_whole:
        fill_pages(file, at, ra.size, ra.async_size)
    elif at >= start or file.rules.on.min_order != MIN_ORDER_KEPT:
        fill_pages(file, at, start + ra.size - at, ra.async_size)


cdef void fill_pages(CachedFile file, uint64_t start, uint64_t pages, uint64_t marked) noexcept nogil:
    """Read `pages` pages that are not cached; the mark is meant for the page `marked` from the end.

    The file's end shortens the run first, and so moves the mark.
    """
    cdef uint64_t count = file.page_count(), at = round_down(start, file.min_order), end, mark
    cdef cached_t found
    cdef int got
    cdef bint has_mark
    if start >= count:
        return
    pages = min(pages, count - start)
    end = start + pages
    has_mark = marked <= pages or (file.rules.on.min_order == MIN_ORDER_LOOSE and marked <= end)
    mark = round_up(end - marked, file.min_order)
    while at < end:
        if file.find_cached(at, &found):
            got = ADD_CACHED
        else:
            got = file.add(at, file.min_order, has_mark and at == mark)
        if got == ADD_NO_MEMORY or (got == ADD_NO_NODE and file.rules.on.failed_insertion_ends):
            break
        at += <uint64_t>1 << file.min_order
    file.submit()


cdef void force_pages(
        CachedFile file, const readahead_t* ra, uint64_t start, uint64_t pages) noexcept nogil:
    """Read pages that were named: at most a transfer of them, or as far as readahead goes."""
    cdef uint64_t piece
    pages = min(pages, max(file.io_pages, ra.pages))
    while pages:
        piece = min(pages, <uint64_t>FORCED_PAGES)
        fill_pages(file, start, piece, 0)
        start += piece
        pages -= piece


cdef int read_page(CachedFile file, uint64_t index) noexcept nogil:
    """Read the smallest folio around one page."""
    cdef int got = file.add(round_down(index, file.min_order), file.min_order, False)
    file.submit()
    return got
