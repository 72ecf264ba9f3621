"""An array that changes under a cursor: it never gives garbage, and stores where it says it is."""

import random
from collections.abc import Callable

import pytest

import pagecache as pc

from .tree_text import assert_siblings_follow_their_entry

CHANGES: dict[str, Callable[[pc.XArray], object]] = {
    "erase": lambda xa: xa.erase(130),
    "erase-others": lambda xa: xa.erase_many(xa.extract()[0]),
    "destroy": lambda xa: xa.destroy(),
    "destroy-and-fill": lambda xa: (xa.destroy(), [xa.store(i, 2) for i in range(0, 4000, 7)]),
    "larger": lambda xa: xa.store(0, 2, 12),
    "largest": lambda xa: xa.store(0, 2, 63),
    "smaller": lambda xa: (xa.erase(130), xa.store(130, 2)),
    "grow": lambda xa: xa.store(2**50, 2),
    "grow-and-shrink": lambda xa: (xa.store(2**50, 2), xa.erase(2**50)),
    "range": lambda xa: xa.store_range(1, 2000, 2),
}
ORDERS = [0, 1, 3, 5]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("change", CHANGES)
def test_cursor_reads_the_array_as_it_is_after_a_change(
    xa: pc.XArray, change: str, order: int
) -> None:
    """It stood on the entry at 130, between others."""
    for first in range(0, 1024, 64):
        xa.store(first, 1, order)
    xa.store(130, 1, order)
    before = xa.cursor(130), xa.cursor(64), xa.cursor(2000)
    for cursor in before:
        cursor.load()
    CHANGES[change](xa)
    for cursor in before:
        assert cursor.load() == xa.load(cursor.index)
        assert cursor.order() == xa.order(cursor.index)
        assert cursor.get_mark(0) is False
        extent = cursor.extent()
        assert extent is None or extent[0] <= cursor.index <= extent[1]
    xa.check()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("change", CHANGES)
def test_cursor_stores_where_it_stands_after_a_change(
    xa: pc.XArray, chunk_shift: int, change: str, order: int
) -> None:
    """As a plain store would."""
    other = pc.XArray(chunk_shift=chunk_shift)
    for array in (xa, other):
        for first in range(0, 1024, 64):
            array.store(first, 1, order)
        array.store(128, 1, order)
    cursor = xa.cursor(128)
    cursor.load()
    for array in (xa, other):
        CHANGES[change](array)
    assert cursor.store(9) == other.store(128, 9)
    xa.check()
    assert_siblings_follow_their_entry(xa.dump())
    assert xa.dump() == other.dump()


@pytest.mark.parametrize("new", [0, 7])
def test_cursor_inside_an_entry_stores_where_it_stands_after_a_split(new: int) -> None:
    xa = pc.XArray()
    xa.store(0, 1, order=9)
    cursor = xa.cursor(130)
    assert cursor.load() == 1
    xa.split(0, new)
    cursor.store(9)
    assert xa.load(130) == 9
    assert xa.load(0) == 1


def test_cursor_inside_an_entry_reads_its_own_index_after_others_are_stored() -> None:
    xa = pc.XArray()
    xa.store(0, 1, order=9)
    xa.store(1000, 1)
    cursor = xa.cursor(130)
    assert cursor.load() == 1
    xa.erase(0)
    xa.store(0, 5, order=6)
    assert cursor.load() is None


def test_cursor_inside_an_erased_entry_stores_where_it_stands() -> None:
    xa = pc.XArray()
    xa.store(0, 1, order=9)
    xa.store(513, 1)
    cursor = xa.cursor(130)
    assert cursor.load() == 1
    xa.erase(0)
    cursor.store(9)
    assert list(xa) == [(130, 9), (513, 1)]


def test_search_goes_on_after_the_entry_stood_at_when_another_node_is_dropped(
    xa: pc.XArray,
) -> None:
    for index in (5, 6, 1000):
        xa.store(index, index)
    cursor = xa.cursor()
    assert cursor.find() == 5
    xa.erase(1000)
    assert cursor.find() == 6


def test_step_goes_on_when_another_node_is_dropped(xa: pc.XArray) -> None:
    for index in (5, 6, 1000):
        xa.store(index, index)
    cursor = xa.cursor(5)
    assert cursor.load() == 5
    xa.erase(1000)
    assert (cursor.next(), cursor.index) == (6, 6)


def test_search_goes_on_after_a_lone_entry_when_the_tree_grows(xa: pc.XArray) -> None:
    xa.store(0, 1)
    cursor = xa.cursor()
    assert cursor.find() == 1
    xa.store(5, 2)
    assert cursor.find() == 2


def test_search_meets_the_rest_of_an_entry_that_was_split() -> None:
    xa = pc.XArray()
    xa.store(0, 1, order=9)
    cursor = xa.cursor()
    assert cursor.find() == 1
    xa.split(0, 0)
    assert (cursor.find(), cursor.index) == (1, 1)


@pytest.mark.parametrize("seed", range(20))
def test_cursor_never_gives_garbage_while_all_changes(xa: pc.XArray, seed: int) -> None:
    """Every entry is below 10, so a node or a slot taken for an entry would show."""
    draw = random.Random(seed)
    cursors = [xa.cursor(draw.randrange(2000)) for _ in range(8)]
    for _ in range(400):
        index, order = draw.randrange(2000), draw.choice([0, 0, 1, 3, 6, 7, 9])
        change = draw.choice([xa.store, xa.store, xa.erase, xa.split, xa.destroy, None])
        if change == xa.store:
            xa.store(index, draw.randrange(10), order)
        elif change == xa.erase:
            xa.erase(index)
        elif change == xa.split and xa.order(index):
            xa.mark_range(0, 2**64 - 1, 0, on=False)  # marks of split entries: other tests
            xa.mark_range(0, 2**64 - 1, 1, on=False)
            xa.split(index, xa.order(index) - 1)
        elif change == xa.destroy and draw.random() < 0.05:
            xa.destroy()
        cursor = draw.choice(cursors)
        call = draw.choice([cursor.load, cursor.next, cursor.prev, cursor.find])
        assert call() in {None, *range(10)}
        cursor.set_mark(draw.randrange(2))
        if draw.random() < 0.2:
            cursor.pause()
        xa.check()
        assert_siblings_follow_their_entry(xa.dump())


def test_search_meets_an_entry_in_a_node_made_after_the_walk(xa: pc.XArray) -> None:
    xa.store(0, 1)
    xa.store(1000, 1)
    cursor = xa.cursor(128)
    assert cursor.load() is None
    xa.store(140, 2)
    assert (cursor.find(), cursor.index) == (2, 140)


def test_cursor_that_erased_the_entry_around_it_stores_where_it_stands(xa: pc.XArray) -> None:
    xa.store_range(0, 62, 7)
    xa.store(63, 8)
    cursor = xa.cursor(3)
    assert cursor.store(None) == 7
    assert cursor.store(9) is None
    assert xa.load(3) == 9
    assert xa.load(2) is None
    xa.check()


def test_cursor_that_erased_the_last_entry_moves_on_from_there(xa: pc.XArray) -> None:
    xa.store(142, 7)
    cursor = xa.cursor(142)
    assert cursor.store(None) == 7
    assert xa.empty
    assert (cursor.next(), cursor.index) == (None, 143)
    assert (cursor.prev(), cursor.index) == (None, 142)
