"""Misses and marked hits: the next window, for the kernels with one procedure and with two."""

from pagecache.mapping.readahead.cached_file cimport NO_POSITION, PAGE_SHIFT
from pagecache.mapping.readahead.fill cimport fill_pages, fill_window, force_pages
from pagecache.mapping.readahead.rules cimport (
    NO_HOLE_AFTER,
    NO_HOLE_BEFORE,
    align_end,
    first_window,
    grow_order,
    next_window,
    round_mark,
)


cdef void ra_miss(CachedFile file, readahead_t* ra, uint64_t index, uint64_t request) noexcept nogil:
    """A page that is not cached, with `request` pages still wanted from it on."""
    cdef uint64_t limit = limit_of(file, ra, request)
    cdef bint found = True
    if ra.random or not ra.pages:
        force_pages(file, ra, index, request if ra.pages else 1)
        return
    if file.rules.on.one_procedure and index and expected_miss(ra, index):
        advance(file, ra, limit)
        ra.async_size = ra.size
    elif index == 0 or request > limit or follows_last_read(ra, index):
        open_window(file, ra, index, request, limit)
    else:
        found = context_window(file, ra, index, request, limit)
    if found:
        start_window(file, ra, index, 0, limit)


cdef void ra_marked(
        CachedFile file, readahead_t* ra, const cached_t* folio, uint64_t index,
        uint64_t request) noexcept nogil:
    """A folio with the mark is read or touched at `index`: have the next window read."""
    cdef uint64_t limit = limit_of(file, ra, request)
    cdef unsigned int order
    if not ra.pages:
        return
    file.clear_readahead(folio.first)
    if file.rules.on.one_procedure and index == 0:
        open_window(file, ra, index, request, limit)
        start_window(file, ra, index, folio.order, limit)
        return
    if expected_mark(file, ra, folio, index):
        advance(file, ra, limit)
    elif not window_at_hole(file, ra, index, request, limit):
        return
    order = ra.order if file.rules.on.order_kept else folio.order
    if not file.rules.on.grow_every_fill:
        order = grow_order(file.rules, order)
    align_window(file, ra, order, limit)
    ra.async_size = ra.size
    start_window(file, ra, index, order, limit)


cdef inline uint64_t limit_of(CachedFile file, const readahead_t* ra, uint64_t request) noexcept nogil:
    """The largest window: a request beyond read_ahead_kb may fill one transfer."""
    if request > ra.pages and file.io_pages > ra.pages:
        return min(request, file.io_pages)
    return ra.pages


cdef inline bint follows_last_read(const readahead_t* ra, uint64_t index) noexcept nogil:
    """Is this the page that the last read ended in, or the one behind it?"""
    return ra.previous != NO_POSITION and index - (ra.previous >> PAGE_SHIFT) <= 1


cdef inline bint expected_miss(const readahead_t* ra, uint64_t index) noexcept nogil:
    """Up to 6.10 a miss may be where the mark was meant to be, or right behind the window."""
    return index == ra.start + ra.size - ra.async_size or index == ra.start + ra.size


cdef inline bint expected_mark(
        CachedFile file, const readahead_t* ra, const cached_t* folio, uint64_t index) noexcept nogil:
    """Is this the mark of the last window?"""
    cdef uint64_t mark = ra.start + ra.size - ra.async_size
    if index == round_mark(file.rules, mark, folio.order):
        return True
    return file.rules.on.one_procedure and index == ra.start + ra.size


cdef void advance(CachedFile file, readahead_t* ra, uint64_t limit) noexcept nogil:
    """The window behind the last one."""
    cdef uint64_t size = next_window(file.rules, ra.size, limit)
    ra.start += ra.size
    ra.size = max(ra.size, size) if file.rules.on.never_shrinks else size


cdef bint window_at_hole(
        CachedFile file, readahead_t* ra, uint64_t index, uint64_t request,
        uint64_t limit) noexcept nogil:
    """A window at the first page behind a mark that is not cached; False if it is too far."""
    cdef uint64_t hole = 0
    if not file.hole_after(index + 1, limit, &hole):
        hole = no_hole(file.rules.on.no_hole, index + 1, limit)
    if hole - index > limit:
        return False
    ra.start = hole
    ra.size = next_window(file.rules, hole - index + request, limit)
    return True


cdef inline uint64_t no_hole(int answer, uint64_t index, uint64_t pages) noexcept nogil:
    """What a search of `pages` pages from `index` on answers that has found no hole."""
    if answer == NO_HOLE_BEFORE:
        return index - 1
    return index + pages if answer == NO_HOLE_AFTER else index + pages - 1


cdef void align_window(
        CachedFile file, readahead_t* ra, unsigned int order, uint64_t limit) noexcept nogil:
    """Cut the window where a folio ends."""
    if file.rules.on.grow_every_fill:
        order = grow_order(file.rules, order)
    ra.size = align_end(file.rules, ra.start, ra.start + ra.size, order, limit) - ra.start


cdef void open_window(
        CachedFile file, readahead_t* ra, uint64_t index, uint64_t request,
        uint64_t limit) noexcept nogil:
    """The first window of a reader that wants `request` pages of it now."""
    ra.start, ra.size = index, first_window(file.rules, request, limit)
    if ra.size > request:
        ra.async_size = ra.size - request
    else:
        ra.async_size = ra.size if file.rules.on.one_procedure else ra.size // 2


cdef bint context_window(
        CachedFile file, readahead_t* ra, uint64_t index, uint64_t request,
        uint64_t limit) noexcept nogil:
    """A window as long as the cached run before the page, if that is longer than the request.

    Else False, and the pages wanted are read alone: the state stays as it is.
    """
    cdef uint64_t hole = 0, run = limit - 1  # all cached: Linux counts one less
    if file.hole_before(index - 1, limit, &hole):
        run = index - 1 - hole
    if run <= request:
        fill_pages(file, index, request, 0)
        return False
    if hole == ~<uint64_t>0:
        run *= 2  # read from the file's start on
    ra.start, ra.size, ra.async_size = index, min(run + request, limit), 1
    return True


cdef void start_window(
        CachedFile file, readahead_t* ra, uint64_t index, unsigned int order,
        uint64_t limit) noexcept nogil:
    """Fill the window; up to 6.10 with its successor, if its mark is the page wanted."""
    cdef uint64_t following
    if file.rules.on.one_procedure and index == ra.start and ra.async_size == ra.size:
        following = next_window(file.rules, ra.size, limit)
        if ra.size + following <= limit:
            ra.async_size = following
            ra.size += following
        else:
            ra.size, ra.async_size = limit, limit // 2
    if not file.rules.on.grow_every_fill or file.rules.on.order_kept:
        ra.order = order
    fill_window(file, ra, ra.start, order)
