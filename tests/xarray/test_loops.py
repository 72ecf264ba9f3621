"""The compiled loops that benchmarks time do what they say."""

import numpy as np
import pytest

import pagecache as pc
from pagecache.xarray.timed import loops

INDICES = np.arange(0, 6400, 64, dtype=np.uint64)


@pytest.fixture
def xa() -> pc.XArray:
    """A hundred entries of order 6, each of its own index."""
    xa = pc.XArray()
    assert loops.store_each(xa, INDICES, 6) == 100
    return xa


def test_stores_hold_their_own_index(xa: pc.XArray) -> None:
    assert dict(xa.items()) == {index: index for index in INDICES.tolist()}
    assert xa.order(70) == 6


def test_loads_sum_the_words(xa: pc.XArray) -> None:
    assert loops.load_each(xa, INDICES + np.uint64(63)) == int((2 * INDICES + 1).sum())


def test_erasures_count_what_was_there(xa: pc.XArray) -> None:
    assert loops.erase_each(xa, np.uint64([0, 5, 64, 6400])) == 2
    assert loops.iterate(xa) == 98


@pytest.mark.parametrize("shift", [3, 6, 9])
def test_entries_of_all_orders_are_visited_once(shift: int) -> None:
    """Beside each other, with gaps, and to the last slot of a node."""
    rng = np.random.default_rng(shift)
    xa = pc.XArray(chunk_shift=shift)
    for at in rng.permutation(300)[:200].tolist():
        order = int(rng.integers(9))
        xa.store(at << 8 >> order << order, at, order=order)
    assert loops.iterate(xa) == len(list(xa.items()))
    assert loops.iterate(xa) > 100


def test_marked_are_counted_apart(xa: pc.XArray) -> None:
    loops.mark_each(xa, INDICES[::4].copy(), 1)
    assert [loops.iterate_marked(xa, mark) for mark in (0, 1, 2)] == [0, 25, 0]


@pytest.mark.parametrize("loop", [loops.mark_each, loops.iterate_marked])
def test_mark_above_two_is_refused(xa: pc.XArray, loop) -> None:
    arguments = (INDICES, 3) if loop is loops.mark_each else (3,)
    with pytest.raises(ValueError, match="mark 3 must be 0, 1 or 2"):
        loop(xa, *arguments)


def test_store_stops_where_the_pool_ends() -> None:
    xa = pc.XArray()
    xa.pool.limit = 1
    assert loops.store_each(xa, np.arange(100, dtype=np.uint64)) == 64


def test_chase_goes_from_element_to_element() -> None:
    ring = np.uint64([2, 0, 1])
    assert [loops.chase(ring, steps) for steps in range(4)] == [0, 2, 1, 0]


@pytest.mark.parametrize(("ring", "error"), [([], ValueError), ([1, 2], IndexError)])
def test_chase_off_the_end_is_refused(ring: list[int], error: type[Exception]) -> None:
    with pytest.raises(error):
        loops.chase(np.array(ring, np.uint64), 5)


def test_stream_and_gather_sum_words() -> None:
    words = np.arange(10, dtype=np.uint64)
    assert loops.stream(words) == 45
    assert loops.gather(words, np.uint64([1, 2, 9, 9])) == 21
    assert loops.gather(words, np.uint64([])) == 0


@pytest.mark.parametrize("places", [[10], [1, 2**64 - 1, 2]])
def test_gather_off_the_end_is_refused(places: list[int]) -> None:
    with pytest.raises(IndexError, match="is none of the 10"):
        loops.gather(np.arange(10, dtype=np.uint64), np.array(places, np.uint64))
