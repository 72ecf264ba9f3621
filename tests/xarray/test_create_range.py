"""Nodes made for a range beforehand, and what of it stays; ranges that something lies in."""

import pytest

import pagecache as pc

PLACES = [0, 1, 2, 3, 2**12]  # in blocks of the order
ORDERS = range(12)

places = pytest.mark.parametrize("place", PLACES)
orders = pytest.mark.parametrize("order", ORDERS)


def leaves(xa: pc.XArray, order: int) -> int:
    return max(1, 2**order // 2**xa.pool.chunk_shift)


@orders
@places
def test_stores_into_a_range_made_beforehand_need_no_memory(
    xa: pc.XArray, order: int, place: int
) -> None:
    start = place << order
    cursor = xa.cursor(start, order)
    assert cursor.conflict() is None
    cursor.create_range()
    assert cursor.index == start
    xa.check()
    xa.pool.limit = xa.nodes
    for index in range(start, start + 2**order):
        assert xa.store(index, index) is None
    xa.check()
    for index in range(start, start + 2**order):
        assert xa.erase(index) == index
    xa.pool.limit = 2**64 - 1
    assert xa.empty


@orders
@places
def test_range_made_beforehand_reads_as_nothing(xa: pc.XArray, order: int, place: int) -> None:
    xa.cursor(place << order, order).create_range()
    assert list(xa) == []
    assert xa.load(place << order) is None
    assert xa.find(0) is None
    xa.destroy()
    assert (xa.nodes, xa.empty) == (0, True)


def test_cursor_stores_at_order_0_after_it_made_its_range(xa: pc.XArray) -> None:
    cursor = xa.cursor(64, order=6)
    cursor.create_range()
    for value in range(64):
        cursor.store(value)
        cursor.next()
    assert list(xa) == [(64 + value, value) for value in range(64)]
    assert xa.order(64) == 0


@pytest.mark.parametrize("order", range(1, 12))
@pytest.mark.parametrize("inside", [0, 1])
def test_range_that_holds_an_entry_gives_that_one_and_keeps_it(
    xa: pc.XArray, order: int, inside: int
) -> None:
    """The entry begins with the range or lies within it."""
    xa.store(2**order + inside, 7)
    cursor = xa.cursor(2**order, order)
    assert cursor.conflict() == 7
    cursor.create_range()
    assert list(xa) == [(2**order + inside, 7)]
    xa.check()


@orders
def test_range_inside_a_larger_entry_makes_nothing(xa: pc.XArray, order: int) -> None:
    xa.store(0, 7, order + 10)
    before = xa.dump()
    for _ in range(3):
        xa.cursor(2**order, order).create_range()
    assert xa.dump() == before


@pytest.mark.parametrize("order", range(6, 12))
@places
def test_range_that_memory_ends_in_leaves_the_array_as_it_was(
    xa: pc.XArray, order: int, place: int
) -> None:
    """However far it came, and whatever lay there."""
    for filled in (False, True):
        if filled:
            xa.store(2**30, 7)
            xa.store((place << order) + 1, 8)
        before, needed, made = xa.dump(), 0, False
        while not made:
            xa.pool.limit = xa.nodes + needed
            try:
                xa.cursor(place << order, order).create_range()
                made = True
            except MemoryError:
                assert xa.dump() == before
                xa.check()
            needed += 1
        xa.pool.limit = 2**64 - 1
        assert needed > leaves(xa, order) * (not filled) / 2
        xa.destroy()
