"""Splitting, as Linux's own tests ask for it, and nodes that hold values alone (its workingset)."""

import pytest

import pagecache as pc

from .tree_text import assert_siblings_follow_their_entry, counts_of

SPLITS = [(order, new) for order in range(1, 12) for new in range(order)]


def in_reach(xa: pc.XArray, order: int, new: int) -> bool:
    """A split goes one level down at most."""
    shift = xa.pool.chunk_shift
    return order // shift - new // shift <= 1


def blocks(first: int, order: int, new: int) -> range:
    return range(first, first + 2**order, 2**new)


@pytest.mark.parametrize(("order", "new"), SPLITS)
def test_each_block_of_a_split_entry_is_stored_apart(xa: pc.XArray, order: int, new: int) -> None:
    for first in (0, 2**order, 3 * 2**order):
        xa.store(first, 7, order)
        if not in_reach(xa, order, new):
            before = xa.dump()
            with pytest.raises(ValueError, match=f"cannot be split to order {new} in one step"):
                xa.split(first, new)
            assert xa.dump() == before
            continue
        xa.split(first + 1, new)
        xa.check()
        assert_siblings_follow_their_entry(xa.dump())
        assert list(xa) == [(at, 7) for at in blocks(first, order, new)]
        for k, at in enumerate(blocks(first, order, new)):
            assert (xa.load(at + 2**new - 1), xa.order(at)) == (7, new)
            assert xa.store(at, k, new) == 7
        assert list(xa) == [(at, k) for k, at in enumerate(blocks(first, order, new))]
        for at in blocks(first, order, new):
            xa.erase(at)
        assert xa.empty


@pytest.mark.parametrize(("order", "new"), SPLITS)
def test_blocks_of_a_split_entry_carry_its_marks(xa: pc.XArray, order: int, new: int) -> None:
    if not in_reach(xa, order, new):
        pytest.skip("further than one level down")
    xa.store(0, 7, order)
    xa.store(2**order, 8)
    xa.set_mark(0, 1)
    xa.split(0, new)
    for at in blocks(0, order, new):
        assert [xa.get_mark(at, mark) for mark in range(3)] == [False, True, False]
    assert list(xa.items(mark=1)) == [(at, 7) for at in blocks(0, order, new)]
    assert not xa.get_mark(2**order, 1)


@pytest.mark.parametrize("order", range(1, 12))
def test_mark_set_after_a_split_is_on_one_block(xa: pc.XArray, order: int) -> None:
    new = order - 1
    xa.store(0, 7, order)
    xa.split(0, new)
    xa.set_mark(0, 0)
    assert list(xa.items(mark=0)) == [(0, 7)]
    assert not xa.get_mark(2**new, 0)


@pytest.mark.parametrize("level", [0, 1], ids=["leaves", "above"])
def test_extract_by_mark_after_a_split_gives_each_block_once(xa: pc.XArray, level: int) -> None:
    """Split an entry of two slots into new nodes full of entries of two slots."""
    shift = xa.pool.chunk_shift
    order, new = (level + 1) * shift + 1, level * shift + 1
    xa.store(0, 7, order)
    xa.set_mark(0, 0)
    xa.split(0, new)
    at, words = xa.extract(mark=0)
    assert words.tolist() == [7] * 2**shift
    assert at.tolist() == list(blocks(0, order, new))


def test_marks_of_pieces_that_are_cleared_leave_nothing(xa: pc.XArray) -> None:
    order = xa.pool.chunk_shift + 1
    xa.store(0, 7, order)
    xa.set_mark(0, 0)
    xa.split(0, 1)
    for at in blocks(0, order, 1):
        xa.clear_mark(at, 0)
    assert xa.find(0, mark=0) is None
    assert not xa.marked(0)


@pytest.mark.parametrize("chunk_shift", [3, 6, 9])
def test_piece_that_is_erased_takes_its_mark_with_it(chunk_shift: int) -> None:
    xa = pc.XArray(chunk_shift=chunk_shift)
    order = chunk_shift + 2
    xa.store(0, 7, order)
    xa.set_mark(0, 0)
    xa.split(0, 2)
    xa.erase(4)
    xa.check()
    assert [at for at, _ in xa.items(mark=0)] == [0, *blocks(0, order, 2)[2:]]
    xa.store(5, 9)
    assert not xa.get_mark(5, 0)


def test_split_to_the_same_order_changes_nothing(xa: pc.XArray) -> None:
    xa.store(0, 7, order=4)
    before = xa.dump()
    xa.split(3, 4)
    xa.try_split(3, 4)
    assert xa.dump() == before


def test_split_to_a_larger_order_is_refused(xa: pc.XArray) -> None:
    xa.store(0, 7, order=2)
    before = xa.dump()
    for call in (xa.split, xa.try_split):
        with pytest.raises(ValueError, match="cannot be split to order 3 in one step"):
            call(0, 3)
    assert xa.dump() == before


def test_split_of_nothing_is_refused(xa: pc.XArray) -> None:
    for call in (xa.split, xa.try_split):
        with pytest.raises(KeyError, match="nothing to split at index 5"):
            call(5, 0)


def test_split_of_order_9_to_0_takes_eight_nodes_and_step_by_step_one() -> None:
    whole, steps = pc.XArray(), pc.XArray()
    for xa in (whole, steps):
        xa.store(0, 7, order=9)
    whole.split(0, 0)
    assert whole.nodes == 1 + 8
    for order in (6, 5, 0):
        steps.try_split(0, order)
    assert steps.nodes == 1 + 1
    assert list(steps) == [(at, 7) for at in [*range(32), 32, *range(64, 512, 64)]]


@pytest.mark.parametrize(("order", "new"), [(9, 0), (9, 5), (11, 5), (6, 4), (6, 0), (12, 6)])
def test_try_split_that_needs_more_than_one_step_is_refused(order: int, new: int) -> None:
    xa = pc.XArray()
    xa.store(0, 7, order)
    before = xa.dump()
    with pytest.raises(ValueError, match=f"cannot be split to order {new}"):
        xa.try_split(0, new)
    assert xa.dump() == before


# Nodes that hold values alone: the page cache lists those, to free them when memory is short


def of_values(xa: pc.XArray) -> int:
    """Leaves whose filled slots all hold values."""
    return sum(shift == 0 and slots == values for shift, slots, values in counts_of(xa.dump()))


@pytest.mark.parametrize("index", [0, 64, 4096])
def test_leaf_is_of_values_alone_until_a_pointer_comes(xa: pc.XArray, index: int) -> None:
    xa.store(index, 1)
    xa.store(index + 1, 1)
    assert of_values(xa) == 1
    xa.store(index + 2, pc.Pointer(0x1000))
    assert of_values(xa) == 0
    xa.store(index + 2, 2)
    assert of_values(xa) == 1
    xa.store(index, None)
    assert of_values(xa) == 1
    xa.store(index, None, order=xa.pool.chunk_shift)
    assert xa.empty


@pytest.mark.parametrize("shift", [3, 6, 9])
def test_pieces_in_an_array_that_tracks_free_slots_are_not_free(shift: int) -> None:
    xa = pc.XArray(alloc=0, chunk_shift=shift)
    xa.insert(0, 3, order=shift + 1)
    xa.split(0, 0)
    xa.check()
    xa.erase(5)
    assert [xa.alloc(9), xa.alloc(9)] == [5, 2 << shift]
    xa.check()


def test_run_that_fills_its_node_is_split_in_it() -> None:
    xa = pc.XArray(chunk_shift=3)
    xa.store_range(64, 76, 5)  # 72 to 76 is a run of five
    xa.store(76, 6, order=2)  # joins its neighbours: one run of all eight slots
    assert (xa.cursor(76).extent(), xa.order(76)) == ((72, 79), 3)
    xa.split(76, 0)
    xa.check()
    assert [first for first, _ in xa.items(72, 80)] == list(range(72, 80))


def test_marks_of_a_node_that_was_dropped_do_not_come_back_with_it(chunk_shift: int) -> None:
    """Like 5.17 a split sets them on siblings, which are erased without: the node is cleaned before
    its next use, or a mark set there would not be seen from above."""
    xa = pc.XArray(chunk_shift=chunk_shift, like="5.17")
    xa.store(0, 7, chunk_shift + 1)
    xa.set_mark(0, 1)
    xa.split(0, 1)
    for at in blocks(0, chunk_shift + 1, 1):
        xa.erase(at)
    assert xa.empty
    for at in range(4 * 2**chunk_shift):
        xa.store(at, at)
    xa.check()
    assert not any(xa.get_mark(at, 1) for at in range(4 * 2**chunk_shift))
    xa.set_mark(3, 1)
    assert list(xa.items(mark=1)) == [(3, 3)]
