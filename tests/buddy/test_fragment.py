"""Fragmentation made on purpose: what survives, how much is free, and that the seed decides."""

from collections import Counter

import numpy as np
import pytest

from pagecache.buddy.ageing import age
from pagecache.buddy.buddy import Buddy
from pagecache.buddy.fragment import fill, fragment, release
from pagecache.buddy.loading import areas_by_order, blocks_needed, load_counts

FRAMES = 1 << 14


def state(memory: Buddy) -> list[tuple[int, int, str]]:
    return memory.used()


@pytest.mark.parametrize("k", [2, 8, 64, 512])
def test_keeping_one_of_k_leaves_runs_of_the_others(k: int) -> None:
    memory = Buddy(FRAMES)
    fragment(memory, "keep-one-of", k=k)
    assert [pfn for pfn, _, _ in memory.used()] == list(range(0, FRAMES, k))
    runs = FRAMES // k
    orders = k.bit_length() - 1
    assert memory.counts() == [runs] * orders + [0] * (11 - orders)
    memory.check()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("pattern", ["keep-one-of", "random", "pinned"])
def test_share_is_the_part_of_free_memory_that_no_huge_page_can_use(
    pattern: str, share: float
) -> None:
    memory = Buddy(1 << 18)
    fragment(memory, pattern, k=4, share=share, seed=1)
    assert memory.unusable_index(9) == pytest.approx(share, abs=0.005)
    memory.check()


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
def test_as_much_comes_free_as_was_asked_for(share: float) -> None:
    memory = Buddy(1 << 18)
    fragment(memory, "keep-one-of", k=8, share=share, free=1 << 16)
    assert memory.free_frames == pytest.approx(1 << 16, abs=512)


@pytest.mark.parametrize("pattern", ["random", "pinned"])
def test_random_survivors_are_one_in_k(pattern: str) -> None:
    memory = Buddy(1 << 16)
    fragment(memory, pattern, k=4, seed=7)
    kinds = Counter(kind for _, _, kind in memory.used())
    expected, deviation = (1 << 16) / 4, ((1 << 16) * 0.25 * 0.75) ** 0.5
    assert set(kinds) == {"filler" if pattern == "random" else "unmovable"}
    assert abs(kinds.total() - expected) < 5 * deviation


@pytest.mark.parametrize("pattern", ["keep-one-of", "random", "pinned"])
def test_seed_alone_decides(pattern: str) -> None:
    states = []
    for seed in (1, 1, 2):
        memory = Buddy(FRAMES)
        fragment(memory, pattern, k=4, share=0.5, seed=seed)
        states.append(state(memory))
    assert states[0] == states[1] != states[2]


def test_held_blocks_stay_as_they_are() -> None:
    memory = Buddy(FRAMES)
    held = [(memory.alloc(order, gfp), order) for order in (0, 3, 9) for gfp in (0, 8)]
    fragment(memory, "keep-one-of", k=2)
    assert {(pfn, order) for pfn, order, kind in memory.used() if kind != "filler"} == set(held)
    for pfn, order in held:
        memory.free(pfn, order)
    memory.check()


def test_memory_can_be_scattered_again_and_released() -> None:
    memory = Buddy(FRAMES)
    before = memory.counts()
    fragment(memory, "random", k=2, seed=1)
    fragment(memory, "keep-one-of", k=512)
    assert len(memory.used()) == FRAMES // 512
    assert release(memory) == FRAMES // 512
    assert memory.counts() == before
    memory.check()


def test_filling_uses_every_frame() -> None:
    memory = Buddy(1000)
    fill(memory)
    assert memory.free_frames == 0
    assert memory.used() == [(pfn, 0, "filler") for pfn in range(1000)]
    memory.check()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "keep-on-of"}, "unknown pattern 'keep-on-of': keep-one-of, random, pinned"),
        ({"k": 1}, "k=1: keep one of 2 or more"),
        ({"share": 1.5}, "share=1.5 is not from 0 to 1"),
        ({"share": float("nan")}, "share=nan"),
        ({"free": FRAMES}, "takes 64 pageblocks of 32; free fewer"),
        ({"free": -512}, "cannot be free"),
    ],
)
def test_parameter_out_of_range_changes_nothing(options: dict[str, object], message: str) -> None:
    memory = Buddy(FRAMES)
    memory.alloc(3)
    before = memory.dump()
    with pytest.raises(ValueError, match=message):
        fragment(memory, **{"pattern": "keep-one-of", **options})
    assert memory.dump() == before


def test_ageing_scatters_and_pins() -> None:
    memory = Buddy(1 << 16)
    age(memory, seed=1)
    kinds = Counter(kind for _, _, kind in memory.used())
    assert memory.free_frames >= 1 << 15
    assert memory.unusable_index(9) > 0.5
    assert min(kinds[kind] for kind in ("filler", "unmovable", "reclaimable")) > 100
    assert memory.events["claims"] > 0
    counts = memory.counts()
    assert counts[0] > counts[2] > counts[4] > counts[6]
    memory.check()


def test_ageing_is_the_same_for_a_seed_and_goes_on_longer_with_more_steps() -> None:
    counts = []
    for seed, steps in ((1, None), (1, None), (2, None), (1, 100)):
        memory = Buddy(FRAMES)
        age(memory, seed=seed, steps=steps, free=FRAMES // 2)
        counts.append(state(memory))
    assert counts[0] == counts[1] != counts[2]
    assert len(counts[3]) < len(counts[0]) / 4


def test_ageing_refuses_to_free_more_than_is_free() -> None:
    memory = Buddy(FRAMES)
    with pytest.raises(ValueError, match=f"{FRAMES + 1} frames cannot come free: {FRAMES} are"):
        age(memory, free=FRAMES + 1)
    assert memory.free_frames == FRAMES


NORMAL = [5834, 2836, 767, 371, 153, 83, 47, 41, 71, 61, 247]


@pytest.mark.parametrize(
    "counts", [NORMAL, [0] * 11, [0] * 10 + [512], [1] * 11, [262144] + [0] * 10, [0, 99] + [0] * 9]
)
def test_loaded_memory_has_the_counts(counts: list[int]) -> None:
    memory = Buddy(1 << 19)
    load_counts(memory, counts, seed=1)
    assert memory.counts() == counts
    assert memory.free_frames == sum(count << order for order, count in enumerate(counts))
    memory.check()


def test_every_place_of_a_block_is_as_likely() -> None:
    """One block of order 2 in 4 areas of order 3: eight places, 200 seeds."""
    places: Counter[int] = Counter()
    for seed in range(200):
        memory = Buddy(32, max_order=3, pageblock_order=3, min_pages=0)
        load_counts(memory, [0, 0, 1] + [0] * 8, seed=seed)
        places[memory.alloc(2)] += 1
    assert set(places) == set(range(0, 32, 4))
    expected = 200 / 8
    assert sum((n - expected) ** 2 / expected for n in places.values()) < 24.3  # p = 0.001


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([0] * 10 + [17], "17 free blocks of order 10 do not fit: only 16 can lie apart"),
        ([0] * 9 + [17, 0], "17 free blocks of order 9 do not fit"),
        ([1] * 10, "are not 11 numbers"),
        ([-1] + [0] * 10, "are not 11 numbers from 0"),
    ],
)
def test_counts_that_do_not_fit_change_nothing(counts: list[int], message: str) -> None:
    memory = Buddy(FRAMES)
    before = memory.dump()
    with pytest.raises(ValueError, match=message):
        load_counts(memory, counts)
    assert memory.dump() == before


def test_memory_in_use_is_not_loaded_over() -> None:
    memory = Buddy(FRAMES)
    memory.alloc(3)
    with pytest.raises(ValueError, match="8 frames are in use"):
        load_counts(memory, [0] * 11)


def test_blocks_needed_are_just_enough() -> None:
    random = np.random.default_rng(1)
    for _ in range(200):
        counts = random.integers(0, [2**k for k in range(11, 0, -1)]).tolist()
        needed = blocks_needed(counts)
        areas_by_order(needed, counts)
        with pytest.raises(ValueError, match="do not fit"):
            areas_by_order(needed - 1, counts)


def test_a_terabyte_is_loaded() -> None:
    memory = Buddy(1 << 28)
    counts = [count << 8 for count in NORMAL]
    load_counts(memory, counts, seed=1)
    assert memory.counts() == counts
