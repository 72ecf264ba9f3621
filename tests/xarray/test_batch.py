"""Batches do what single calls do, one by one: on trees of every kind, for any indices."""

import random
from array import array as Buffer
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import pagecache as pc

MAX_INDEX = 2**64 - 1
NONE = MAX_INDEX  # what a lookup gives where nothing is, unless told

Tree = Callable[[pc.XArray, random.Random], None]


def lone_head(xa: pc.XArray, draw: random.Random) -> None:
    xa.store(0, 7)


def reserved_head(xa: pc.XArray, draw: random.Random) -> None:
    xa.reserve(0)


def dense(xa: pc.XArray, draw: random.Random) -> None:
    for index in range(300):
        xa.store(index, draw.randrange(2**63))


def sparse(xa: pc.XArray, draw: random.Random) -> None:
    for _ in range(60):
        xa.store(draw.randrange(2**64) >> draw.randrange(64), draw.randrange(2**63))


def pointers(xa: pc.XArray, draw: random.Random) -> None:
    for _ in range(200):
        xa.store(draw.randrange(500), draw.choice([1, pc.Pointer(16 * draw.randrange(1, 2**60))]))


def large(xa: pc.XArray, draw: random.Random) -> None:
    for _ in range(60):
        xa.store(
            draw.randrange(2**11), draw.randrange(99), draw.choice([0, 0, 1, 2, 3, 5, 6, 7, 9])
        )


def marked(xa: pc.XArray, draw: random.Random) -> None:
    large(xa, draw)
    for _ in range(40):
        xa.set_mark(draw.randrange(2**11), draw.randrange(3))


def runs(xa: pc.XArray, draw: random.Random) -> None:
    for _ in range(30):
        first = draw.randrange(0, 2**11, 16)
        xa.erase(first)
        xa.store_range(first, first + draw.randrange(15), draw.randrange(99))


def reserved(xa: pc.XArray, draw: random.Random) -> None:
    for index in range(0, 400, 2):
        xa.reserve(index) if draw.random() < 0.4 else xa.store(index, index)


def at_the_end(xa: pc.XArray, draw: random.Random) -> None:
    for k in range(100):
        if draw.random() < 0.6:
            xa.store(MAX_INDEX - k, k)
    xa.store(0, 1)


TREES: dict[str, Tree] = {
    "empty": lambda xa, draw: None,
    **{
        tree.__name__.replace("_", "-"): tree
        for tree in (lone_head, reserved_head, dense, sparse, pointers, large, marked, runs)
    },
    "reserved": reserved,
    "at-the-end": at_the_end,
}


def twins(chunk_shift: int, tree: str, seed: int) -> tuple[pc.XArray, pc.XArray]:
    """The same tree twice."""
    pair = pc.XArray(chunk_shift=chunk_shift), pc.XArray(chunk_shift=chunk_shift)
    for xa in pair:
        TREES[tree](xa, random.Random(seed))
    return pair


def some_indices(draw: random.Random) -> dict[str, list[int]]:
    """Indices in every order that batches treat differently."""
    near = [draw.randrange(600) for _ in range(150)]
    far = [draw.randrange(2**64) >> draw.randrange(64) for _ in range(100)]
    return {
        "ascending": list(range(draw.randrange(300), 700)),
        "descending": list(range(400, draw.randrange(50), -1)),
        "unsorted": near,
        "repeated": [index for index in near[:20] for _ in range(3)] + near[:20],
        "far": far,
        "mixed": [index for pair in zip(near, far, strict=False) for index in pair],
        "at-the-end": [MAX_INDEX - k for k in range(70)] + [0, MAX_INDEX, 1],
        "one": [draw.randrange(600)],
        "none": [],
    }


INDICES = list(some_indices(random.Random(0)))
SEEDS = [1, 2, 3]


def array(numbers: list[int]) -> npt.NDArray[np.uint64]:
    return np.array(numbers, np.uint64)


def number(entry: Any, absent: int = NONE) -> int:
    """An entry as batches give it."""
    if entry is None:
        return absent
    return int(entry.address) if isinstance(entry, pc.Pointer) else int(entry)


def same(one: pc.XArray, other: pc.XArray) -> None:
    one.check()
    assert one.dump() == other.dump()
    assert one.nodes == other.nodes


@pytest.fixture(params=SEEDS)
def draw(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.mark.parametrize("which", INDICES)
@pytest.mark.parametrize("tree", TREES)
def test_batch_of_lookups_equals_single_ones(
    xa: pc.XArray, tree: str, which: str, draw: random.Random
) -> None:
    TREES[tree](xa, draw)
    at = some_indices(draw)[which]
    assert xa.load_many(array(at)).tolist() == [number(xa.load(index)) for index in at]


@pytest.mark.parametrize("which", INDICES)
@pytest.mark.parametrize("tree", TREES)
def test_batch_of_stores_equals_single_ones(
    chunk_shift: int, tree: str, which: str, draw: random.Random
) -> None:
    one, other = twins(chunk_shift, tree, draw.randrange(99))
    at = some_indices(draw)[which]
    values = [draw.randrange(2**63) for _ in at]
    one.store_many(array(at), array(values))
    for index, value in zip(at, values, strict=True):
        other.store(index, value)
    same(one, other)


@pytest.mark.parametrize("order", [1, 3, 5, 6, 9, 63])
@pytest.mark.parametrize("tree", [name for name in TREES if name != "runs"])
def test_batch_of_large_stores_equals_single_ones(
    chunk_shift: int, tree: str, order: int, draw: random.Random
) -> None:
    one, other = twins(chunk_shift, tree, draw.randrange(99))
    at = some_indices(draw)["mixed"]
    one.store_many(array(at), array(list(range(len(at)))), order)
    for value, index in enumerate(at):
        other.store(index, value, order)
    same(one, other)


@pytest.mark.parametrize("which", INDICES)
@pytest.mark.parametrize("tree", TREES)
def test_batch_of_erasures_equals_single_ones(
    chunk_shift: int, tree: str, which: str, draw: random.Random
) -> None:
    one, other = twins(chunk_shift, tree, draw.randrange(99))
    at = some_indices(draw)[which]
    one.erase_many(array(at))
    for index in at:
        other.erase(index)
    same(one, other)


@pytest.mark.parametrize("base", [0, 1])
def test_batches_keep_an_array_of_ids_as_single_calls_do(chunk_shift: int, base: int) -> None:
    one, other = (pc.XArray(alloc=base, chunk_shift=chunk_shift) for _ in range(2))
    at = [index for index in range(1, 200) if index % 3]
    one.store_many(array(at), array(at))
    one.erase_many(array(at[::2]))
    for index in at:
        other.store(index, index)
    for index in at[::2]:
        other.erase(index)
    same(one, other)
    assert one.alloc(7, (1, 300)) == other.alloc(7, (1, 300)) == 1


# What is given back


def test_lookups_fill_the_array_given(xa: pc.XArray) -> None:
    xa.store(1, 5)
    out = np.full(3, 9, np.uint64)
    result = xa.load_many(array([0, 1, 2]), out)
    assert out.tolist() == [NONE, 5, NONE]
    assert np.shares_memory(result, out)
    assert xa.load_many(array([1]), default=3).dtype == np.uint64


@pytest.mark.parametrize("default", [0, 7, 2**63, MAX_INDEX])
def test_absent_index_gives_the_default(xa: pc.XArray, default: int) -> None:
    xa.store(1, 5)
    xa.reserve(2)
    assert xa.load_many(array([0, 1, 2, 99999]), default=default).tolist() == [
        default,
        5,
        default,
        default,
    ]


def test_raw_lookups_give_words_and_0_for_nothing(xa: pc.XArray) -> None:
    xa.store(1, 5)
    xa.store(2, pc.Pointer(0x40))
    xa.store(4, 2**63 - 1, order=2)
    xa.reserve(3)
    words = xa.load_many(array([0, 1, 2, 3, 6]), raw=True, default=9)
    assert words.tolist() == [0, 11, 0x40, 0, MAX_INDEX]


def test_value_0_is_told_from_nothing(xa: pc.XArray) -> None:
    xa.store(1, 0)
    assert xa.load_many(array([0, 1])).tolist() == [NONE, 0]


# What is refused

WRONG = {
    "int64": np.arange(4),
    "uint32": np.arange(4, dtype=np.uint32),
    "float": np.arange(4.0),
    "two-dimensions": np.zeros((2, 2), np.uint64),
    "not-contiguous": np.arange(8, dtype=np.uint64)[::2],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_array_of_another_kind_is_refused(xa: pc.XArray, wrong: str) -> None:
    xa.store(1, 5)
    before, good = xa.dump(), array([0, 1, 2, 3])
    for call in (
        lambda: xa.load_many(WRONG[wrong]),
        lambda: xa.load_many(good, WRONG[wrong]),
        lambda: xa.store_many(WRONG[wrong], good),
        lambda: xa.store_many(good, WRONG[wrong]),
        lambda: xa.erase_many(WRONG[wrong]),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
    assert xa.dump() == before


def test_list_is_refused(xa: pc.XArray) -> None:
    with pytest.raises(TypeError):
        xa.load_many([1, 2])  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        xa.erase_many([1, 2])  # type: ignore[arg-type]


def test_array_that_cannot_be_written_is_read_but_not_filled(xa: pc.XArray) -> None:
    at = array([0, 1])
    at.flags.writeable = False
    assert xa.load_many(at).tolist() == [NONE, NONE]
    with pytest.raises(ValueError, match="read-only"):
        xa.load_many(array([0, 1]), at)


def test_arrays_of_different_lengths_are_refused(xa: pc.XArray) -> None:
    with pytest.raises(ValueError, match="2 indices and 3 entries do not go together"):
        xa.store_many(array([1, 2]), array([1, 2, 3]))
    with pytest.raises(ValueError, match="out has room for 3 entries, not for 2"):
        xa.load_many(array([1, 2]), array([1, 2, 3]))
    assert xa.empty


@pytest.mark.parametrize("value", [2**63, MAX_INDEX])
def test_value_too_large_anywhere_stores_nothing(xa: pc.XArray, value: int) -> None:
    for place in range(3):
        values = array([1, 2, 3])
        values[place] = value
        with pytest.raises(ValueError, match=r"values must be from 0 to 2\*\*63 - 1"):
            xa.store_many(array([10, 20, 30]), values)
    assert xa.empty


def test_order_too_large_stores_nothing(xa: pc.XArray) -> None:
    with pytest.raises(ValueError, match="order 64 must be from 0 to 63"):
        xa.store_many(array([1]), array([1]), 64)
    assert xa.empty


@pytest.mark.parametrize(
    "bad", [[1, 2], None, np.arange(4), np.arange(4.0), np.zeros((2, 2), np.uint64), "12"]
)
def test_array_that_batches_do_not_take_is_refused_with_the_remedy(bad: Any) -> None:
    xa = pc.XArray()
    xa.store(1, 1)
    good = np.arange(4, dtype=np.uint64)
    calls: tuple[Any, ...] = (xa.load_many, xa.erase_many, lambda at: xa.store_many(at, good))
    if bad is not None:
        calls += (lambda out: xa.load_many(good, out), lambda new: xa.store_many(good, new))
    for call in calls:
        with pytest.raises(
            (TypeError, ValueError), match=r"take a contiguous uint64 array .*ascontiguousarray"
        ):
            call(bad)
    with pytest.raises(ValueError, match="contiguous"):
        xa.load_many(good[::2])
    assert list(xa) == [(1, 1)]


def test_batches_take_whatever_holds_an_array_of_uint64() -> None:
    xa = pc.XArray()
    at, out = Buffer("Q", [5, 6]), Buffer("Q", [0, 0])
    xa.store_many(at, memoryview(at))
    xa.load_many(at, out)
    assert list(out) == [5, 6]
