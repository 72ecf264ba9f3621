"""Blocks of frames: what one costs, and what each policy gets as memory becomes scattered.

A body that gives back what it took finds the memory as it was and shares it; one that fills a
memory has its own, made by `setup`, and runs once.
"""

from functools import cache

import numpy as np

from pagecache.allocation import make, names
from pagecache.allocation.buddy_policy import Counting
from pagecache.allocation.loops import cover
from pagecache.buddy.ageing import age
from pagecache.buddy.buddy import Buddy
from pagecache.buddy.fragment import fragment
from pagecache.buddy.loops import alloc_and_free, alloc_each, free_each

from .common import SEED, Benchmark

ORDERS = tuple(f"order {order}" for order in (0, 1, 2, 4, 9, 10))
MEMORIES = ("1 GiB fresh", "1 TiB fresh", "1 GiB scattered", "1 GiB aged")
POLICIES = names()
LADDER = ("0 %", "60 %", "80 %", "90 %", "97 %", "100 %")  # of the free memory is scattered
EFFORTS = ("fails fast", "may compact")

GIB = 1 << 18  # frames
PAIRS = 1 << 18  # over a millisecond of the fastest
MOST = 1 << 14  # blocks taken before any is given back
HUGE = 9
RANGES = 256  # of 2 MiB: half of what is free
FREE = 1 << 18
FAILS_FAST = 0x08 | 0x800  # movable; may wake kswapd, may not wait
MAY_COMPACT = FAILS_FAST | 0x400


def order_of(text: str) -> int:
    return int(text.split()[1])


@cache
def shared(name: str) -> Buddy:
    """Memory that bodies leave as they found it."""
    memory = Buddy(GIB << 10 if name.startswith("1 TiB") else GIB)
    if name.endswith("scattered"):
        fragment(memory, "random", k=2, share=0.8, seed=SEED)
    if name.endswith("aged"):
        age(memory, seed=SEED)
    return memory


class Blocks(Benchmark):
    """What does it cost to take a block and to give it back?"""

    params = (ORDERS, MEMORIES)
    param_names = ("order", "memory")

    def setup(self, order: str, memory: str) -> None:
        counts = shared(memory).counts()
        if not any(counts[order_of(order) :]):
            raise NotImplementedError(f"{order} is not available in {memory}")

    def time_alloc_and_free(self, order: str, memory: str) -> None:
        """2^18 times one block."""
        assert alloc_and_free(shared(memory), PAIRS, order_of(order)) == PAIRS

    def time_alloc_many_then_free(self, order: str, memory: str) -> None:
        """As many blocks as there are, up to 2^14; then all of them."""
        blocks = np.empty(MOST, np.uint64)
        got = alloc_each(shared(memory), blocks, order_of(order))
        assert free_each(shared(memory), blocks[:got], order_of(order)) == got > 0


def scattered(
    policy: str, share: str, effort: str = EFFORTS[1], k: int = 2, pattern: str = "keep-one-of"
) -> Counting:
    """A policy over memory of which 1 GiB is free, a part of that scattered by keeping 1 of k.

    A huge-pool is reserved beforehand, for half of the ranges.
    """
    part = int(share.split(maxsplit=1)[0]) / 100
    extra = RANGES // 2 << HUGE if policy == "huge-pool" else 0
    memory = Buddy(round(FREE * (part * k / (k - 1) + 1 - part)) // 512 * 512 + 1024 + extra)
    options = {"pool": RANGES // 2} if policy == "huge-pool" else {}
    gfp = FAILS_FAST if effort == "fails fast" else MAY_COMPACT
    made = make(policy, memory, gfp=gfp, **options)
    fragment(memory, pattern, k=k, share=part, free=FREE, seed=SEED)
    return made


class Policies(Benchmark):
    """What do 256 ranges of 2 MiB get from each policy, and how long does that take?"""

    number = 1
    warmup_time = 0.0
    repeat = (5, 20, 3.0)
    params = (POLICIES, EFFORTS, LADDER)
    param_names = ("policy", "effort", "scattered")

    def setup(self, policy: str, effort: str, share: str) -> None:
        self.made = scattered(policy, share, effort)

    def time_cover(self, policy: str, effort: str, share: str) -> None:
        cover(self.made, RANGES, HUGE)

    def track_success(self, policy: str, effort: str, share: str) -> float:
        """Ranges that are one block of 2 MiB."""
        cover(self.made, RANGES, HUGE)
        return self.made.got.get(HUGE, 0) / RANGES

    def track_pages(self, policy: str, effort: str, share: str) -> float:
        """Pages that came from anywhere."""
        cover(self.made, RANGES, HUGE)
        return sum(count << order for order, count in self.made.got.items()) / (RANGES << HUGE)

    def track_attempts(self, policy: str, effort: str, share: str) -> int:
        cover(self.made, RANGES, HUGE)
        return sum(self.made.attempts.values())

    def track_pages_moved(self, policy: str, effort: str, share: str) -> int:
        """Of compaction, within these requests."""
        cover(self.made, RANGES, HUGE)
        return self.made.buddy.costs["moved"]

    track_success.unit = "share"  # type: ignore[attr-defined]
    track_pages.unit = "share"  # type: ignore[attr-defined]
    track_attempts.unit = "attempts"  # type: ignore[attr-defined]
    track_pages_moved.unit = "pages"  # type: ignore[attr-defined]
