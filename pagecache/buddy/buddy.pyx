"""The buddy allocator: the face of blocks, zone, compact and measures.  See blocks.pxd."""

from pagecache.buddy.blocks cimport (
    MAX_ORDER,
    ORDERS,
    PAGEBLOCK_ORDER,
    PCP_HIGH,
    TYPES,
    block_order,
    blocks_destroy,
    blocks_init,
    is_used,
    pageblock_type,
    used_type,
)
from pagecache.buddy.check cimport violation_of
from pagecache.buddy.compact cimport compact_reset, compact_run
from pagecache.buddy.measures cimport blocks_of, fragmentation_index, unusable_index
from pagecache.buddy.pcp cimport pcp_drain
from pagecache.buddy.zone cimport (
    GFP_BITS,
    GFP_MOVABLE,
    buddy_alloc,
    buddy_free,
    buddy_split,
    min_free_pages,
    set_watermarks,
)

from operator import index as as_integer

from pagecache.errors import whole

TYPE_NAMES = ("unmovable", "movable", "reclaimable", "filler")
MAX_FRAMES = 1 << 32  # numbers of cached frames take 32 bits: 16 TiB


cdef class Buddy:
    """Simulated memory of `frames` pages of 4 KiB, handed out in blocks of order 0 to 10.

    The rule: a free block stands once, on the list of its order and of its pageblock's type, and
    its buddy is not a free block of the same order.

    Parameters
    ----------
    frames : int
        Up to 2**32; about 1.8 bytes of bookkeeping each.
    min_pages : int, optional
        The lowest watermark; Linux's rule for memory of this size if not given.
    scale : int
        Distance of the other watermarks, in 1/10,000 of the memory, if above a quarter of min.
    cache : bool
        Keep single frames in front of the lists, as Linux does for each CPU.
    max_order, pageblock_order : int
        Smaller ones bring the corners nearer, in tests.

    Raises
    ------
    ValueError
        No frames or too many, or orders that do not go together.
    MemoryError
        The machine has no room for the bookkeeping.

    Examples
    --------
    >>> from pagecache.buddy.buddy import Buddy
    >>> memory = Buddy(1 << 14)
    >>> pfn = memory.alloc(9)
    >>> memory.order(pfn), memory.counts()[9:]
    (9, [1, 15])
    >>> memory.free(pfn, 9)
    >>> memory.counts()[9:]
    [0, 16]
    """

    def __cinit__(self, frames, *, min_pages=None, unsigned int scale=10, bint cache=True,
                  unsigned int max_order=MAX_ORDER, unsigned int pageblock_order=PAGEBLOCK_ORDER):
        if not 1 <= frames <= MAX_FRAMES:
            raise ValueError(f"{frames} frames: give 1 to 2**32")
        if max_order > MAX_ORDER or not 1 <= pageblock_order <= max_order:
            raise ValueError(f"orders {max_order} and {pageblock_order}: give up to {MAX_ORDER}, "
                             "and a pageblock no larger than the largest block")
        if blocks_init(&self.b, frames, max_order, pageblock_order):
            raise MemoryError(f"no room for the bookkeeping of {frames} frames")
        self.b.pcp_high = PCP_HIGH if cache else 0
        lowest = min(min_free_pages(frames), frames) if min_pages is None else min_pages
        if not 0 <= lowest <= frames:
            raise ValueError(f"a lowest watermark of {lowest} pages does not fit {frames} frames")
        set_watermarks(&self.b, lowest, scale)
        compact_reset(&self.b)

    def __dealloc__(self):
        blocks_destroy(&self.b)

    def alloc(self, order=0, gfp=GFP_MOVABLE):
        """The first frame of a block of that order.  O(orders), or a compaction.

        Parameters
        ----------
        order : int
            0 to 10.
        gfp : int
            Flags of the request as Linux 5.17 numbers them.  0x08 and 0x10 choose the migrate
            type, 0x20 (high) and 0x200 (atomic) go below the lowest watermark, 0x20000 (memalloc)
            to the last page; 0x400 (direct reclaim) without 0x10000 (noretry) compacts.

        Raises
        ------
        ValueError
            An order out of range; bits that no flag has; both migrate types at once.
        MemoryError
            There is no such block, or too little would be left.
        """
        cdef uint64_t pfn = 0
        cdef unsigned int wanted = whole(order, "order", self.b.max_order), flags = flags_of(gfp)
        if buddy_alloc(&self.b, wanted, flags, &pfn):
            raise MemoryError(
                f"no block of order {order} for this request: {self.b.free} of {self.b.frames} "
                f"frames are free, of which {self.b.mark_min} are kept back; free some, or compact")
        return pfn

    def free(self, uint64_t pfn, order=None):
        """Give a block back; its order is checked if one is given.  O(orders).

        Raises
        ------
        ValueError
            No block in use begins at `pfn`, or one of another order.  Nothing is changed.
        IndexError
            There is no such frame.
        """
        cdef uint64_t head = self.head(pfn)
        cdef unsigned int is_of = block_order(&self.b, head)
        if order is not None and order != is_of:
            raise ValueError(f"frame {pfn} begins a block of order {is_of}, not {order}; "
                             "free it at the order it has")
        buddy_free(&self.b, head, is_of)

    def split(self, uint64_t pfn, to=0):
        """Make blocks of order `to` of a block in use, so that each can be freed alone."""
        cdef uint64_t head = self.head(pfn)
        cdef unsigned int order = block_order(&self.b, head)
        if not 0 <= as_integer(to) <= order:
            raise ValueError(f"the block at frame {pfn} is of order {order}; it cannot be split to {to}")
        buddy_split(&self.b, head, order, to)

    def order(self, uint64_t pfn):
        """The order of the block in use that begins at `pfn`; ValueError if none does."""
        return block_order(&self.b, self.head(pfn))

    def type(self, uint64_t pfn):
        """What the block in use at `pfn` is: its migrate type by name, or "filler"."""
        return TYPE_NAMES[used_type(&self.b, self.head(pfn))]

    def pageblock_type(self, uint64_t pfn):
        """The migrate type, by name, of the pageblock that frame `pfn` lies in."""
        if pfn >= self.b.frames:
            raise IndexError(f"there is no frame {pfn}: the last is {self.b.frames - 1}")
        return TYPE_NAMES[pageblock_type(&self.b, pfn)]

    def used(self):
        """All blocks in use, as (pfn, order, type name).  O(frames)."""
        cdef uint64_t pfn = 0
        found = []
        while pfn < self.b.frames:
            if is_used(&self.b, pfn):
                found.append((pfn, block_order(&self.b, pfn), TYPE_NAMES[used_type(&self.b, pfn)]))
            pfn += <uint64_t>1 << block_order(&self.b, pfn)
        return found

    def counts(self, type=None):
        """Free blocks by order: 11 numbers, of one migrate type by name or of all.

        Orders above `max_order`, if that is smaller, count 0.
        """
        cdef unsigned int k, order
        pcp_drain(&self.b)
        if type is None:
            return [blocks_of(&self.b, order) for order in range(ORDERS)]
        if type not in TYPE_NAMES[:TYPES]:
            raise ValueError(f"unknown migrate type {type!r}: {', '.join(TYPE_NAMES[:TYPES])}")
        k = TYPE_NAMES.index(type)
        return [self.b.lists[order][k].count for order in range(ORDERS)]

    def fragmentation_index(self, order):
        """-1 if a block is free, near 0 if memory is short, near 1 if scattered; in thousandths."""
        cdef unsigned int wanted = whole(order, "order", self.b.max_order)
        pcp_drain(&self.b)
        return fragmentation_index(&self.b, wanted) / 1000.0

    def unusable_index(self, order):
        """The part of free memory that lies in blocks below `order`: 0 to 1, in thousandths."""
        cdef unsigned int wanted = whole(order, "order", self.b.max_order)
        pcp_drain(&self.b)
        return unusable_index(&self.b, wanted) / 1000.0

    def compact(self):
        """Move all that can be moved to the top; pages scanned and moved, as `costs` counts them."""
        before = self.costs
        with nogil:
            compact_reset(&self.b)
            compact_run(&self.b, ORDERS)
        return {name: count - before[name] for name, count in self.costs.items()}

    def check(self):
        """AssertionError, with the place and the state, unless the rule is kept.  O(frames)"""
        cdef uint64_t place = 0
        cdef const char* fault
        with nogil:
            fault = violation_of(&self.b, &place)
        if fault is not NULL:
            raise AssertionError(f"at frame {place}: {fault.decode()}\n{self.dump()}")

    def dump(self):
        """The state as text: counts by type, and the first 64 bytes of state."""
        cdef uint64_t k
        rows = [f"{name:12}" + " ".join(f"{n:6}" for n in self.counts(name)) for name in TYPE_NAMES[:3]]
        first = " ".join(f"{self.b.state[k]:02x}" for k in range(min(64, self.b.frames)))
        return "\n".join([*rows, f"free {self.b.free} of {self.b.frames}", first])

    @property
    def frames(self):
        """Pages of this memory."""
        return self.b.frames

    @property
    def free_frames(self):
        """Pages not in use."""
        return self.b.free

    @property
    def max_order(self):
        return self.b.max_order

    @property
    def watermarks(self):
        """(min, low, high), in pages."""
        return self.b.mark_min, self.b.mark_low, self.b.mark_high

    @property
    def bookkeeping_bytes(self):
        """What the simulation itself takes for this memory, at most: untouched parts take none."""
        return self.b.size + sizeof(buddy_t)

    @property
    def state(self):
        """The (address, bytes) of the bytes of state, one a frame."""
        return <size_t>self.b.state, self.b.frames

    @property
    def costs(self):
        """Compaction so far: runs, pages that either scanner passed, pages moved."""
        s = self.b.scanners
        return {"runs": s.runs, "migrate_scanned": s.migrate_scanned,
                "free_scanned": s.free_scanned, "moved": s.moved}

    @property
    def events(self):
        """How often kswapd was woken, another type's block taken, a pageblock claimed."""
        return {"kswapd_wakes": self.b.kswapd_wakes, "fallbacks": self.b.fallbacks,
                "claims": self.b.claims}

    cdef uint64_t head(self, uint64_t pfn) except? 18446744073709551615:
        """`pfn`, if a block in use begins there."""
        if pfn >= self.b.frames:
            raise IndexError(f"there is no frame {pfn}: the last is {self.b.frames - 1}")
        if not is_used(&self.b, pfn):
            raise ValueError(f"no block in use begins at frame {pfn}: was it freed before?")
        return pfn


cdef unsigned int flags_of(gfp) except? 0xFFFFFFFF:
    """A mask; ValueError for bits that no flag has, and for both migrate types."""
    mask = as_integer(gfp)
    unknown = mask & ~<int>GFP_BITS
    if unknown:
        raise ValueError(f"flags {mask:#x}: no flag has the bits {unknown:#x}; see Gfp for those known")
    if (mask >> 3) & 3 == 3:
        raise ValueError(f"flags {mask:#x} ask for movable and reclaimable at once; choose one")
    return mask
