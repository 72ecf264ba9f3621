"""Linux's own XArray tests that move a state: here, a cursor."""

import random

import pytest

import pagecache as pc

MAX_INDEX = 2**64 - 1


def value(index: int) -> int:
    return index % 2**63


# Moving


def test_cursor_walks_back_and_forth_over_all_entries_and_wraps(xa: pc.XArray) -> None:
    for index in range(2**16):
        xa.store(index, index)
    cursor = xa.cursor(2**16)
    assert cursor.load() is None
    for index in reversed(range(2**16)):
        assert cursor.prev() == index
    assert cursor.index == 0
    assert cursor.prev() is None
    assert cursor.index == MAX_INDEX
    for index in range(2**16):
        assert cursor.next() == index
    assert cursor.next() is None
    assert cursor.index == 2**16


def test_cursor_reads_nothing_in_a_hole(xa: pc.XArray) -> None:
    hole = range(2**8, 2**15)
    for index in [*range(2**8), *range(2**15, 2**16)]:
        xa.store(index, index)
    cursor = xa.cursor(2**16 - 1)
    assert cursor.load() == 2**16 - 1
    for index in reversed(range(2**16 - 1)):
        assert cursor.prev() == (None if index in hole else index)
    for index in range(1, 2**16):
        assert cursor.next() == (None if index in hole else index)
        assert cursor.index == index


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "only-0"])
def test_cursor_moves_in_an_array_without_nodes(xa: pc.XArray, filled: bool) -> None:
    if filled:
        xa.store(0, 7)
    first = 7 if filled else None
    cursor = xa.cursor(0)
    assert [cursor.next(), cursor.next(), cursor.next()] == [first, None, None]
    assert cursor.index == 2
    assert [cursor.prev(), cursor.prev(), cursor.prev()] == [None, first, None]
    assert cursor.index == MAX_INDEX
    assert cursor.next() == first


def test_cursor_wraps_onto_an_entry_at_the_last_index(xa: pc.XArray) -> None:
    xa.store(MAX_INDEX, 7)
    cursor = xa.cursor(0)
    assert [cursor.next(), cursor.prev(), cursor.next(), cursor.prev()] == [None, 7, None, 7]
    assert [cursor.prev(), cursor.next(), cursor.next()] == [None, 7, None]
    assert cursor.index == 0


@pytest.mark.parametrize("index", [2**k - d for k in range(2, 12) for d in (0, 1)])
def test_cursor_meets_a_pair_on_its_way_there_and_back(xa: pc.XArray, index: int) -> None:
    xa.store(0, 0)
    xa.store(index, index)
    expected = {0: 0, index: index}
    cursor = xa.cursor(0)
    for at in range(4 * index):
        assert cursor.next() == expected.get(at)
        assert cursor.index == at
    for at in reversed(range(4 * index - 1)):
        assert cursor.prev() == expected.get(at)
        assert cursor.index == at


def test_cursor_steps_on_every_index_of_a_large_entry(xa: pc.XArray) -> None:
    xa.store(512, 7, order=9)
    cursor = xa.cursor(511)
    assert [cursor.next() for _ in range(514)] == [None] + [7] * 512 + [None]


# States that see entries go


def test_cursor_on_an_entry_that_is_erased_reads_nothing(xa: pc.XArray) -> None:
    for index in (0, 1):
        xa.store(index, index)
    cursor = xa.cursor(0)
    assert cursor.find() == 0
    assert cursor.find() == 1
    xa.erase(1)
    assert cursor.load() is None
    assert cursor.index == 1
    cursor.index = 0
    assert cursor.find() == 0
    assert cursor.find() is None
    cursor.index = 1
    xa.store(1, 5)
    assert cursor.load() == 5


# Blocks of single entries in the place of a larger one


@pytest.mark.parametrize("order", range(12))
def test_block_conflicts_only_after_something_is_stored(xa: pc.XArray, order: int) -> None:
    for first in (0, 2**order, 2 * 2**order, 3 * 2**order, 2**24):
        cursor = xa.cursor(first, order=order)
        assert cursor.conflict() is None
        for index in range(first, first + 2**order):
            xa.store(index, value(index))
        assert cursor.conflict() is not None
        assert len(list(xa.items(first, first + 2**order))) == 2**order
        assert (cursor.index, cursor.store(7) is not None) == (first, True)
        assert list(xa) == [(first, 7)]
        xa.erase(first)
        assert xa.empty


@pytest.mark.parametrize("order", range(12))
def test_single_entry_in_a_block_is_the_one_conflict(xa: pc.XArray, order: int) -> None:
    for first in (0, 2**order, 3 * 2**order):
        for at in {first, first + 2**order // 2, first + 2**order - 1}:
            xa.store(at, 5)
            assert list(xa.items(first, first + 2**order)) == [(at, 5)]
            cursor = xa.cursor(first, order=order)
            assert cursor.conflict() is not None
            xa.erase(at)
            assert cursor.conflict() is None


# Overlaps counted


@pytest.mark.parametrize("order", range(16))
def test_what_overlaps_a_block_is_counted(xa: pc.XArray, order: int) -> None:
    """Thinned from order 16 on."""
    for first in (0, 2**order):
        block = (first, first + 2**order)
        assert len(list(xa.items(*block))) == 0
        xa.store(first, 1, order)
        assert len(list(xa.items(*block))) == 1
        xa.store(block[1], 1)
        assert len(list(xa.items(*block))) == 1
        xa.destroy()
        for index in range(*block):
            xa.store(index, 1)
        assert len(xa.extract(*block)[0]) == 2**order
        xa.destroy()


def test_range_between_entries_sees_the_one_inside(xa: pc.XArray) -> None:
    for index in (63, 65):
        xa.store(index, index)
    assert list(xa.items(64, 68)) == [(65, 65)]


# A long random walk


def test_random_steps_over_a_sparse_array_read_what_load_reads(xa: pc.XArray) -> None:
    draw = random.Random(7)
    for _ in range(60):
        order = draw.choice([0, 0, 1, 3, 6, 7])
        xa.store(draw.randrange(2**11), draw.randrange(2**63), order)
    cursor = xa.cursor(1000)
    cursor.load()
    for _ in range(5000):
        entry = cursor.next() if draw.random() < 0.5 else cursor.prev()
        assert entry == xa.load(cursor.index)
