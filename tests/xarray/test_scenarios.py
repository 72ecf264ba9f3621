"""What Linux's own test suite asks of an XArray, in the groups that the plain calls can answer.

The entry at index i is the value i (modulo 2**63), as there.  The fixture empties each array and
holds that its nodes come back.  Searches and iteration are in test_search_scenarios.py.
"""

import re
from collections.abc import Iterable

import pytest

import pagecache as pc

MAX_INDEX = 2**64 - 1


def value(index: int) -> int:
    return index % 2**63


def store(xa: pc.XArray, index: int, order: int = 0) -> None:
    xa.store(index, value(index), order)


def fill(xa: pc.XArray, indices: Iterable[int]) -> None:
    for index in indices:
        store(xa, index)


def counts(xa: pc.XArray) -> tuple[int, int]:
    """Filled slots, and those of them that hold values, of the top node."""
    found = re.search(r" c(\d+) v(\d+) ", xa.dump())
    assert found is not None
    return int(found[1]), int(found[2])


def marks(xa: pc.XArray, index: int) -> list[int]:
    return [mark for mark in range(3) if xa.get_mark(index, mark)]


def some_of(first: int, order: int) -> list[int]:
    """Indices of a block, at most 64 and always its last, at equal distances."""
    step = max(1, 2**order // 64)
    return [*range(first, first + 2**order, step), first + 2**order - 1]


# Loading


def test_filling_upward_shows_each_entry_and_none_above(xa: pc.XArray) -> None:
    for count in range(1024):
        loaded = [xa.load(index) for index in range(1024)]
        assert loaded == [*range(count), *[None] * (1024 - count)]
        store(xa, count)


def test_erasing_upward_hides_each_entry_and_none_above(xa: pc.XArray) -> None:
    fill(xa, range(1024))
    for count in range(1024):
        loaded = [xa.load(index) for index in range(1024)]
        assert loaded == [*[None] * count, *range(count, 1024)]
        assert xa.erase(count) == count
    assert xa.empty


# Marks

MARK_INDICES = [*range(0, 260, 4), 504, 508, 512, 4092, 4096, 16380]  # thinned: all 4s to 16380


def test_mark_needs_an_entry_and_goes_with_it(xa: pc.XArray) -> None:
    for index in MARK_INDICES:
        xa.set_mark(index, 0)
        assert marks(xa, index) == []
        fill(xa, [index, index + 1])
        assert marks(xa, index) == []
        xa.set_mark(index, 0)
        assert marks(xa, index) == [0]
        assert marks(xa, index + 1) == []
        xa.erase(index)
        assert marks(xa, index) == []
        assert not xa.marked(0)
        store(xa, index)
        assert marks(xa, index) == []


@pytest.mark.parametrize("order", range(2, 8))
def test_larger_store_takes_over_the_marks_of_what_it_covers(xa: pc.XArray, order: int) -> None:
    for index in MARK_INDICES:
        first = index >> order << order
        beyond = first + 2**order
        fill(xa, [index + 1, index + 2, beyond])
        xa.set_mark(index + 1, 0)
        xa.set_mark(index + 2, 2)
        store(xa, index, order)
        for covered in range(first, beyond):
            assert marks(xa, covered) == [0, 2]
            assert [at for at, _ in xa.items(covered)] == [first, beyond]
            assert [len(list(xa.items(covered, mark=mark))) for mark in range(3)] == [1, 0, 1]
        assert marks(xa, beyond) == []
        xa.destroy()


def test_clearing_the_only_mark_clears_the_array(xa: pc.XArray) -> None:
    store(xa, 0)
    xa.set_mark(0, 0)
    assert xa.marked(0)
    xa.clear_mark(0, 0)
    assert not xa.marked(0)
    assert marks(xa, 0) == []


def test_thousand_marked_entries_are_found_and_cleared_on_the_way(xa: pc.XArray) -> None:
    indices = range(3500, 4500)
    for index in indices:
        store(xa, index)
        xa.set_mark(index, 0)
    assert [at for at, _ in xa.items(mark=0)] == list(indices)
    for at, _ in xa.items(mark=0):
        xa.clear_mark(at, 0)
        assert not xa.get_mark(at, 0)
    assert not xa.marked(0)


def test_mark_set_through_a_covered_index_is_met_once(xa: pc.XArray) -> None:
    store(xa, 0x40, 2)
    xa.set_mark(0x41, 0)
    assert list(xa.items(0x41, mark=0)) == [(0x40, 0x40)]


# Growing and shrinking


def test_erase_that_leaves_only_index_0_drops_the_nodes(xa: pc.XArray) -> None:
    fill(xa, [0, 1])
    assert xa.nodes == 1
    assert xa.erase(1) == 1
    assert xa.load(0) == 0
    assert xa.load(1) is None
    assert xa.nodes == 0


@pytest.mark.parametrize("order", range(15))
def test_far_store_and_erase_restore_the_very_same_tree(xa: pc.XArray, order: int) -> None:
    store(xa, 0, order)
    assert xa.load(2**order - 1) == 0
    assert xa.load(2**order) is None
    before = xa.dump()
    store(xa, MAX_INDEX)
    assert xa.dump() != before
    assert xa.load(MAX_INDEX) == value(MAX_INDEX)
    assert xa.erase(MAX_INDEX) == value(MAX_INDEX)
    assert xa.dump() == before


def test_erasing_while_iterating_visits_all_in_order_and_empties(xa: pc.XArray) -> None:
    for start in range(200):
        indices = range(start, 2 * start + 17)
        fill(xa, indices)
        store(xa, MAX_INDEX)
        xa.erase(MAX_INDEX)
        seen = []
        for index, _ in xa.items():
            seen.append(index)
            xa.erase(index)
        assert seen == list(indices)
        assert xa.empty


# Insert and compare-exchange

INSERT_INDICES = [*range(1024), *(2**k - d for k in range(10, 64) for d in (1, 0)), MAX_INDEX]


def test_insert_fills_one_index_and_not_its_neighbours(xa: pc.XArray) -> None:
    for index in INSERT_INDICES:
        xa.insert(index, value(index))
        assert xa.load(index) == value(index)
        assert index == 0 or xa.load(index - 1) is None
        assert index == MAX_INDEX or xa.load(index + 1) is None
        with pytest.raises(pc.EntryExists, match=f"index {index} "):
            xa.insert(index, 1)
        assert xa.erase(index) == value(index)


def test_cmpxchg_changes_only_what_it_expects(xa: pc.XArray) -> None:
    store(xa, 12345678)
    with pytest.raises(pc.EntryExists):
        xa.insert(12345678, 1)
    assert xa.cmpxchg(12345678, 5, 2) == 12345678
    assert xa.load(12345678) == 12345678
    assert xa.cmpxchg(12345678, 12345678, 2) == 12345678
    assert xa.load(12345678) == 2
    assert xa.erase(12345678) == 2
    assert xa.empty


def test_cmpxchg_on_nothing_stores_only_for_nothing(xa: pc.XArray) -> None:
    store(xa, 12345678)
    assert xa.cmpxchg(5, 5, None) is None
    assert xa.cmpxchg(5, 5, 6) is None
    assert xa.load(5) is None
    assert xa.cmpxchg(5, None, 5) is None
    assert xa.load(5) == 5
    with pytest.raises(pc.EntryExists):
        xa.insert(5, 1)
    assert xa.cmpxchg(5, 5, None) == 5
    xa.insert(5, 9)
    assert xa.load(5) == 9


def test_cmpxchg_to_nothing_removes_a_whole_entry_and_its_order(xa: pc.XArray) -> None:
    xa.store(0, 5, order=3)
    xa.store(8, 5, order=3)
    assert [(xa.load(i), xa.order(i)) for i in range(16)] == [(5, 3)] * 16
    assert xa.cmpxchg(0, 5, None) == 5
    assert [(xa.load(i), xa.order(i)) for i in range(16)] == [(None, 0)] * 8 + [(5, 3)] * 8
    xa.store(0, None, order=63)
    assert xa.empty


# Entries of several indices


def test_slots_and_values_of_a_node_are_counted() -> None:
    xa = pc.XArray()
    xa.store(0, 0, order=1)
    assert [xa.load(index) for index in range(3)] == [0, 0, None]
    assert counts(xa) == (2, 2)
    xa.store(3, pc.Pointer(0x1000))
    assert counts(xa) == (3, 2)
    xa.store(0, 1, order=2)
    assert [xa.load(index) for index in range(5)] == [1, 1, 1, 1, None]
    assert counts(xa) == (4, 4)
    xa.store(0, None, order=63)
    assert xa.empty


def test_larger_store_of_nothing_removes_all_it_covers(xa: pc.XArray) -> None:
    fill(xa, [1, 2])
    xa.store(0, None, order=2)
    assert xa.empty


@pytest.mark.parametrize("first_order", range(60))
def test_second_store_at_0_is_read_wherever_either_reaches(xa: pc.XArray, first_order: int) -> None:
    for order in range(60):
        xa.store(0, 100, first_order)
        xa.store(0, order, order)
        for k in range(61):
            expected = order if k <= max(first_order, order) else None
            assert xa.load(2**k - 1) == expected
        xa.store(0, None, order=63)
        assert xa.empty


@pytest.mark.parametrize("order", range(20))
def test_order_0_store_changes_the_whole_entry_that_covers_it(xa: pc.XArray, order: int) -> None:
    for index in (200, 0, 2**order + 1):
        first = index >> order << order
        xa.store(index, 1, order)
        xa.store(index, 2)
        assert {xa.load(covered) for covered in some_of(first, order)} == {2}
        assert first == 0 or xa.load(first - 1) is None
        assert xa.load(first + 2**order) is None
        assert xa.erase(index) == 2
        assert xa.empty


def test_entry_is_overwritten_and_erased_through_its_last_index(xa: pc.XArray) -> None:
    xa.store(4095, 1, order=9)
    assert xa.store(4095, 2) == 1
    assert (xa.load(3584), xa.load(4095), xa.order(4095)) == (2, 2, 9)
    assert xa.erase(4095) == 2
    assert xa.empty


@pytest.mark.parametrize("order", range(1, 20))
def test_iteration_meets_a_large_entry_once(xa: pc.XArray, order: int) -> None:
    for index in (0, 2**order):
        xa.store(index, 7, order)
        for start in (0, index, index + 1, index + 2**order - 1):
            assert list(xa.items(start)) == [(index, 7)]
        xa.erase(index)


def cache_positions() -> list[int]:
    """Byte positions from 7 on, each squared to the next, and the same 157 further."""
    positions = []
    position = 7
    while position < 2**63:
        positions += [position, position + 157]
        position = position * position + 564
    return positions


@pytest.mark.parametrize("position", cache_positions())
def test_blocks_in_and_out_of_a_file_leave_their_neighbours_alone(
    xa: pc.XArray, position: int
) -> None:
    """As a page cache fills and empties.  Thinned: some 64 indices of each block are read."""
    for order in range(20):
        size = 2**order
        first = (position // 4096) >> order << order
        for block in (first, first + size, first + 2 * size):
            others = {first, first + size, first + 2 * size} - {block}
            xa.store(block, 1)
            assert xa.erase(block) == 1
            xa.store(block, 2, order)
            assert {xa.load(index) for index in some_of(block, order)} == {2}
            assert {xa.load(i) for other in others for i in some_of(other, order)} == {None}
            xa.erase(block + size - 1)
            assert xa.empty


@pytest.mark.parametrize("order", range(20))
def test_every_covered_index_tells_the_order(xa: pc.XArray, order: int) -> None:
    """Thinned from order 7 on: some 64 indices of each block are asked."""
    assert xa.order(0) == 0
    for i in range(10):
        store(xa, i << order, order)
        assert {xa.order(index) for index in some_of(i << order, order)} == {order}
    assert len(list(xa.items())) == 10


def test_order_of_an_entry_that_ends_its_node_ignores_the_marks_behind_it() -> None:
    """The first mark bitmap follows the last slot; here its bits would read as a sibling."""
    xa = pc.XArray()
    xa.store(32, 1, order=5)
    store(xa, 1)
    xa.set_mark(1, 0)
    assert xa.order(32) == 5


# Accounting and destroying


@pytest.mark.parametrize("order", range(1, 12))
def test_values_are_counted_beside_a_pointer_of_the_same_order(order: int) -> None:
    xa = pc.XArray()
    xa.store(0, pc.Pointer(0x1000), order)
    slots, values = counts(xa)
    assert 0 < slots <= 2**order
    assert values == 0
    xa.store(2**order, 1, order)
    slots, values = counts(xa)
    assert slots == 2 * values
    xa.erase(2**order)
    assert counts(xa)[1] == 0


def test_destroy_empties_and_may_be_repeated(xa: pc.XArray) -> None:
    xa.destroy()
    for index, order in [*((index, 0) for index in range(1000)), (MAX_INDEX, 0), (2048, 11)]:
        xa.destroy()
        store(xa, index, order)
        xa.set_mark(index, 1)
        xa.destroy()
        assert xa.empty
        assert xa.nodes == 0
        assert not xa.marked(1)
        assert xa.load(index) is None
