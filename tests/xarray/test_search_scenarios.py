"""The groups of Linux's own XArray tests that search and iterate.

The plain calls of Python keep no state between two steps, so every walk here is one that pauses.
"""

from collections.abc import Iterator

import pytest

import pagecache as pc

MAX_INDEX = 2**64 - 1


def walk(xa: pc.XArray, index: int = 0, mark: int | None = None) -> Iterator[tuple[int, object]]:
    """All entries from `index` on, by find and find_after."""
    found = xa.find(index, mark=mark)
    while found is not None:
        yield found
        found = xa.find_after(found[0], mark=mark)


def test_pair_is_found_from_every_start_present_and_marked(xa: pc.XArray) -> None:
    for high in range(1, 100):
        for low in range(high):
            for index in (low, high):
                xa.store(index, index)
                xa.set_mark(index, 0)
            expected: list[object] = [(low, low)] * (low + 1) + [(high, high)] * (high - low)
            expected += [None] * (99 - high)
            assert [xa.find(start) for start in range(100)] == expected
            assert [xa.find(start, mark=0) for start in range(100)] == expected
            assert [xa.find(start, mark=1) for start in (0, low, high)] == [None] * 3
            xa.erase(low)
            xa.erase(high)
            assert xa.empty


def test_growing_array_iterates_in_order(xa: pc.XArray) -> None:
    for count in range(1024):
        assert [index for index, _ in xa.items()] == list(range(count))
        xa.store(count, count)


@pytest.mark.parametrize("mark", [None, 0])
def test_search_that_starts_beyond_its_end_finds_nothing(xa: pc.XArray, mark: int | None) -> None:
    for index in range(20):
        xa.store(index, index)
        xa.set_mark(index, 0)
    assert xa.find(11, max=10, mark=mark) is None
    assert xa.find_after(10, max=10, mark=mark) is None
    assert xa.find(10, max=10, mark=mark) == (10, 10)
    assert list(xa.items(11, 11, mark=mark)) == []


def test_nothing_is_after_the_last_index(xa: pc.XArray) -> None:
    xa.store(MAX_INDEX, 7)
    assert xa.find_after(0) == (MAX_INDEX, 7)
    assert xa.find_after(MAX_INDEX) is None
    assert xa.find(MAX_INDEX) == (MAX_INDEX, 7)
    assert list(xa.items()) == [(MAX_INDEX, 7)]


@pytest.mark.parametrize("order", range(2, 10))
def test_find_from_inside_an_entry_gives_it_and_find_after_the_next(
    xa: pc.XArray, order: int
) -> None:
    first, beyond = 3 << order, 4 << order
    xa.store(first, 1, order)
    xa.store(beyond, 2)
    xa.store(beyond + 1, 3)
    assert xa.find(0) == (first, 1)
    for index in range(first, beyond):
        assert xa.find(index) == (index, 1)
        assert xa.find_after(index) == (beyond, 2)
        assert xa.find_after(index, max=beyond - 1) is None
    assert xa.find_after(beyond) == (beyond + 1, 3)
    assert xa.find(0, max=first - 1) is None
    assert xa.find(0, max=first) == (first, 1)


@pytest.mark.parametrize("order", range(10))
def test_entry_may_be_erased_in_a_loop_from_any_of_its_indices(xa: pc.XArray, order: int) -> None:
    for offset in range(2**order):
        xa.store(0, 1, order)
        xa.store(2**order, 2)
        seen = []
        for _, entry in xa.items(offset):
            seen.append(entry)
            if entry == 1:
                xa.erase(offset)
        assert seen == [1, 2]
        assert xa.erase(2**order) == 2
        assert xa.empty


@pytest.mark.parametrize("order", range(20))
def test_find_after_inside_the_only_entry_finds_nothing(xa: pc.XArray, order: int) -> None:
    xa.store(0, 1, order)
    for index in {0, 1, 2**order // 2, 2**order - 1}:
        assert xa.find_after(index) is None


@pytest.mark.parametrize("order", range(20))
def test_entry_is_found_again_by_its_value(xa: pc.XArray, order: int) -> None:
    for block in range(2**5):
        xa.store(block << order, block, order)
    for wanted in range(2**5):
        found = [index for index, entry in walk(xa) if entry == wanted]
        assert found == [wanted << order]
    assert 2**5 not in [entry for _, entry in walk(xa)]


def test_walk_meets_every_order_once_and_ascending(xa: pc.XArray) -> None:
    for order in range(64):
        xa.store(1 << order, order, order)
        xa.set_mark(1 << order, 1)
    expected = [(1 << order, order) for order in range(64)]
    assert list(xa.items()) == expected
    assert list(xa.items(mark=1)) == expected
    assert list(walk(xa)) == expected


def test_walk_by_mark_passes_what_is_not_marked(xa: pc.XArray) -> None:
    for order in range(63):
        xa.store(1 << order, order, order)
    for order in range(0, 63, 7):
        xa.set_mark(1 << order, 2)
    assert [entry for _, entry in xa.items(mark=2)] == list(range(0, 63, 7))
    assert list(xa.items(mark=0)) == []


def test_marked_search_from_a_sibling_answers_the_first_index() -> None:
    """As Linux 5.17 does; a loop over find_after therefore may meet an entry again."""
    xa = pc.XArray()
    xa.store(8, 1, order=3)
    xa.set_mark(8, 0)
    assert xa.find(10, mark=0) == (8, 1)
    assert xa.find(10) == (10, 1)
    assert xa.find_after(10, mark=0) == (8, 1)
    assert list(xa.items(10, mark=0)) == [(8, 1)]


def test_iteration_sees_entries_stored_ahead_of_it(xa: pc.XArray) -> None:
    xa.store(0, 0)
    seen = []
    for index, _ in xa.items():
        seen.append(index)
        if index < 500:
            xa.store(2 * index + 1, 1)
            xa.erase(index)
    assert seen == [0, 1, 3, 7, 15, 31, 63, 127, 255, 511]


@pytest.mark.parametrize("order", [0, 3, 6, 9])
def test_range_of_items_takes_what_reaches_into_it(xa: pc.XArray, order: int) -> None:
    for block in range(8):
        xa.store(block << order, block, order)
    start, stop = 2 << order, 5 << order
    assert [entry for _, entry in xa.items(start, stop)] == [2, 3, 4]
    if order:
        assert [entry for _, entry in xa.items(start - 1, stop + 1)] == [1, 2, 3, 4, 5]
        assert [entry for _, entry in xa.items(start + 1, stop - 1)] == [2, 3, 4]


def test_range_of_items_that_ends_at_0_is_empty(xa: pc.XArray) -> None:
    xa.store(0, 1)
    assert list(xa.items(0, 0)) == []
