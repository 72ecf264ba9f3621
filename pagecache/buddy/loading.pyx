"""A memory as fragmented as some other: from its counts of free blocks by order.

The counts do not say where the blocks lie.  From the top down, areas of each order are either freed
by one half, or cut into two of the next: which of them are freed is drawn, all choices being
equally likely.  The other half is never freed as a whole, or the two would have merged.

    16 frames, free blocks: one of order 3, two of order 1       M in use, . free

    order 4    M M M M  M M M M  M M M M  M M M M    one area: a half of it comes free
    order 3    M M M M  M M M M  . . . . . . . .     no block of order 2: cut into two areas
    order 2    M M M M |M M M M| . . . . . . . .     a half of each comes free
               . . M M  M M . .  . . . . . . . .
"""

from libc.stdint cimport uint64_t, uintptr_t
from libc.string cimport memset

from pagecache.buddy.blocks cimport ORDERS, buddy_t, list_add, list_remove
from pagecache.buddy.buddy cimport Buddy
from pagecache.buddy.chance cimport draw, draw_below
from pagecache.buddy.pcp cimport pcp_drain


cdef extern from "<sys/mman.h>" nogil:
    int madvise(void* address, size_t size, int advice)
    int MADV_HUGEPAGE


cdef enum:
    IN_USE = 176  # USED | FILLER << 4


def load_counts(Buddy memory not None, counts, *, seed=0):
    """Lay free blocks into a memory that nothing uses yet; all the rest becomes filler.

    Parameters
    ----------
    counts : sequence of 11 int
        Free blocks by order, as a line of /proc/buddyinfo has them.
    seed : int
        Where they lie.

    Raises
    ------
    ValueError
        Counts that do not fit this memory, or a memory in use.  Nothing is changed.

    Examples
    --------
    >>> from pagecache.buddy.buddy import Buddy
    >>> from pagecache.buddy.loading import load_counts
    >>> memory = Buddy(1 << 14)
    >>> load_counts(memory, [5, 4, 3, 2, 1, 0, 0, 0, 0, 1, 2], seed=1)
    >>> memory.counts()
    [5, 4, 3, 2, 1, 0, 0, 0, 0, 1, 2]
    """
    cdef buddy_t* b = &memory.b
    cdef uint64_t chance = seed & 0xFFFFFFFFFFFFFFFF
    cdef uint64_t[ORDERS] count, areas
    cdef unsigned int order
    if b.free != b.frames:
        raise ValueError(f"{b.frames - b.free} frames are in use; load into a new memory")
    found = areas_by_order(b.frames >> b.max_order, list(counts), b.max_order)
    for order in range(b.max_order + 1):
        count[order], areas[order] = counts[order], found[order]
    with nogil:
        pcp_drain(b)
        use_all(b)
        order = b.max_order + 1
        while order:
            order -= 1
            place(b, &chance, order, count[order], areas[order])


def areas_by_order(blocks, counts, max_order=10):
    """How many areas of the next order there are from which to free a half, by order.

    Of the largest order itself there are as many areas as blocks.

    Examples
    --------
    >>> areas_by_order(16, [5, 4, 3, 2, 1, 0, 0, 0, 0, 1, 2])[8:]
    [27, 14, 16]
    """
    if len(counts) <= max_order or any(counts[max_order + 1:]) or min(counts) < 0:
        raise ValueError(f"counts {counts} are not {max_order + 1} numbers from 0")
    areas = [0] * max_order + [blocks]
    for order in range(max_order, -1, -1):
        if counts[order] > areas[order]:
            raise ValueError(f"{counts[order]} free blocks of order {order} do not fit: only "
                             f"{areas[order]} can lie apart; give a larger memory")
        if order:
            kept = areas[order] - counts[order]
            areas[order - 1] = kept if order == max_order else areas[order] + kept
    return areas


def blocks_needed(counts, max_order=10):
    """The least number of largest blocks in which these counts fit.  O(orders)

    Examples
    --------
    >>> blocks_needed([0] * 10 + [7]), blocks_needed([512] + [0] * 10)
    (7, 1)
    """
    needed = 0
    for order in range(max_order):
        needed = max(counts[order], (needed + counts[order] + 1) // 2)
    return max(1, needed + counts[max_order])


cdef void use_all(buddy_t* b) noexcept nogil:
    """Take every block off its list, and use each frame as filler."""
    cdef uint64_t pfn = 0
    cdef unsigned int order = b.max_order
    while pfn < b.frames:
        while <uint64_t>1 << order > b.frames - pfn:
            order -= 1
        list_remove(b, pfn, order)
        pfn += <uint64_t>1 << order
    # All of it is written now, so that huge pages are no loss; they are a wish, no need.
    madvise(<void*>(<uintptr_t>b.state >> 12 << 12), b.frames, MADV_HUGEPAGE)
    memset(b.state, IN_USE, b.frames)
    b.free = 0


cdef void place(
        buddy_t* b, uint64_t* chance, unsigned int order, uint64_t count, uint64_t areas) noexcept nogil:
    """Free a half of `count` areas, drawn from the `areas` that are wholly in use.

    Few are found by drawing places until one will do; of many, each is asked in turn.
    """
    cdef uint64_t places = b.frames >> b.max_order << b.max_order >> area_order(b, order)
    cdef uint64_t at
    if 4 * count <= areas:
        while count:
            at = draw_below(chance, places)
            if in_use(b, order, at):
                free_half(b, chance, order, at)
                count -= 1
        return
    for at in range(places):
        if in_use(b, order, at):
            if draw_below(chance, areas) < count:
                free_half(b, chance, order, at)
                count -= 1
            areas -= 1


cdef inline unsigned int area_order(const buddy_t* b, unsigned int order) noexcept nogil:
    """Of a block and its buddy; a block of the largest order has none."""
    return order + 1 if order < b.max_order else order


cdef inline bint in_use(const buddy_t* b, unsigned int order, uint64_t at) noexcept nogil:
    """Is all of an area?  No block is free yet that is smaller than half of it."""
    cdef uint64_t pfn = at << area_order(b, order)
    if b.state[pfn] != IN_USE:
        return False
    return order == b.max_order or b.state[pfn + (<uint64_t>1 << order)] == IN_USE


cdef inline void free_half(buddy_t* b, uint64_t* chance, unsigned int order, uint64_t at) noexcept nogil:
    cdef uint64_t pfn = at << area_order(b, order), size = <uint64_t>1 << order
    if order < b.max_order and draw(chance) & 1:
        pfn += size
    memset(b.state + pfn, 0, size)
    list_add(b, pfn, order)
    b.free += size
