"""Fragmentation made on purpose: fill the memory, then free a part of it by a pattern.

A *filler* is a frame in use that nobody holds the number of: compaction moves it freely, and
`release` frees it.  A pageblock of k = 4, three ways (M filler, U pinned, . free):

    keep-one-of    M . . .  M . . .  M . . .      every 4th frame survives
    random         . M . .  . . M .  M . . M      each survives with a chance of 1 in 4
    pinned         . U . .  . . U .  U . . U      the same, and compaction cannot move them

`share` of the memory that is free afterwards lies in such pageblocks, the rest in whole ones; which
is which is drawn.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

from pagecache.buddy.blocks cimport (
    FILLER,
    FREE,
    ORDER,
    UNMOVABLE,
    USED,
    block_order,
    buddy_t,
    is_free,
    is_used,
    list_remove,
    merge,
    set_used,
    used_type,
)
from pagecache.buddy.buddy cimport Buddy
from pagecache.buddy.chance cimport draw_below
from pagecache.buddy.pcp cimport pcp_drain

import numpy as np

PATTERNS = ("keep-one-of", "random", "pinned")

cdef enum:
    KEEP_ONE_OF = 0  # places in the list above
    RANDOM = 1
    PINNED = 2
    FREE_ALL = 3


def fill(Buddy memory not None):
    """Use every free frame as filler, frame by frame, whatever the watermarks say.  O(frames)"""
    cdef buddy_t* b = &memory.b
    cdef uint64_t pfn = 0, size
    with nogil:
        pcp_drain(b)
        while pfn < b.frames:
            size = <uint64_t>1 << block_order(b, pfn)
            if is_free(b, pfn):
                list_remove(b, pfn, block_order(b, pfn))
            if not is_used(b, pfn) or is_filler(b, pfn):
                memset(b.state + pfn, USED | FILLER << 4, size)
            pfn += size
        b.free = 0


def release(Buddy memory not None):
    """Free all filler; how many frames.  O(frames)"""
    cdef buddy_t* b = &memory.b
    cdef uint64_t pfn = 0, size, before = b.free
    cdef unsigned int order
    with nogil:
        while pfn < b.frames:
            order = block_order(b, pfn)
            size = <uint64_t>1 << order
            if is_filler(b, pfn):
                b.free += size
                merge(b, pfn, order)
            pfn = end_of(b, pfn, order)
    return b.free - before


cdef inline bint is_filler(const buddy_t* b, uint64_t pfn) noexcept nogil:
    return is_used(b, pfn) and used_type(b, pfn) == FILLER


cdef inline uint64_t end_of(const buddy_t* b, uint64_t pfn, unsigned int order) noexcept nogil:
    """Where the block ends that frame `pfn`, once the head of one of `order`, is now part of."""
    cdef uint64_t head = pfn
    while b.state[pfn] <= FREE + ORDER and not (is_free(b, head) and block_order(b, head) == order):
        order += 1
        head = pfn >> order << order
    return head + (<uint64_t>1 << order)


def fragment(Buddy memory not None, pattern, *, uint64_t k=2, double share=1.0, free=None, seed=0):
    """Fill the memory, then free part of it so that what is free lies scattered.

    Blocks that somebody holds stay as they are; filler of an earlier call is scattered again.

    Parameters
    ----------
    pattern : {"keep-one-of", "random", "pinned"}
    k : int
        In a scattered pageblock one of `k` frames survives, from 2 on.
    share : float
        The part of the free memory that is to lie scattered, 0 to 1: at order 9 and k up to 512
        this becomes the unusable free space index.
    free : int, optional
        Frames to free; if not given, as many as can be with this share.
    seed : int
        Which pageblocks, and which frames of them where that is left to chance.

    Raises
    ------
    ValueError
        A parameter out of range, or more to be freed than there is.  Nothing is changed.

    Examples
    --------
    >>> from pagecache.buddy.buddy import Buddy
    >>> from pagecache.buddy.fragment import fragment
    >>> memory = Buddy(1 << 14)
    >>> fragment(memory, "keep-one-of", k=8)
    >>> memory.counts(), memory.unusable_index(9)
    ([2048, 2048, 2048, 0, 0, 0, 0, 0, 0, 0, 0], 1.0)
    """
    cdef buddy_t* b = &memory.b
    cdef uint64_t state = seed & 0xFFFFFFFFFFFFFFFF, blocks = b.frames >> b.pageblock_order
    if pattern not in PATTERNS:
        raise ValueError(f"unknown pattern {pattern!r}: {', '.join(PATTERNS)}")
    if k < 2:
        raise ValueError(f"k={k}: keep one of 2 or more")
    if not 0 <= share <= 1:
        raise ValueError(f"share={share} is not from 0 to 1")
    scattered, whole = plan(blocks, 1 << b.pageblock_order, 1 - 1.0 / k, share, free)
    places = shuffled(blocks, &state)
    fill(memory)
    scatter(b, places[:scattered], PATTERNS.index(pattern), k, &state)
    scatter(b, places[scattered:scattered + whole], FREE_ALL, k, &state)


def plan(blocks, size, freed, share, free):
    """(scattered, whole): how many pageblocks of `size` to free in part, `freed` of each, and all.

    Examples
    --------
    >>> plan(1000, 512, 0.5, 1.0, None), plan(1000, 512, 0.5, 0.5, 307200)
    ((1000, 0), (600, 300))
    """
    if free is None:
        scattered = round(blocks * (share / freed) / (share / freed + 1 - share))
        return scattered, blocks - scattered
    scattered, whole = round(share * free / (freed * size)), round((1 - share) * free / size)
    if free < 0 or scattered + whole > blocks:
        raise ValueError(f"{free} frames cannot be free with {share} of them scattered: that takes "
                         f"{scattered + whole} pageblocks of {blocks}; free fewer")
    return scattered, whole


cdef shuffled(uint64_t count, uint64_t* state):
    """The numbers below `count` in an order that is drawn."""
    cdef uint32_t[::1] places = np.arange(count, dtype=np.uint32)
    cdef uint64_t at, other
    for at in range(count):
        other = at + draw_below(state, count - at)
        places[at], places[other] = places[other], places[at]
    return np.asarray(places)


cdef int scatter(buddy_t* b, const uint32_t[::1] places, int pattern, uint64_t k, uint64_t* state) except -1:
    """Free the filler in these pageblocks, except its survivors."""
    cdef Py_ssize_t n
    cdef uint64_t pfn, size = <uint64_t>1 << b.pageblock_order
    with nogil:
        for n in range(places.shape[0]):
            for pfn in range(places[n] * size, (places[n] + 1) * size):
                if not is_filler(b, pfn):
                    continue
                if survives(pattern, pfn, k, state):
                    if pattern == PINNED:
                        set_used(b, pfn, 0, UNMOVABLE)
                else:
                    b.free += 1
                    merge(b, pfn, 0)
    return 0


cdef inline bint survives(int pattern, uint64_t pfn, uint64_t k, uint64_t* state) noexcept nogil:
    if pattern == KEEP_ONE_OF:
        return pfn % k == 0
    return pattern != FREE_ALL and draw_below(state, k) == 0
