"""The Python face of the XArray: what it refuses, what memory it takes, and when there is none."""

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

import pagecache as pc
from pagecache.xarray import xarray

MAX_INDEX = 2**64 - 1
GIB = 2**18  # in pages

# Entries


@pytest.mark.parametrize("entry", [0, 1, 2**63 - 1, pc.Pointer(4), pc.Pointer(2**64 - 4)])
def test_entry_comes_back_as_it_was(xa: pc.XArray, entry: object) -> None:
    assert xa.store(5, entry) is None
    assert xa.load(5) == entry
    assert type(xa.load(5)) is type(entry)
    assert xa.store(5, None) == entry
    assert xa.load(5) is None


@pytest.mark.parametrize("entry", [-1, 2**63, 2**64, -(2**70)])
def test_value_that_needs_more_than_63_bits_is_refused(xa: pc.XArray, entry: int) -> None:
    xa.store(5, 1)
    before = xa.dump()
    for call in (xa.store, xa.insert):
        with pytest.raises(ValueError, match=f"value {entry} must be from 0"):
            call(5, entry)
    with pytest.raises(ValueError, match=f"value {entry} must be from 0"):
        xa.cmpxchg(5, 1, entry)
    assert xa.dump() == before


@pytest.mark.parametrize("entry", ["7", b"7", [7], object()])
def test_entry_of_another_type_is_refused(xa: pc.XArray, entry: object) -> None:
    with pytest.raises(TypeError):
        xa.store(5, entry)
    assert xa.empty


@pytest.mark.parametrize("number", [1.5, 2.0])
def test_entry_that_is_no_integer_is_refused(xa: pc.XArray, number: float) -> None:
    """Nothing may be cut off an entry in silence."""
    for call in (
        lambda: xa.store(5, number),
        lambda: xa.insert(5, number),
        lambda: xa.cmpxchg(5, None, number),
    ):
        with pytest.raises(TypeError):
            call()
    assert xa.empty


@pytest.mark.parametrize("address", [0, 1, 2, 3, 6, 2**64 - 1])
def test_pointer_that_is_null_or_not_aligned_is_refused(address: int) -> None:
    with pytest.raises(ValueError, match=f"pointer {address:#x} must be above 0 and aligned"):
        pc.Pointer(address)


@pytest.mark.parametrize("address", [-4, 2**64])
def test_pointer_beyond_64_bits_is_refused(address: int) -> None:
    with pytest.raises(OverflowError):
        pc.Pointer(address)


def test_pointers_are_equal_by_address_and_to_nothing_else() -> None:
    assert pc.Pointer(16) == pc.Pointer(16)
    assert pc.Pointer(16) != pc.Pointer(32)
    assert pc.Pointer(16) != 16
    assert len({pc.Pointer(16), pc.Pointer(16), pc.Pointer(32), 16}) == 3
    assert repr(pc.Pointer(0x1000)) == "Pointer(0x1000)"
    assert pc.Pointer(0x1000).address == 0x1000


# Indices, orders and marks


@pytest.mark.parametrize("index", [-1, 2**64])
def test_index_beyond_64_bits_is_refused(xa: pc.XArray, index: int) -> None:
    one_index = (xa.load, xa.erase, xa.order, xa.find, xa.find_after, xa.raw)
    for call in one_index:
        with pytest.raises(OverflowError):
            call(index)
    with pytest.raises(OverflowError):
        xa.store(index, 1)
    assert xa.empty


@pytest.mark.parametrize("integer", [np.uint64, np.int64, np.int32])
def test_numpy_integers_are_integers(xa: pc.XArray, integer: type[np.integer]) -> None:
    xa.store(integer(64), integer(7), order=integer(6))
    assert xa.load(integer(127)) == 7
    assert type(xa.load(127)) is int
    xa.set_mark(integer(64), integer(1))
    assert list(xa.items(integer(3), integer(65), mark=integer(1))) == [(64, 7)]


@pytest.mark.parametrize("order", [-1, 64, 65, 2**31, 2**32])
def test_order_beyond_63_is_refused(xa: pc.XArray, order: int) -> None:
    for call in (xa.store, xa.insert):
        with pytest.raises((ValueError, OverflowError)):
            call(0, 1, order)
    assert xa.empty


def test_order_63_fills_half_of_all_indices(xa: pc.XArray) -> None:
    xa.store(MAX_INDEX, 1, order=63)
    assert xa.load(2**63 - 1) is None
    assert xa.load(2**63) == xa.load(MAX_INDEX) == 1
    assert list(xa.items()) == [(2**63, 1)]
    assert xa.order(MAX_INDEX) == 63


@pytest.mark.parametrize("mark", [-1, 3, 8, 2**32])
def test_mark_that_is_none_of_the_three_is_refused(xa: pc.XArray, mark: int) -> None:
    xa.store(0, 1)
    before = xa.dump()
    for call in (
        lambda: xa.set_mark(0, mark),
        lambda: xa.clear_mark(0, mark),
        lambda: xa.get_mark(0, mark),
        lambda: xa.marked(mark),
        lambda: xa.find(0, mark=mark),
        lambda: xa.find_after(0, mark=mark),
        lambda: list(xa.items(mark=mark)),
    ):
        with pytest.raises(ValueError, match=f"mark {mark} must be 0, 1 or 2"):
            call()
    assert xa.dump() == before


def test_index_is_rounded_down_to_its_order(xa: pc.XArray) -> None:
    xa.store(1000, 7, order=9)
    assert list(xa.items()) == [(512, 7)]


def test_insert_is_refused_by_any_entry_of_its_range(xa: pc.XArray) -> None:
    xa.store(1023, 1)
    before = xa.dump()
    with pytest.raises(pc.EntryExists) as refused:
        xa.insert(512, 2, order=9)
    assert str(refused.value) == "index 512 is taken: use store() to replace what is there"
    assert xa.dump() == before
    xa.insert(0, 2, order=9)
    assert xa.order(511) == 9


def test_store_over_a_subtree_answers_that_one_was_there(xa: pc.XArray) -> None:
    xa.store(MAX_INDEX, 1)
    assert xa.store(MAX_INDEX, 2, order=60) is xarray.SUBTREE
    assert repr(xarray.SUBTREE) == "SUBTREE"


def test_dump_shows_head_nodes_marks_and_siblings() -> None:
    xa = pc.XArray()
    assert xa.dump() == "H - m000;"
    xa.store(0, 5)
    xa.set_mark(0, 1)
    assert xa.dump() == "H v5 m010;"
    xa.store(128, pc.Pointer(0x20), order=7)
    top, leaf = "N 0 6 c3 v0 m0,1,0 0=n 2=p2 3=s2;", "N 0 0 c1 v1 m0,1,0 0=v5;"
    assert xa.dump() == f"H n m010; {top} {leaf}"


# Nodes


@pytest.mark.parametrize(
    ("chunk_shift", "size"), [(3, 128), (4, 192), (5, 320), (6, 576), (7, 1112), (9, 4328)]
)
def test_node_has_its_slots_and_three_bitmaps(chunk_shift: int, size: int) -> None:
    xa = pc.XArray(chunk_shift=chunk_shift)
    assert xa.pool.node_size == size
    xa.store(1, 1)
    assert xa.node_bytes == size


@pytest.mark.parametrize("chunk_shift", [0, 2, 10])
def test_chunk_shift_outside_3_to_9_is_refused(chunk_shift: int) -> None:
    with pytest.raises(ValueError, match=f"chunk_shift is {chunk_shift}; it must be 3 to 9"):
        pc.XArray(chunk_shift=chunk_shift)


def folios(pages: int, order: int) -> list[tuple[int, int]]:
    """The (index, order) of each folio of a file, in units of a page."""
    return [(index, order) for index in range(0, pages, 2**order)]


def huge_units(pages: int, order: int) -> list[tuple[int, int]]:
    """The same in units of the huge page: one index each."""
    return [(index, 0) for index in range(pages >> order)]


@pytest.mark.parametrize(
    ("stores", "nodes"),
    [
        pytest.param(huge_units(GIB // 16, 9), 1, id="64M-in-units-of-2M"),
        pytest.param(folios(GIB // 16, 9), 5, id="64M-of-order-9"),
        pytest.param(folios(GIB // 16, 0), 261, id="64M-of-order-0"),
        pytest.param(huge_units(GIB, 9), 9, id="1G-in-units-of-2M"),
        pytest.param(folios(GIB, 9), 65, id="1G-of-order-9"),
        pytest.param(folios(GIB, 0), 4161, id="1G-of-order-0"),
        pytest.param(huge_units(2 * GIB, 9), 17, id="2G-in-units-of-2M"),
        pytest.param(folios(2 * GIB, 9), 131, id="2G-of-order-9"),
        pytest.param(folios(2 * GIB, 0), 8323, id="2G-of-order-0"),
        pytest.param(huge_units(2 * GIB, 18), 1, id="2G-in-units-of-1G"),
        pytest.param(folios(2 * GIB, 18), 1, id="2G-of-order-18"),
    ],
)
def test_file_takes_as_many_nodes_as_linux_needs(stores: list[tuple[int, int]], nodes: int) -> None:
    xa = pc.XArray()
    for index, order in stores:
        xa.store(index, index, order)
    assert xa.nodes == nodes
    assert xa.node_bytes == nodes * 576
    xa.destroy()
    assert xa.nodes == 0


def test_pool_is_shared_and_counts_the_nodes_of_all_its_arrays() -> None:
    pool = pc.NodePool()
    first, second = pc.XArray(pool=pool), pc.XArray(pool=pool)
    first.store(1, 1)
    second.store(64, 1)
    assert pool.nodes == first.nodes == 3
    first.destroy()
    assert pool.nodes == 2
    assert second.load(64) == 1
    del second
    assert pool.nodes == 0


def test_nodes_given_back_are_handed_out_again_clean(xa: pc.XArray) -> None:
    for _ in range(3):
        for index in range(0, 2**14, 7):
            xa.store(index, index)
            xa.set_mark(index, index % 3)
        mapped = xa.pool.mapped
        xa.store(0, None, order=63)
        assert xa.nodes == 0
        xa.store(2**14 - 1, 1)
        xa.check()
        assert [index for index, _ in xa.items()] == [2**14 - 1]
        assert not any(xa.marked(mark) for mark in range(3))
        xa.destroy()
    assert xa.pool.mapped == mapped


# No memory

Operation = Callable[[pc.XArray], object]


def stored(*stores: tuple[int, int], mark: int | None = None) -> Operation:
    """Makes a tree of entries (index, order), the first of them marked."""

    def make(xa: pc.XArray) -> None:
        for index, order in stores:
            xa.store(index, index % 2**63, order)
        if mark is not None:
            xa.set_mark(stores[0][0], mark)

    return make


TREES = {
    "reserved-0": lambda xa: xa.reserve(0),
    "empty": stored(),
    "lone": stored((0, 0)),
    "lone-marked": stored((0, 0), mark=1),
    "leaf": stored((0, 0), (5, 0), mark=0),
    "leaf-of-one": stored((5, 0), mark=2),
    "order-2": stored((0, 2), mark=0),
    "order-9": stored((0, 9), mark=0),
    "order-9-away": stored((512, 9), (7, 0), mark=0),
    "order-18": stored((2**18, 18)),
    "two-leaves": stored((0, 0), (70, 0), mark=1),
    "far": stored((MAX_INDEX, 0), mark=0),
    "far-and-near": stored((0, 0), (MAX_INDEX, 0), (2**40, 0), mark=2),
    "order-63": stored((0, 63), mark=1),
}
SINGLES = [0, 1, 5, 63, 64, 511, 513, 2**12, 2**18, 2**40 + 1, 2**63, MAX_INDEX]
PLACES = [
    *((index, 0) for index in SINGLES),
    *((index, order) for index in (0, 2**12, 2**63) for order in (1, 3, 6, 9, 12, 19, 63)),
]
OPERATIONS: dict[str, Callable[[pc.XArray, int, int], object]] = {
    "store": lambda xa, index, order: xa.store(index, 77, order),
    "store-pointer": lambda xa, index, order: xa.store(index, pc.Pointer(0x40), order),
    "insert": lambda xa, index, order: xa.insert(index, 77, order),
    "cmpxchg": lambda xa, index, order: xa.cmpxchg(index, None, 77),
}


def outcome(operation: Callable[[], object]) -> object:
    """What an operation answers, where a busy index is an answer too."""
    try:
        return operation()
    except pc.EntryExists as refused:
        return str(refused)


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_refused_node_leaves_the_array_as_before(xa: pc.XArray, tree: str, name: str) -> None:
    """Each store is tried with 0, 1, 2 ... nodes left until it has enough, and then succeeds."""
    refused = 0
    for index, order in PLACES:
        plenty = pc.XArray(chunk_shift=xa.pool.chunk_shift)
        TREES[tree](plenty)
        TREES[tree](xa)
        expected = outcome(lambda: OPERATIONS[name](plenty, index, order))  # noqa: B023
        before, nodes = xa.dump(), xa.nodes
        for limit in count(nodes):
            xa.pool.limit = limit
            try:
                answer = outcome(lambda: OPERATIONS[name](xa, index, order))  # noqa: B023
                break
            except MemoryError:
                assert (xa.dump(), xa.nodes) == (before, nodes)
                xa.check()
                refused += 1
        assert answer == expected
        assert xa.nodes <= limit
        assert xa.dump() == plenty.dump()
        assert xa.nodes == plenty.nodes
        xa.pool.limit = MAX_INDEX
        xa.destroy()
    assert refused > 0


def test_store_succeeds_after_the_limit_is_lifted(xa: pc.XArray) -> None:
    xa.pool.limit = 0
    for _ in range(2):
        with pytest.raises(MemoryError, match="the array is as before"):
            xa.store(1, 7)
    assert xa.empty
    xa.pool.limit = 1
    assert xa.store(1, 7) is None
    assert xa.load(1) == 7


def test_index_0_overwriting_and_erasing_need_no_node(xa: pc.XArray) -> None:
    xa.pool.limit = 0
    assert xa.store(0, 1) is None
    assert xa.store(0, 2) == 1
    assert xa.erase(0) == 2
    xa.pool.limit = MAX_INDEX
    xa.store(2**20, 1)
    xa.pool.limit = 0
    assert xa.store(2**20, 2) == 1
    assert xa.cmpxchg(2**20, 2, 3) == 2
    xa.set_mark(2**20, 0)
    assert xa.erase(2**20) == 3


def test_limit_below_what_is_in_use_takes_nothing_away(xa: pc.XArray) -> None:
    xa.store(2**20, 1)
    nodes = xa.nodes
    xa.pool.limit = 1
    assert xa.nodes == nodes
    assert xa.load(2**20) == 1
    with pytest.raises(MemoryError):
        xa.store(2**30, 1)
    assert xa.load(2**20) == 1


@pytest.mark.parametrize("bad", [1.5, "1", None, -1, 2**64])
def test_index_that_is_no_unsigned_int_of_64_bits_is_refused(bad: object) -> None:
    """A float is not cut to an int in silence."""
    xa = pc.XArray()
    xa.store(1, 1)
    before = xa.dump()
    for call in (xa.load, xa.erase, xa.order, xa.find, xa.reserve, lambda at: xa.store(at, 2)):
        with pytest.raises((TypeError, OverflowError)):
            call(bad)  # type: ignore[operator]
    with pytest.raises((TypeError, ValueError)):
        xa.store(0, 2, order=bad)  # type: ignore[arg-type]
    assert xa.dump() == before


@pytest.mark.parametrize("alloc", ["0", 2, -1])
def test_ids_begin_at_0_or_1(alloc: Any) -> None:
    with pytest.raises(ValueError, match="from 0 or from 1"):
        pc.XArray(alloc=alloc)
