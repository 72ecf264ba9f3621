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

from libc.stdint cimport uint64_t
from libc.string cimport memset

from pagecache.memory.blocks cimport FILLER, ORDERS, USED, buddy_t, list_add, list_remove
from pagecache.memory.buddy cimport Buddy
from pagecache.memory.chance cimport draw, draw_below


cdef struct plan_t:
    uint64_t state  # of chance
    uint64_t[ORDERS] count  # free blocks still to be placed
    uint64_t[ORDERS] areas  # of the next order, still to come by


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
    >>> from pagecache.memory.buddy import Buddy
    >>> from pagecache.memory.loading import load_counts
    >>> memory = Buddy(1 << 14)
    >>> load_counts(memory, [5, 4, 3, 2, 1, 0, 0, 0, 0, 1, 2], seed=1)
    >>> memory.counts()
    [5, 4, 3, 2, 1, 0, 0, 0, 0, 1, 2]
    """
    cdef buddy_t* b = &memory.b
    cdef plan_t p
    cdef uint64_t block = <uint64_t>1 << b.max_order, pfn
    cdef unsigned int order
    if b.free != b.frames:
        raise ValueError(f"{b.frames - b.free} frames are in use; load into a new memory")
    areas = areas_by_order(b.frames >> b.max_order, list(counts), b.max_order)
    memory.counts()  # gives the cached frames back
    p.state = seed & 0xFFFFFFFFFFFFFFFF
    for order in range(b.max_order + 1):
        p.count[order], p.areas[order] = counts[order], areas[order]
    with nogil:
        use_all(b)
        for pfn in range(0, b.frames >> b.max_order):
            place_largest(b, &p, pfn * block)


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
    memset(b.state, USED | FILLER << 4, b.frames)
    b.free = 0


cdef bint chosen(plan_t* p, unsigned int order) noexcept nogil:
    """Whether the area at hand is one of those to be freed: all choices are equally likely."""
    cdef bint is_chosen = draw_below(&p.state, p.areas[order]) < p.count[order]
    p.areas[order] -= 1
    p.count[order] -= is_chosen
    return is_chosen


cdef void place_largest(buddy_t* b, plan_t* p, uint64_t pfn) noexcept nogil:
    if chosen(p, b.max_order):
        set_free(b, pfn, b.max_order)
    else:
        place(b, p, pfn, b.max_order)


cdef void place(buddy_t* b, plan_t* p, uint64_t pfn, unsigned int order) noexcept nogil:
    """Free one half of an area of `order`, or none; go on with what is still in use."""
    cdef uint64_t half
    cdef uint64_t upper
    if order == 0 or not any_below(p, order):
        return
    half = <uint64_t>1 << (order - 1)
    if chosen(p, order - 1):
        upper = half * (draw(&p.state) & 1)
        set_free(b, pfn + upper, order - 1)
        place(b, p, pfn + (half - upper), order - 1)
    else:
        place(b, p, pfn, order - 1)
        place(b, p, pfn + half, order - 1)


cdef bint any_below(const plan_t* p, unsigned int order) noexcept nogil:
    cdef unsigned int k
    for k in range(order):
        if p.count[k]:
            return True
    return False


cdef void set_free(buddy_t* b, uint64_t pfn, unsigned int order) noexcept nogil:
    memset(b.state + pfn, 0, <size_t>1 << order)
    list_add(b, pfn, order)
    b.free += <uint64_t>1 << order
