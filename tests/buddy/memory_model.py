"""What a memory means, in plain sets: which frames are free, and which blocks are in use."""

from collections import Counter

from pagecache.buddy.buddy import Buddy

MOVABLE, RECLAIMABLE, HIGH, ATOMIC = 0x08, 0x10, 0x20, 0x200
DIRECT, KSWAPD, NORETRY, MEMALLOC = 0x400, 0x800, 0x10000, 0x20000
TYPES = {0: "unmovable", MOVABLE: "movable", RECLAIMABLE: "reclaimable"}


class MemoryModel:
    """`free` is a set of frames; `used` has (order, type name) for each block in use."""

    def __init__(self, frames: int, max_order: int, min_pages: int) -> None:
        self.frames, self.max_order, self.min_pages = frames, max_order, min_pages
        self.free = set(range(frames))
        self.used: dict[int, tuple[int, str]] = {}

    def take(self, pfn: int, order: int, kind: str) -> None:
        block = set(range(pfn, pfn + (1 << order)))
        assert pfn % (1 << order) == 0
        assert block <= self.free, "a block was handed out that was not free"
        self.free -= block
        self.used[pfn] = (order, kind)

    def give(self, pfn: int) -> None:
        order, _ = self.used.pop(pfn)
        self.free |= set(range(pfn, pfn + (1 << order)))

    def split(self, pfn: int, to: int) -> None:
        order, kind = self.used.pop(pfn)
        for head in range(pfn, pfn + (1 << order), 1 << to):
            self.used[head] = (to, kind)

    def counts(self) -> list[int]:
        """Free blocks by order: free frames alone decide them, as buddies always merge."""
        counts, pfn = [0] * 11, 0
        while pfn < self.frames:
            order = self.largest_at(pfn)
            if order >= 0:
                counts[order] += 1
            pfn += 1 << max(order, 0)
        return counts

    def largest_at(self, pfn: int) -> int:
        """The order of the largest block that begins at a frame and is free; -1 if none."""
        order = -1
        while order < self.max_order and pfn % (1 << (order + 1)) == 0:
            size = 1 << (order + 1)
            if not self.free.issuperset(range(pfn + size // 2, pfn + size)):
                break
            order += 1
        return order

    def mark(self, gfp: int) -> int:
        """How many frames a request with these flags must leave."""
        if gfp & MEMALLOC:
            return 0
        mark = self.min_pages
        mark -= mark // 2 if gfp & HIGH else 0
        return mark - (mark // 4 if gfp & ATOMIC else 0)

    def may_take(self, order: int, gfp: int) -> bool:
        """Is enough left, and is there a block as things lie?"""
        enough = len(self.free) - ((1 << order) - 1) > self.mark(gfp)
        return enough and any(self.counts()[order:])

    def of_kind(self, kind: str) -> Counter[int]:
        """Blocks of a kind, by order."""
        return Counter(order for order, of in self.used.values() if of == kind)

    def learn(self, memory: Buddy) -> None:
        """Read again what is in use, after something whose outcome is drawn."""
        self.used = {pfn: (order, kind) for pfn, order, kind in memory.used()}
        taken = [range(pfn, pfn + (1 << order)) for pfn, (order, _) in self.used.items()]
        self.free = set(range(self.frames)).difference(*taken)
