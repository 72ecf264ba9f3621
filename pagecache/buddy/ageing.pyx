"""Fragmentation as it comes about: a long mixed workload, then most of it ends.

Requests of three kinds arrive in turns with ends of earlier ones, drawn from a seed:

    movable       70 %   order 0 mostly, also 1 to 9    pages of processes and files
    unmovable     20 %   order 0 to 3                   slab, page tables; seven of eight times spared
    reclaimable   10 %   order 0 to 3                   slab of inodes and dentries

Nobody holds what is left of it: its movable blocks become filler.
"""

from libc.stdint cimport uint32_t, uint64_t

from pagecache.buddy.blocks cimport (
    FILLER,
    MOVABLE,
    RECLAIMABLE,
    UNMOVABLE,
    block_order,
    buddy_t,
    set_used,
    used_type,
)
from pagecache.buddy.buddy cimport Buddy
from pagecache.buddy.chance cimport draw_below
from pagecache.buddy.pcp cimport pcp_drain
from pagecache.buddy.zone cimport buddy_alloc, buddy_free

import numpy as np


cdef struct workload_t:
    uint64_t state  # of chance
    uint64_t held
    uint32_t* pfn  # of the blocks held


def age(Buddy memory not None, *, steps=None, free=None, seed=0):
    """Let a workload run that keeps the memory nearly full, then end it down to `free` frames.

    Parameters
    ----------
    steps : int, optional
        Requests and ends of such; four a frame if not given.
    free : int, optional
        Frames that are free at the end; half of those that are free now if not given.
    seed : int
        The same seed gives the same memory.

    Raises
    ------
    ValueError
        `free` is more than what is free now.  Nothing is changed.
    MemoryError
        The machine has no room to note the blocks (4 bytes a frame).

    Examples
    --------
    >>> from pagecache.buddy.ageing import age
    >>> from pagecache.buddy.buddy import Buddy
    >>> memory = Buddy(1 << 14)
    >>> age(memory, seed=1)
    >>> memory.free_frames >= 1 << 13, memory.unusable_index(9) > 0.5
    (True, True)
    """
    cdef buddy_t* b = &memory.b
    cdef workload_t w
    cdef uint64_t wanted = b.free // 2 if free is None else free
    cdef uint64_t count = 4 * b.frames if steps is None else steps
    cdef uint32_t[::1] room
    if wanted > b.free:
        raise ValueError(f"{wanted} frames cannot come free: {b.free} are")
    room = np.empty(b.frames, np.uint32)
    w.state, w.held, w.pfn = seed & 0xFFFFFFFFFFFFFFFF, 0, &room[0]
    with nogil:
        run(b, &w, count)
        while b.free < wanted and w.held:
            end_one(b, &w)
        leave(b, &w)
        pcp_drain(b)


cdef void run(buddy_t* b, workload_t* w, uint64_t steps) noexcept nogil:
    """Requests while a tenth is free or more, as often ends as requests where less is."""
    cdef uint64_t _step
    for _step in range(steps):
        if (b.free * 10 < b.frames or draw_below(&w.state, 4) == 0) and w.held:
            end_one(b, w)
        else:
            begin_one(b, w)


cdef void begin_one(buddy_t* b, workload_t* w) noexcept nogil:
    cdef uint64_t kind = draw_below(&w.state, 10), pfn = 0
    cdef unsigned int type = MOVABLE if kind < 7 else UNMOVABLE if kind < 9 else RECLAIMABLE
    if buddy_alloc(b, draw_order(w, type), type << 3, &pfn) == 0:
        w.pfn[w.held] = <uint32_t>pfn
        w.held += 1


cdef unsigned int draw_order(workload_t* w, unsigned int type) noexcept nogil:
    """Order 0 three times of four, each next one half as often as the one before."""
    cdef unsigned int order = 0, most = 9 if type == MOVABLE else 3
    cdef uint64_t chance = 4
    while order < most and draw_below(&w.state, chance) == 0:
        order += 1
        chance = 2
    return order


cdef void end_one(buddy_t* b, workload_t* w) noexcept nogil:
    """Free one of the blocks held, seldom an unmovable one: those live long."""
    cdef uint64_t at = draw_below(&w.state, w.held), pfn = w.pfn[at]
    if used_type(b, pfn) == UNMOVABLE and draw_below(&w.state, 8):
        at = draw_below(&w.state, w.held)
        pfn = w.pfn[at]
    buddy_free(b, pfn, block_order(b, pfn))
    w.held -= 1
    w.pfn[at] = w.pfn[w.held]


cdef void leave(buddy_t* b, workload_t* w) noexcept nogil:
    """Nobody holds the movable blocks from now on."""
    cdef uint64_t k
    for k in range(w.held):
        if used_type(b, w.pfn[k]) == MOVABLE:
            set_used(b, w.pfn[k], block_order(b, w.pfn[k]), FILLER)
