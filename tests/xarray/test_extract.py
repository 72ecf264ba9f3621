"""Entries into arrays, and marks over ranges: the same as one by one."""

import random

import numpy as np
import pytest

import pagecache as pc

MAX_INDEX = 2**64 - 1


def grow(xa: pc.XArray, seed: int) -> None:
    """Entries of all orders, some reserved slots, some marks."""
    draw = random.Random(seed)
    for _ in range(80):
        order = draw.choice([0, 0, 0, 1, 2, 3, 5, 6, 7, 9])
        xa.store(draw.randrange(2**11), draw.randrange(99), order)
    for index in range(2**11, 2**11 + 200):
        xa.reserve(index) if draw.random() < 0.3 else xa.store(index, index)
    for _ in range(60):
        xa.set_mark(draw.randrange(2**11 + 200), draw.randrange(3))
    for k in range(3):
        xa.store(MAX_INDEX - 64 * k, k)


def entries_of(xa: pc.XArray) -> list[tuple[int, int, int]]:
    """First index, last index and value of all there is, by plain calls."""
    found, at = [], xa.find(0)
    while at is not None:
        index, value = at
        found.append((index, index + 2 ** xa.order(index) - 1, int(value)))  # type: ignore[call-overload]
        at = xa.find_after(index)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mark", [None, 0, 1, 2])
def test_extract_gives_what_reaches_into_the_range(xa: pc.XArray, seed: int, mark: int) -> None:
    grow(xa, seed)
    every = [e for e in entries_of(xa) if mark is None or xa.get_mark(e[0], mark)]
    draw = random.Random(seed)
    bounds = [0, 1, 63, 64, 511, 512, 2**11 + 64, MAX_INDEX, 2**63]
    for _ in range(200):
        start, stop = draw.choice([*bounds, draw.randrange(2300)]), draw.randrange(2400)
        stop = stop if mark is None else 2**64 - 1  # by mark: the test below
        at, values = xa.extract(start, stop, mark=mark)
        assert (at.dtype, values.dtype) == (np.uint64, np.uint64)
        expected = [(f, v) for f, last, v in every if f < stop and last >= start and start < stop]
        assert list(zip(at.tolist(), values.tolist(), strict=True)) == expected
    assert xa.extract(mark=mark)[0].tolist() == [first for first, _, _ in every]


@pytest.mark.parametrize("order", [0, 1, 6])
def test_extract_by_mark_ends_where_the_range_does(xa: pc.XArray, order: int) -> None:
    for k in range(2):
        xa.store(k << order, k, order)
        xa.set_mark(k << order, 0)
    assert xa.extract(0, 1 << order, mark=0)[0].tolist() == [0]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mark", [None, 1])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 63, 64, 65])
def test_extract_cut_anywhere_goes_on_after_its_last_entry(
    xa: pc.XArray, seed: int, mark: int | None, limit: int
) -> None:
    grow(xa, seed)
    whole = [part.tolist() for part in xa.extract(mark=mark)]
    found: list[list[int]] = [[], []]
    start = 0
    while start <= MAX_INDEX:
        at, values = (part.tolist() for part in xa.extract(start, limit=limit, mark=mark))
        assert len(at) <= limit
        found[0] += at
        found[1] += values
        if len(at) < limit:
            break
        start = at[-1] + 2 ** xa.order(at[-1])
    assert found == whole


def test_extract_gives_addresses_of_pointers(xa: pc.XArray) -> None:
    xa.store(3, pc.Pointer(0x40))
    xa.store(4, 0)
    assert [part.tolist() for part in xa.extract()] == [[3, 4], [0x40, 0]]


def test_extract_of_an_empty_range_gives_nothing(xa: pc.XArray) -> None:
    for index in (0, 1, 5):
        xa.store(index, index)
    for start, stop in [(0, 0), (5, 5), (5, 2), (2, 5), (6, None)]:
        assert [len(part) for part in xa.extract(start, stop)] == [0, 0]
    assert [len(part) for part in xa.extract(limit=0)] == [0, 0]
    assert [len(part) for part in pc.XArray().extract()] == [0, 0]


def test_extract_from_inside_an_entry_gives_its_first_index(xa: pc.XArray) -> None:
    xa.store(512, 7, order=9)
    for start in (513, 700, 1023):
        assert [part.tolist() for part in xa.extract(start)] == [[512], [7]]
        assert [part.tolist() for part in xa.extract(start, start + 1)] == [[512], [7]]


def test_extract_by_a_mark_there_is_not_is_refused(xa: pc.XArray) -> None:
    with pytest.raises(ValueError, match="mark 3 must be 0, 1 or 2"):
        xa.extract(mark=3)


# Marks over a range


@pytest.mark.parametrize("on", [True, False], ids=["on", "off"])
@pytest.mark.parametrize("seed", range(6))
def test_marking_a_range_equals_marking_one_by_one(
    xa: pc.XArray, chunk_shift: int, seed: int, on: bool
) -> None:
    other = pc.XArray(chunk_shift=chunk_shift)
    for array in (xa, other):
        grow(array, seed)
    reserved = [i for i in range(2**11, 2**11 + 200) if other.load(i) is None]
    every = [*entries_of(other), *((index, index, 0) for index in reserved)]
    draw = random.Random(seed)
    for _ in range(60):
        mark = draw.randrange(3)
        bounds = [0, MAX_INDEX, 2**40, *(draw.randrange(2300) for _ in range(6))]
        first, last = sorted(draw.sample(bounds, 2))
        xa.mark_range(first, last, mark, on=on)
        for at, end, _value in every:
            if at <= last and end >= first:
                (other.set_mark if on else other.clear_mark)(at, mark)
        xa.check()
        assert xa.dump() == other.dump()


@pytest.mark.parametrize("order", [1, 3, 6, 9, 12])
def test_range_that_touches_an_entry_anywhere_marks_it_whole(xa: pc.XArray, order: int) -> None:
    first, size = 2**order, 2**order
    xa.store(first, 7, order)
    xa.store(first + size, 8)
    for at in {first, first + 1, first + size // 2, first + size - 1}:
        xa.mark_range(at, at, 1)
        assert [xa.get_mark(index, 1) for index in (first, first + size - 1)] == [True, True]
        assert not xa.get_mark(first + size, 1)
        xa.mark_range(at, at, 1, on=False)
        assert not xa.marked(1)
    xa.mark_range(0, first - 1, 1)
    assert not xa.marked(1)


def test_range_marks_a_lone_entry_and_not_an_empty_array(xa: pc.XArray) -> None:
    xa.mark_range(0, MAX_INDEX, 0)
    assert not xa.marked(0)
    xa.store(0, 7)
    xa.mark_range(1, MAX_INDEX, 0)
    assert not xa.marked(0)
    xa.mark_range(0, 0, 0)
    assert xa.get_mark(0, 0)
    xa.mark_range(0, MAX_INDEX, 0, on=False)
    assert not xa.marked(0)


def test_range_beyond_the_tree_marks_nothing(xa: pc.XArray) -> None:
    xa.store(5, 7)
    before = xa.dump()
    xa.mark_range(2**20, MAX_INDEX, 0)
    assert xa.dump() == before


def test_marked_range_upside_down_or_by_another_mark_is_refused(xa: pc.XArray) -> None:
    xa.store(5, 7)
    with pytest.raises(ValueError, match="last 4 is below first 5"):
        xa.mark_range(5, 4, 0)
    with pytest.raises(ValueError, match="mark 3 must be 0, 1 or 2"):
        xa.mark_range(0, 9, 3)
    assert not any(xa.marked(mark) for mark in range(3))
