"""Faults on mapped files."""

from pagecache.mapping.readahead.cached_file cimport PMD_ORDER, lower_misses
from pagecache.mapping.readahead.fill cimport fill_window, read_page
from pagecache.mapping.readahead.miss cimport ra_marked, ra_miss
from pagecache.mapping.readahead.rules cimport round_down, round_up

cdef enum:
    AROUND_ORDER = 4  # fault_around_bytes is 64 KiB
    PAGE_TABLE_ORDER = 9  # pages that one page-table page maps
    MOST_MISSES = 1000
    USELESS_MISSES = 100


cdef void touch_page(
        CachedFile file, readahead_t* ra, mapped_t* mapped, uint64_t index) noexcept nogil:
    """Read a byte of a page of the mapping."""
    cdef cached_t found
    if index >= mapped.pages or index >= file.page_count() or is_present(mapped, index):
        return
    fault_around(file, ra, mapped, index)
    if is_present(mapped, index):
        return
    if file.find_cached(index, &found):
        fault_marked(file, ra, mapped.advice, &found, index)
    else:
        fault_miss(file, ra, mapped.advice, mapped.pages, index)
    fault_around(file, ra, mapped, index)
    if not is_present(mapped, index) and file.find_cached(index, &found):
        map_folio(file, mapped, &found, index)


cdef void fault_around(
        CachedFile file, readahead_t* ra, mapped_t* mapped, uint64_t index) noexcept nogil:
    """Map what is cached without a mark of the aligned 16 pages around one."""
    cdef cached_t found
    cdef uint64_t at = round_down(index, AROUND_ORDER), end = at + (1 << AROUND_ORDER), after
    end = min(end, min(mapped.pages, file.page_count()))
    while at < end:
        if not file.find_cached(at, &found):
            at += 1
            continue
        after = found.first + (<uint64_t>1 << found.order)
        if found.marked:
            pass
        elif whole_is_mapped(file, mapped, &found, after < file.page_count()):
            map_around(file, ra, mapped, &found, found.first, after)
        else:
            map_around(file, ra, mapped, &found, at, min(after, end))
        at = after


cdef inline void map_around(
        CachedFile file, readahead_t* ra, mapped_t* mapped, const cached_t* found, uint64_t at,
        uint64_t end) noexcept nogil:
    """Map pages of a folio without a fault of their own: readahead was of use."""
    set_present(mapped, at, end)
    if not (found.workingset and file.rules.on.workingset_misses_stay):
        lower_misses(ra, end - at)


cdef inline bint whole_is_mapped(
        CachedFile file, const mapped_t* mapped, const cached_t* found, bint fits) noexcept nogil:
    """From 6.18 on, is a folio mapped whole: does it lie in the mapping and in one page table?"""
    cdef uint64_t last = found.first + (<uint64_t>1 << found.order) - 1
    return (
        file.rules.on.whole_folios_mapped and fits and last < mapped.pages
        and found.first >> PAGE_TABLE_ORDER == last >> PAGE_TABLE_ORDER
    )


cdef void map_folio(
        CachedFile file, mapped_t* mapped, const cached_t* found, uint64_t index) noexcept nogil:
    """What the fault itself maps: the page, or its folio if no page of it is mapped yet."""
    cdef uint64_t first = found.first, after = first + (<uint64_t>1 << found.order), at
    cdef bint whole = whole_is_mapped(file, mapped, found, after <= file.page_count())
    at = first
    while whole and at < after:
        whole = not is_present(mapped, at)
        at += 1
    if whole:
        set_present(mapped, first, after)
    else:
        set_present(mapped, index, index + 1)


cdef inline void set_present(mapped_t* mapped, uint64_t at, uint64_t end) noexcept nogil:
    while at < end:
        mapped.present[at >> 6] |= <uint64_t>1 << (at & 63)
        at += 1


cdef void fault_marked(
        CachedFile file, readahead_t* ra, unsigned int advice, const cached_t* found,
        uint64_t index) noexcept nogil:
    """A fault on a page that is cached, in a folio with the mark as a rule."""
    if advice & MAP_RANDOM or not ra.pages:
        return
    lower_misses(ra, 1)
    if found.marked:
        ra_marked(file, ra, found, index, ra.pages)


cdef void fault_miss(
        CachedFile file, readahead_t* ra, unsigned int advice, uint64_t pages,
        uint64_t index) noexcept nogil:
    """A fault on a page that is not cached, in a mapping of `pages` pages: have it read."""
    cdef cached_t found
    read_mapped(file, ra, advice, pages, index)
    if not file.find_cached(index, &found):
        read_page(file, index)


cdef void read_mapped(
        CachedFile file, readahead_t* ra, unsigned int advice, uint64_t pages,
        uint64_t index) noexcept nogil:
    """What is read with the page: by advice first, then as faults before have fared."""
    cdef bint early = file.rules.on.misses_counted_first
    if early and not advice & MAP_SEQUENTIAL and useless(ra):
        return
    if advice & MAP_HUGE:
        read_huge(file, ra, advice, index)
    elif is_random(file, advice) or not ra.pages:
        return
    elif advice & MAP_SEQUENTIAL:
        ra_miss(file, ra, index, ra.pages)
    elif not early and useless(ra):
        return
    elif file.rules.on.exec_rule and advice & MAP_EXEC:
        read_exec(file, ra, pages, index)
    else:
        read_around(file, ra, index)


cdef inline bint is_random(CachedFile file, unsigned int advice) noexcept nogil:
    """MADV_RANDOM; executable mappings ignore it where they have a rule of their own."""
    return advice & MAP_RANDOM and not (file.rules.on.exec_rule and advice & MAP_EXEC)


cdef inline bint useless(readahead_t* ra) noexcept nogil:
    """Count a fault that found nothing: were there too many of them?"""
    ra.misses = min(ra.misses + 1, <unsigned int>MOST_MISSES)
    return ra.misses > USELESS_MISSES


cdef void read_huge(
        CachedFile file, readahead_t* ra, unsigned int advice, uint64_t index) noexcept nogil:
    """MADV_HUGEPAGE: the huge page around, and the next.  The state's start stays where it was."""
    ra.size = <uint64_t>1 << PMD_ORDER if advice & MAP_RANDOM else <uint64_t>2 << PMD_ORDER
    ra.async_size = <uint64_t>1 << PMD_ORDER
    ra.order = PMD_ORDER
    fill_window(file, ra, round_down(index, PMD_ORDER), PMD_ORDER)


cdef void read_exec(CachedFile file, readahead_t* ra, uint64_t pages, uint64_t index) noexcept nogil:
    """Code: no mark, and folios of the order that the processor's page tables can use."""
    ra.order = file.exec_order
    ra.start = round_down(index, ra.order)
    ra.size = min(ra.start + round_up(ra.pages, ra.order), pages) - ra.start
    ra.async_size = 0
    fill_window(file, ra, ra.start, ra.order)


cdef void read_around(CachedFile file, readahead_t* ra, uint64_t index) noexcept nogil:
    """A window around the page, since neighbours on both sides are near; the mark at three quarters."""
    ra.start = index - ra.pages // 2 if index > ra.pages // 2 else 0
    ra.size, ra.async_size, ra.order = ra.pages, ra.pages // 4, 0
    fill_window(file, ra, ra.start, 0)
