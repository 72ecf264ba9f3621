"""Watermarks: how they follow from the size, and who may go below them."""

import math

import pytest

from pagecache.buddy.buddy import Buddy

MOVABLE, HIGH, ATOMIC, KSWAPD = 0x08, 0x20, 0x200, 0x800
MEMALLOC, NOMEMALLOC = 0x20000, 0x80000


def lowest(memory: Buddy, gfp: int, order: int = 0) -> int:
    """Free frames when the first request with these flags is refused."""
    while True:
        try:
            memory.alloc(order, gfp)
        except MemoryError:
            return memory.free_frames


@pytest.mark.parametrize(
    ("gib", "kib"), [(1 / 16, 1024), (1, 4096), (4, 8192), (16, 16384), (1024, 131072)]
)
def test_lowest_watermark_is_the_root_of_16_times_the_memory(gib: float, kib: int) -> None:
    frames = int(gib * (1 << 18))
    assert Buddy(frames).watermarks[0] == kib // 4 == math.isqrt(frames * 4 * 16) // 4


def test_lowest_watermark_has_bounds() -> None:
    assert Buddy(64).watermarks[0] == 128 // 4
    assert Buddy(1 << 32).watermarks[0] == 262144 // 4


def test_gap_is_a_quarter_of_min_or_the_scale_of_the_memory() -> None:
    assert Buddy(1 << 22).watermarks == (4096, 5120 + 3170, 4096 + 2 * 4194)
    assert Buddy(1 << 16).watermarks == (512, 640, 768)
    assert Buddy(1 << 16, scale=1000).watermarks == (512, 512 + 6553, 512 + 2 * 6553)


@pytest.mark.parametrize(
    ("gfp", "kept"),
    [
        (MOVABLE, 256),
        (MOVABLE | HIGH, 128),
        (HIGH | ATOMIC, 96),
        (ATOMIC, 192),
        (MEMALLOC, 0),
        (MEMALLOC | NOMEMALLOC, 256),
        (MEMALLOC | HIGH | ATOMIC, 0),
    ],
)
@pytest.mark.parametrize("cache", [False, True])
def test_request_leaves_what_its_flags_leave(gfp: int, kept: int, cache: bool) -> None:
    memory = Buddy(1 << 12, min_pages=256, cache=cache)
    assert lowest(memory, gfp) == kept
    memory.check()


@pytest.mark.parametrize("order", [1, 4, 9])
def test_larger_block_is_refused_unless_the_mark_is_kept_without_it(order: int) -> None:
    memory = Buddy(1 << 12, min_pages=256)
    left = lowest(memory, MOVABLE, order)
    assert 256 <= left < 256 + (1 << order)


def test_block_is_refused_where_none_is_large_enough_though_memory_is_plenty() -> None:
    memory = Buddy(1 << 12, min_pages=64, cache=False)
    for _ in range(1 << 11):
        memory.alloc(0)
    frames = [pfn for pfn, _, _ in memory.used()]
    for pfn in [memory.alloc(0) for _ in range(1500)]:
        frames.append(pfn)
    for pfn in frames:
        if pfn % 2:
            memory.free(pfn)
    whole = memory.counts()
    while any(memory.counts()[1:]):
        memory.alloc(1)
    assert memory.free_frames > 1000, whole
    with pytest.raises(MemoryError, match="no block of order 1"):
        memory.alloc(1)
    memory.alloc(0)


def test_kswapd_is_woken_below_low_by_those_who_may_wake_it() -> None:
    memory = Buddy(1 << 12, min_pages=256)
    low = memory.watermarks[1]
    while memory.free_frames > low:
        memory.alloc(0, KSWAPD)
    assert memory.events["kswapd_wakes"] == 0
    memory.alloc(0, MOVABLE)
    assert memory.events["kswapd_wakes"] == 0
    memory.alloc(0, KSWAPD)
    assert memory.events["kswapd_wakes"] == 1


def test_memory_of_128_kib_or_less_is_all_kept_back() -> None:
    memory = Buddy(32)
    with pytest.raises(MemoryError, match="of which 32 are kept back"):
        memory.alloc(0)
    assert lowest(memory, MEMALLOC) == 0
