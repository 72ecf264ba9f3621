"""Fragmentation as Linux prints it, beside its formulas in plain arithmetic."""

import pytest

from pagecache.buddy.ageing import age
from pagecache.buddy.buddy import Buddy
from pagecache.buddy.fragment import fill, fragment


def expected(counts: list[int], order: int) -> tuple[float, float]:
    """(fragmentation index, unusable free space index), from the counts alone."""
    fragmentation, unusable = in_thousandths(counts, order)
    return fragmentation / 1000, unusable / 1000


def in_thousandths(counts: list[int], order: int) -> tuple[int, int]:
    free = sum(count << k for k, count in enumerate(counts))
    usable = sum(count << (k - order) for k, count in enumerate(counts) if k >= order)
    unusable = 1000 if free == 0 else (free - (usable << order)) * 1000 // free
    if usable:
        return -1000, unusable
    if not any(counts):
        return 0, unusable
    return 1000 - (1000 + free * 1000 // (1 << order)) // sum(counts), unusable


@pytest.mark.parametrize("k", [2, 3, 8, 64, 512])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_indices_follow_from_the_counts(k: int, share: float) -> None:
    memory = Buddy(1 << 14)
    fragment(memory, "keep-one-of", k=k, share=share, seed=3)
    for order in range(11):
        found = memory.fragmentation_index(order), memory.unusable_index(order)
        assert found == expected(memory.counts(), order)


def test_indices_of_aged_memory_follow_from_the_counts() -> None:
    memory = Buddy(1 << 14)
    age(memory, seed=2)
    for order in range(11):
        found = memory.fragmentation_index(order), memory.unusable_index(order)
        assert found == expected(memory.counts(), order)


def test_full_memory_has_index_0_and_nothing_usable() -> None:
    memory = Buddy(1 << 14)
    fill(memory)
    assert (memory.fragmentation_index(9), memory.unusable_index(9)) == (0, 1)


def test_every_other_page_free_is_all_fragmentation() -> None:
    memory = Buddy(1 << 14)
    fragment(memory, "keep-one-of", k=2)
    assert (
        memory.fragmentation_index(9)
        == (1000 - (1000 + 8192 * 1000 // 512) // 8192) / 1000
        == 0.998
    )
    assert memory.fragmentation_index(0) == -1
    assert memory.unusable_index(0) == 0


def test_one_small_block_left_is_lack_of_memory() -> None:
    memory = Buddy(1 << 14)
    fragment(memory, "keep-one-of", k=2, free=256)
    fill(memory)
    memory.free(0)
    assert memory.counts() == [1] + [0] * 10
    assert memory.fragmentation_index(9) == (1000 - (1000 + 1000 // 512) // 1) / 1000 == -0.001
