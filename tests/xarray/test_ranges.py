"""Ranges: Linux's own tests of them, and what a later store over part of one leaves."""

from itertools import combinations_with_replacement

import pytest

import pagecache as pc

from .tree_text import assert_siblings_follow_their_entry

MAX_INDEX = 2**64 - 1
BASES = [0, 128, 4095, 4096, 123456, 2**24]
EITHER_SIZE = [6, 3]


def loads(xa: pc.XArray, stop: int) -> list[object]:
    return [xa.load(index) for index in range(stop)]


def runs(xa: pc.XArray) -> list[tuple[int, int, object]]:
    """First index, last index and entry of each run."""
    return [(*(xa.cursor(at).extent() or ()), entry) for at, entry in xa.items()]


# Storing a range


@pytest.mark.parametrize("chunk_shift", EITHER_SIZE)
@pytest.mark.parametrize("base", BASES)
def test_range_reads_from_its_first_to_its_last_index(xa: pc.XArray, base: int) -> None:
    for i, j in combinations_with_replacement(range(128), 2):
        first, last = base + i, base + j
        xa.store_range(first, last, first)
        assert xa.load(first) == xa.load(last) == xa.load((first + last) // 2) == first
        assert first == 0 or xa.load(first - 1) is None
        assert xa.load(last + 1) is None
        xa.store_range(first, last, None)
        assert xa.empty
    assert xa.nodes == 0


@pytest.mark.parametrize("chunk_shift", [3, 4, 5, 6, 7])
def test_range_one_short_of_a_node_spares_the_index_after_it(xa: pc.XArray) -> None:
    whole = 1 << 2 * xa.pool.chunk_shift
    xa.store(whole - 1, 1)
    xa.store_range(0, whole - 2, 2)
    assert xa.load(whole - 2) == 2
    assert xa.load(whole - 1) == 1


@pytest.mark.parametrize(
    ("first", "last"), [(0, MAX_INDEX), (1, MAX_INDEX), (0, 2**63), (2**63, MAX_INDEX)]
)
def test_range_may_be_as_long_as_the_array(xa: pc.XArray, first: int, last: int) -> None:
    xa.store_range(first, last, 7)
    xa.check()
    assert (xa.load(first), xa.load(2**63), xa.load(last)) == (7, 7, 7)
    assert xa.load((last + 1) % 2**64) == (7 if first == 0 and last == MAX_INDEX else None)
    assert len(list(xa)) <= 2 * 64
    xa.store_range(first, last, None)
    assert xa.empty


def test_range_lies_in_as_few_runs_as_fit() -> None:
    xa = pc.XArray()
    xa.store_range(60, 200, 7)
    assert runs(xa) == [(60, 63, 7), (64, 191, 7), (192, 200, 7)]
    assert xa.nodes == 3


def test_run_reads_erases_and_is_marked_as_one_entry(xa: pc.XArray) -> None:
    xa.store_range(1, 5, pc.Pointer(0x40))
    xa.set_mark(4, 1)
    assert [xa.get_mark(index, 1) for index in range(7)] == [False] + [True] * 5 + [False]
    assert xa.find(3) == (3, pc.Pointer(0x40))
    assert xa.find_after(3) is None
    assert xa.erase(3) == pc.Pointer(0x40)
    assert xa.empty
    assert not xa.marked(1)


def test_order_of_an_odd_run_is_rounded_up(xa: pc.XArray) -> None:
    for slots, order in [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)]:
        xa.store_range(1, slots, 7)
        assert xa.order(slots) == order
        xa.erase(1)


@pytest.mark.parametrize("entry", [-1, 2**63])
def test_range_of_a_value_too_large_stores_nothing(xa: pc.XArray, entry: int) -> None:
    with pytest.raises(ValueError, match=f"value {entry} must be from 0"):
        xa.store_range(3, 300, entry)
    assert xa.empty


def test_range_upside_down_is_refused(xa: pc.XArray) -> None:
    with pytest.raises(ValueError, match="last 2 is below first 3"):
        xa.store_range(3, 2, 7)
    assert xa.empty


@pytest.mark.parametrize("offset", range(4))
def test_aligned_pointers_read_back_and_fit_at_0_without_memory(
    chunk_shift: int, offset: int
) -> None:
    for base in range(0x1000, 0x1100, 16):
        xa = pc.XArray(alloc=0, chunk_shift=chunk_shift)
        pointer = pc.Pointer(base + 4 * offset)
        index = xa.alloc(pointer)
        assert xa.load(index) == pointer
        xa.erase(index)
        xa.pool.limit = 0
        xa.store(0, pointer)
        assert xa.erase(0) == pointer
        xa.pool.limit = 1
        xa.reserve(0)
        xa.store(0, pointer)
        assert xa.load(0) == pointer


# Storing over a part of a range


def test_store_into_a_run_replaces_the_whole_run(xa: pc.XArray) -> None:
    for index in (1, 3, 5):
        xa.store_range(1, 5, 7)
        assert xa.store(index, 8) == 7
        assert runs(xa) == [(1, 5, 8)]


def test_range_within_a_run_replaces_the_whole_run(xa: pc.XArray) -> None:
    xa.store_range(1, 6, 7)
    xa.store_range(3, 4, 8)
    assert runs(xa) == [(1, 6, 8)]


def test_range_that_ends_within_a_run_leaves_its_rest_an_entry(xa: pc.XArray) -> None:
    xa.store_range(3, 6, 7)
    xa.store_range(1, 4, 8)
    assert runs(xa) == [(1, 4, 8), (5, 6, 7)]
    assert_siblings_follow_their_entry(xa.dump())
    assert xa.erase(5) == 7
    assert loads(xa, 8) == [None, 8, 8, 8, 8, None, None, None]


def test_rest_of_a_run_keeps_its_marks_and_the_new_entry_takes_them_too(xa: pc.XArray) -> None:
    xa.store_range(3, 6, 7)
    xa.set_mark(3, 0)
    xa.set_mark(3, 2)
    xa.store(2, 1, order=1)
    xa.store(0, 8, order=2)
    assert runs(xa) == [(0, 3, 8), (4, 6, 7)]
    for index in (0, 4, 6):
        assert [xa.get_mark(index, mark) for mark in range(3)] == [True, False, True]
    xa.clear_mark(5, 0)
    assert not xa.get_mark(4, 0)
    assert xa.get_mark(0, 0)


def test_store_that_ends_within_a_run_of_large_slots_leaves_its_rest(xa: pc.XArray) -> None:
    """The same a level up: slots that each stand for a whole node."""
    slot = 1 << xa.pool.chunk_shift
    xa.store_range(slot, 4 * slot - 1, 7)
    xa.store_range(0, 2 * slot - 1, 8)
    assert runs(xa) == [(0, 2 * slot - 1, 8), (2 * slot, 4 * slot - 1, 7)]


def test_erased_range_takes_a_run_that_ends_after_it_as_a_whole(xa: pc.XArray) -> None:
    xa.store_range(3, 6, 7)
    xa.store_range(1, 4, None)
    assert xa.empty


@pytest.mark.parametrize("last", [8, 9, 63, 100])
@pytest.mark.parametrize("chunk_shift", [6])
def test_range_that_begins_inside_an_entry_reaches_its_own_end(xa: pc.XArray, last: int) -> None:
    xa.store(4, 7, order=2)
    xa.store_range(6, last, 8)
    assert [xa.load(index) for index in range(6, last + 1)] == [8] * (last - 5)


def test_store_that_begins_inside_a_run_reaches_its_own_end(xa: pc.XArray) -> None:
    xa.store_range(1, 2, 7)
    xa.store(2, 8, order=1)
    assert xa.load(2) == xa.load(3) == 8


def test_store_of_nothing_that_begins_inside_a_run_reaches_its_own_end(xa: pc.XArray) -> None:
    xa.store_range(1, 2, 7)
    xa.store(3, 8)
    xa.store(2, None, order=1)
    assert xa.load(3) is None


# Splitting a run


@pytest.mark.parametrize("last", [3, 5])
def test_split_of_an_odd_run_is_refused_and_leaves_all_alone(chunk_shift: int, last: int) -> None:
    xa = pc.XArray(chunk_shift=chunk_shift)
    xa.store_range(1, last, 7)
    xa.store(last + 1, 8)
    with pytest.raises(ValueError, match="cannot be split"):
        xa.split(1, 0)
    xa.check()
    assert loads(xa, last + 2) == [None] + [7] * last + [8]


def test_split_of_an_odd_run_that_ends_its_node_is_refused(xa: pc.XArray) -> None:
    end = 1 << xa.pool.chunk_shift
    xa.store_range(end - 3, end - 1, 7)
    xa.store(end, 8)
    with pytest.raises(ValueError, match="cannot be split"):
        xa.split(end - 1, 0)
    xa.check()
    assert [xa.load(index) for index in range(end - 4, end + 1)] == [None, 7, 7, 7, 8]


def test_split_of_a_run_of_two_slots_gives_two_entries(xa: pc.XArray) -> None:
    xa.store_range(1, 2, 7)
    xa.split(2, 0)
    assert runs(xa) == [(1, 1, 7), (2, 2, 7)]
