"""The windows of readahead: plain arithmetic on what was read before."""

cdef enum:
    PMD_ORDER = 9
    NO_MARKER = -1


cdef extern from *:
    int __builtin_clzll(unsigned long long) noexcept nogil
    int __builtin_ctzll(unsigned long long) noexcept nogil


cdef void ra_init(readahead_t* ra, uint64_t pages, uint64_t io_pages, unsigned int max_order) noexcept nogil:
    ra.pages, ra.max_order = pages, min_order(max_order, PMD_ORDER)
    ra.io_pages = io_pages
    ra.advice = ADVICE_NORMAL
    ra.previous, ra.marker = ~<uint64_t>0, ~<uint64_t>0
    ra.start = ra.size = 0
    ra.order = 0


cdef inline unsigned int min_order(unsigned int one, unsigned int other) noexcept nogil:
    return one if one < other else other


cdef inline unsigned int log2_of(uint64_t n) noexcept nogil:
    return 63 - __builtin_clzll(n | 1)


cdef inline uint64_t window_pages(const readahead_t* ra) noexcept nogil:
    """read_ahead_kb in pages; a reader that said it is sequential gets twice as much."""
    return ra.pages * 2 if ra.advice == ADVICE_SEQUENTIAL else ra.pages


cdef uint64_t max_window(const readahead_t* ra, uint64_t request) noexcept nogil:
    """The largest window: a request beyond read_ahead_kb may fill one transfer."""
    cdef uint64_t most = window_pages(ra)
    if request > most and ra.io_pages > most:
        most = request if request < ra.io_pages else ra.io_pages
    return most


cdef uint64_t first_size(uint64_t request, uint64_t most) noexcept nogil:
    """The window of the first miss: a small request is expected to go on."""
    cdef uint64_t size = request
    if request & (request - 1):
        size = <uint64_t>2 << log2_of(request)
    if size <= most // 32:
        return size * 4
    if size <= most // 4:
        return size * 2
    return most


cdef uint64_t next_size(uint64_t size, uint64_t most) noexcept nogil:
    """The window after one of `size`: it grows up to the largest, and never shrinks."""
    if size < most // 16:
        return size * 4
    if size <= most // 2:
        return size * 2
    return most if most > size else size


cdef void ra_miss(readahead_t* ra, uint64_t index, uint64_t request) noexcept nogil:
    """A read() that missed at `index`, with `request` pages to go: sets the window to fill."""
    cdef uint64_t most = max_window(ra, request)
    ra.start, ra.order = index, 0
    if ra.pages == 0:  # no readahead: a page at a time
        ra.size, ra.marker = 1, <uint64_t>NO_MARKER
    elif ra.advice != ADVICE_RANDOM and (
            index == 0 or index - ra.previous <= 1 or request > most):
        ra.size = first_size(request, most)
        ra.marker = index + (request if ra.size > request else ra.size // 2)
    else:
        ra.size, ra.marker = request, <uint64_t>NO_MARKER


cdef void ra_mapped_miss(readahead_t* ra, uint64_t index) noexcept nogil:
    """A fault that missed: a window around it, since neighbours on both sides are near."""
    cdef uint64_t before = ra.pages // 2
    ra.order, ra.size, ra.marker = 0, ra.pages, <uint64_t>NO_MARKER
    ra.start = index - before if index > before else 0
    if ra.advice == ADVICE_RANDOM or ra.size < 2:
        ra.start, ra.size = index, 1
    else:
        ra.marker = ra.start + ra.size - ra.size // 4


cdef void ra_marker(readahead_t* ra, uint64_t index, uint64_t request, uint64_t missing) noexcept nogil:
    """A read of a marker: the window that follows.

    `missing`: the first page after `index` that is not cached.  Where the marker is not that of
    the last window (another reader's, or an older one), the new window starts there.
    """
    cdef uint64_t most = max_window(ra, request), end
    cdef unsigned int align
    if index == ra.marker:
        ra.start += ra.size
    else:
        ra.start, ra.size = missing, missing - index + request
    ra.size = next_size(ra.size, most)
    ra.order = min_order(min_order(ra.order + 2, ra.max_order), log2_of(ra.size))
    align = min_order(ra.order, __builtin_ctzll(most | <uint64_t>1 << 63))
    end = (ra.start + ra.size) >> align << align
    if end > ra.start:
        ra.size = end - ra.start
    ra.marker = ra.start


cdef uint64_t ra_willneed(const readahead_t* ra) noexcept nogil:
    """Pages that FADV_WILLNEED reads, of order 0."""
    return ra.pages if ra.pages > ra.io_pages else ra.io_pages
