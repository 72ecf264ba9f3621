"""Each allocation failing in turn, in the calls that make nodes; and two arrays on one pool."""

import os
import re
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest

import pagecache as pc

MAX_INDEX = 2**64 - 1

Call = Callable[[pc.XArray], object]


def large(xa: pc.XArray) -> None:
    xa.store(0, 7, order=xa.pool.chunk_shift + 3)
    xa.store(5000, 7)
    xa.set_mark(5000, 1)


TREES: dict[str, Call] = {
    "empty": lambda xa: None,
    "lone": lambda xa: xa.store(0, 7),
    "reserved": lambda xa: xa.reserve(0),
    "leaf": lambda xa: [xa.store(index, 7) for index in (1, 5)],
    "large": large,
    "far": lambda xa: [xa.store(index, 7) for index in (0, 2**40, MAX_INDEX)],
}


def walked(xa: pc.XArray) -> pc.Cursor:
    cursor = xa.cursor(2**20 + 3)
    cursor.load()
    return cursor


CALLS: dict[str, Call] = {
    "reserve-0": lambda xa: xa.reserve(0),
    "reserve-70": lambda xa: xa.reserve(70),
    "reserve-far": lambda xa: xa.reserve(2**63),
    "insert-nothing": lambda xa: xa.insert(2**30, None),
    "cursor": lambda xa: xa.cursor(2**20 + 3).store(8),
    "cursor-of-order-3": lambda xa: xa.cursor(2**30, order=3).store(8),
    "cursor-of-order-63": lambda xa: xa.cursor(2**63, order=63).store(8),
    "cursor-walked": lambda xa: walked(xa).store(8),
}


def tried(xa: pc.XArray, call: Call, after_failure: Callable[[MemoryError], None]) -> int:
    """Call with 0, 1, 2 ... more nodes than there are, until that is enough; how often not."""
    for failures in count():
        xa.pool.limit = xa.nodes + failures
        try:
            call(xa)
        except MemoryError as error:
            after_failure(error)
            continue
        assert xa.nodes <= xa.pool.limit
        xa.pool.limit = MAX_INDEX
        return failures
    raise AssertionError


def unchanged(xa: pc.XArray) -> Callable[[MemoryError], None]:
    """Holds, after a failure, that the array is what it was."""
    before, nodes = xa.dump(), xa.nodes

    def check(error: MemoryError) -> None:
        assert "the array is as before" in str(error)
        xa.check()
        assert (xa.dump(), xa.nodes) == (before, nodes)

    return check


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("name", CALLS)
def test_call_short_of_a_node_changes_nothing(xa: pc.XArray, tree: str, name: str) -> None:
    """With enough it then does what it does in an array that never was short."""
    twin = pc.XArray(chunk_shift=xa.pool.chunk_shift)
    for array in (xa, twin):
        TREES[tree](array)
    tried(xa, CALLS[name], unchanged(xa))
    CALLS[name](twin)
    assert (xa.dump(), xa.nodes) == (twin.dump(), twin.nodes)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("first", [0, 1, 70, 2**32 - 1])
@pytest.mark.parametrize("taken", [[], [2, 3], [2**20]], ids=["empty", "leaf", "far"])
def test_allocation_short_of_a_node_gives_no_id(
    chunk_shift: int, base: int, first: int, taken: list[int]
) -> None:
    for cyclic in (False, True):
        xa = pc.XArray(alloc=base, chunk_shift=chunk_shift)
        for index in taken:
            xa.store(index, 7)
        limit = (first, 2**32 - 1)
        given: list[object] = []

        def call(xa: pc.XArray) -> None:
            given.append((xa.alloc_cyclic if cyclic else xa.alloc)(8, limit))  # noqa: B023

        tried(xa, call, unchanged(xa))
        index = max(first, base)
        assert given == [(index, False) if cyclic else index]
        assert xa.next == ((index + 1) % 2**32 if cyclic else 0)
        xa.check()


@pytest.mark.parametrize(("slots", "new"), [(1, 0), (2, 0), (2, 1), (4, 2), (4, 0)])
def test_split_short_of_a_node_leaves_the_entry_whole(xa: pc.XArray, slots: int, new: int) -> None:
    order = xa.pool.chunk_shift + slots.bit_length() - 1
    xa.store(2**order, 7, order)
    xa.set_mark(2**order, 1)
    failures = tried(xa, lambda xa: xa.split(2**order, new), unchanged(xa))
    assert failures == slots
    assert len(list(xa)) == 2 ** (order - new)


def test_split_in_its_node_needs_no_memory(xa: pc.XArray) -> None:
    xa.store(0, 7, order=2)
    xa.pool.limit = 0
    xa.split(0, 0)
    assert list(xa) == [(index, 7) for index in range(4)]


# Calls that store many

MANY = [3, 4, 70, 2**20, 5, MAX_INDEX, 2**50]


@pytest.mark.parametrize("order", [0, 2, 9])
@pytest.mark.parametrize("tree", TREES)
def test_batch_of_stores_says_how_many_went_in(xa: pc.XArray, tree: str, order: int) -> None:
    failures = 0
    for limit in count():
        twin = pc.XArray(chunk_shift=xa.pool.chunk_shift)
        for array in (xa, twin):
            TREES[tree](array)
        xa.pool.limit = limit + twin.nodes
        done = len(MANY)
        try:
            xa.store_many(np.array(MANY, np.uint64), np.arange(7, dtype=np.uint64), order)
        except MemoryError as error:
            said = re.fullmatch(r".*; (\d) of 7 entries are stored", str(error))
            assert said is not None
            done, failures = int(said[1]), failures + 1
        for entry, index in enumerate(MANY[:done]):
            twin.store(index, entry, order)
        xa.check()
        assert (xa.dump(), xa.nodes) == (twin.dump(), twin.nodes)
        xa.pool.limit = MAX_INDEX
        xa.destroy()
        assert xa.nodes == 0
        if done == len(MANY):
            break
    assert failures > 0


RANGES = [(1, 6), (60, 200), (2**12 - 5, 2**18 + 70), (2**30 + 1, MAX_INDEX), (2**63, MAX_INDEX)]


@pytest.mark.parametrize("tree", [tree for tree in TREES if tree != "large"])
@pytest.mark.parametrize(("first", "last"), RANGES)
def test_range_short_of_a_node_stores_nothing(
    xa: pc.XArray, tree: str, first: int, last: int
) -> None:
    """What it may lack are the paths to its first and last index; it goes both before it stores."""
    TREES[tree](xa)
    ends = {first, first + 1, first + 3, 64, 128, 2**12, 2**18, 2**40, last - 1, last}
    sample = sorted({index + d for index in ends for d in (-1, 0, 1)} & set(range(2**13)) | ends)
    before = {index: xa.load(index) for index in sample}

    def as_before(error: MemoryError) -> None:
        assert "the array is as before" in str(error)
        assert {index: xa.load(index) for index in sample} == before

    tried(xa, lambda xa: xa.store_range(first, last, 8), as_before)
    assert {xa.load(index) for index in sample if first <= index <= last} == {8}
    assert all(xa.load(i) == before[i] for i in sample if not first <= i <= last)


def test_range_short_of_a_node_leaves_a_sound_tree(chunk_shift: int) -> None:
    xa = pc.XArray(chunk_shift=chunk_shift)
    tried(xa, lambda xa: xa.store_range(60, 2000, 8), lambda error: xa.check())


def test_nodes_of_a_range_that_failed_go_back_with_the_rest(chunk_shift: int) -> None:
    xa = pc.XArray(chunk_shift=chunk_shift)
    tried(xa, lambda xa: xa.store_range(60, 2**13, 8), lambda error: None)
    for limit in range(8):
        xa.destroy()
        assert (xa.nodes, xa.empty) == (0, True)
        xa.pool.limit = limit
        with pytest.raises(MemoryError):
            xa.store_range(2**12 - 5, 2**40 + 3, 8)
    xa.destroy()
    assert xa.nodes == 0


# One pool, two arrays


def test_arrays_on_one_pool_share_its_limit(chunk_shift: int) -> None:
    pool = pc.NodePool(chunk_shift)
    one, other = pc.XArray(pool=pool), pc.XArray(pool=pool)
    one.store(2**20, 1)
    pool.limit = one.nodes
    before = one.dump()
    with pytest.raises(MemoryError):
        other.store(1, 2)
    assert other.empty
    assert one.dump() == before
    one.destroy()
    other.store(1, 2)
    assert pool.nodes == one.nodes == other.nodes == 1


def test_arrays_on_one_pool_never_touch_each_others_nodes(chunk_shift: int) -> None:
    """Nodes that one gives back go to the other, clean."""
    pool = pc.NodePool(chunk_shift)
    pair = pc.XArray(pool=pool), pc.XArray(alloc=0, pool=pool)
    for turn in range(20):
        one, other = pair if turn % 2 else pair[::-1]
        one.store_many(
            np.arange(turn, 2000, 7, dtype=np.uint64), np.arange(turn, 2000, 7).astype("u8")
        )
        one.set_mark(turn, 1)
        kept = one.dump()
        other.destroy()
        for index in range(200):
            other.insert(index, index)
        assert not other.marked(1)
        assert one.dump() == kept
        for xa in pair:
            xa.check()
        assert pool.nodes == sum(xa.dump().count(" N ") for xa in pair)
    for xa in pair:
        xa.destroy()
    assert pool.nodes == 0


def test_pool_outlives_an_array_and_gets_its_nodes_back() -> None:
    pool = pc.NodePool()
    xa = pc.XArray(pool=pool)
    cursor = xa.cursor(2**20)
    cursor.store(1)
    del xa
    assert pool.nodes > 0  # the cursor keeps the array
    assert cursor.load() == 1
    del cursor
    assert pool.nodes == 0


# What the pool itself takes


PAGE = 4096
PRESENT = np.uint64(1 << 63)


def resident(pool: pc.NodePool) -> int:
    """Bytes of its chunks that lie in memory."""
    pages = 0
    with open("/proc/self/pagemap", "rb", buffering=0) as pagemap:
        for start, size in pool.ranges():
            words = os.pread(pagemap.fileno(), 8 * (size // PAGE), 8 * (start // PAGE))
            pages += int((np.frombuffer(words, np.uint64) & PRESENT > 0).sum())
    return pages * PAGE


@pytest.mark.parametrize("entries", [1 << 19, 1 << 21, 1 << 22])
def test_pool_leaves_little_of_its_memory_unused(entries: int) -> None:
    """At most 9.28 bytes an entry, of which 9.14 are nodes; and a page for each chunk."""
    xa = pc.XArray()
    at = np.arange(entries, dtype=np.uint64)
    xa.store_many(at, at)
    chunks = len(xa.pool.ranges())
    assert xa.node_bytes <= resident(xa.pool) <= 1.015 * xa.node_bytes + PAGE * chunks
    xa.destroy()
    assert xa.nodes == 0
