"""`check` finds what is broken: every field of a node is altered in memory, and it says which."""

import ctypes
from collections.abc import Callable

import pytest

import pagecache as pc

# Offsets within a node of 64 slots.
SHIFT, OFFSET, COUNT, VALUES, PARENT, ARRAY, SLOTS, MARKS = 0, 2, 4, 6, 8, 16, 40, 552
RETRY, ZERO = 0x402, 0x406


def sibling(offset: int) -> int:
    return 4 * offset + 2


class Node:
    """The memory of one node."""

    def __init__(self, pool: pc.NodePool, number: int) -> None:
        """The node that the pool cut as its so-manieth."""
        (start, _), *_ = pool.ranges()
        self.start = start + number * pool.node_size

    def read(self, at: int, size: int = 8) -> int:
        return int.from_bytes(ctypes.string_at(self.start + at, size), "little")

    def write(self, at: int, value: int, size: int = 8) -> None:
        ctypes.memmove(self.start + at, value.to_bytes(size, "little"), size)

    def slot(self, offset: int, word: int) -> None:
        self.write(SLOTS + 8 * offset, word)

    def mark(self, offset: int, mark: int) -> None:
        """Change one bit."""
        at = MARKS + 8 * mark
        self.write(at, self.read(at) ^ (1 << offset))


@pytest.fixture(params=["7.1", "5.17"])
def tree(request: pytest.FixtureRequest) -> tuple[pc.XArray, Node, Node]:
    """An array, its top node of shift 6 and the leaf below that.

    The top has the leaf in slot 0, a marked entry of order 8 in slots 4 to 7; the leaf, values at
    3, marked, and of order 2 at 8.
    """
    xa = pc.XArray(like=request.param)
    xa.store(3, 1)
    xa.store(8, 2, order=2)
    xa.store(256, 3, order=8)
    xa.set_mark(3, 0)
    xa.set_mark(256, 1)
    xa.check()
    leaf, top = Node(xa.pool, 0), Node(xa.pool, 1)
    assert (leaf.read(SHIFT, 1), top.read(SHIFT, 1)) == (0, 6)
    return xa, top, leaf


def broken(
    tree: tuple[pc.XArray, Node, Node], change: Callable[[Node, Node], object], said: str
) -> None:
    """Break the tree, see that `check` says so, and put it right again."""
    xa, top, leaf = tree
    before = [ctypes.string_at(node.start, 576) for node in (top, leaf)]
    change(top, leaf)
    try:
        with pytest.raises(AssertionError, match=said) as raised:
            xa.check()
        assert xa.dump() in str(raised.value)
    finally:
        for node, content in zip((top, leaf), before, strict=True):
            ctypes.memmove(node.start, content, 576)
        xa.check()


NODES = {
    "parent": (lambda top, leaf: leaf.write(PARENT, 0), "shift 0 does not know its parent"),
    "array": (lambda top, leaf: top.write(ARRAY, 16), "shift 6 does not know its array"),
    "offset": (lambda top, leaf: leaf.write(OFFSET, 1, 2), "slot 0 .* belongs to another place"),
    "level": (lambda top, leaf: leaf.write(SHIFT, 12, 1), "slot 0 .* belongs to another place"),
    "count": (lambda top, leaf: leaf.write(COUNT, 4, 2), "shift 0 counts 4 slots and has 5"),
    "values": (lambda top, leaf: top.write(VALUES, 5, 2), "shift 6 counts 5 values and has 4"),
    "values of siblings": (lambda top, leaf: leaf.write(VALUES, 2, 2), "counts 2 values and has 5"),
}
SLOTS_THAT_LIE = {
    "retry": (lambda top, leaf: leaf.slot(3, RETRY), "slot 3 .*shift 0 says retry"),
    "forward": (lambda top, leaf: leaf.slot(9, sibling(20)), "slot 9 .*does not look back"),
    "itself": (lambda top, leaf: leaf.slot(9, sibling(9)), "slot 9 .*does not look back"),
    "of nothing": (lambda top, leaf: leaf.slot(8, 0), "slot 9 .*sibling of slot 8, which"),
    "of a sibling": (
        lambda top, leaf: leaf.slot(11, sibling(10)),
        "slot 11 .*which holds no entry",
    ),
    "of a node": (lambda top, leaf: top.slot(1, sibling(0)), "slot 1 .*which holds no entry"),
    "gap": (lambda top, leaf: leaf.slot(10, 7), "slot 11 .*something else lies between"),
}
MARKS_ABOVE = {
    "none above": (lambda top, leaf: top.mark(0, 0), "mark 0 of the array|slot 0 .*mark 0"),
    "none of the child's": (lambda top, leaf: leaf.mark(3, 2), "slot 0 .*node below has of mark 2"),
    "none of the array's": (lambda top, leaf: top.mark(4, 0) or leaf.mark(3, 1), "slot 0 "),
}
STRAY_MARKS = {
    "on nothing": (lambda top, leaf: top.mark(9, 1), "slot 9 .*carries mark 1 and holds nothing"),
    "on a sibling": (lambda top, leaf: top.mark(6, 1), "slot 6 .*mark 1 and holds a sibling"),
    "above alone": (lambda top, leaf: leaf.mark(3, 0), "slot 0 .*node below has of mark 0"),
}


@pytest.mark.parametrize("case", NODES)
def test_node_that_is_broken_is_named(tree, case: str) -> None:
    broken(tree, *NODES[case])


@pytest.mark.parametrize("case", SLOTS_THAT_LIE)
def test_slot_that_lies_is_named(tree, case: str) -> None:
    broken(tree, *SLOTS_THAT_LIE[case])


@pytest.mark.parametrize("case", MARKS_ABOVE)
def test_mark_that_is_not_summed_up_is_named(tree, case: str) -> None:
    broken(tree, *MARKS_ABOVE[case])


@pytest.mark.parametrize("case", STRAY_MARKS)
def test_mark_on_what_holds_no_entry_is_named_but_like_5_17(tree, case: str) -> None:
    xa, top, leaf = tree
    change, said = STRAY_MARKS[case]
    if xa.like != "5.17":
        broken(tree, change, said)
        return
    change(top, leaf)
    xa.check()


def test_array_that_carries_a_mark_its_top_node_has_not_is_named() -> None:
    xa = pc.XArray()
    xa.store(1, 1)
    xa.set_mark(1, 2)
    Node(xa.pool, 0).mark(1, 2)
    with pytest.raises(AssertionError, match="mark 2 of the array does not say"):
        xa.check()


@pytest.mark.parametrize(
    ("offset", "said"),
    [(1, "slot 1 .*is marked as free and holds an entry"), (2, "slot 2 .*is not marked as free")],
)
def test_free_slot_that_is_not_marked_so_is_named(offset: int, said: str) -> None:
    xa = pc.XArray(alloc=0)
    assert [xa.alloc(7), xa.alloc(8)] == [0, 1]
    xa.check()
    Node(xa.pool, 0).mark(offset, 0)
    with pytest.raises(AssertionError, match=said):
        xa.check()


# The count of values, which Linux keeps by differences


def drift(xa: pc.XArray) -> None:
    """A pointer takes the first slot of a value's eight."""
    xa.store(8, 1, order=3)
    xa.store(9, pc.Pointer(16))


def test_count_of_values_may_be_off_once_it_has_drifted() -> None:
    xa = pc.XArray()
    drift(xa)
    assert " c8 v7 " in xa.dump()
    xa.check()


def test_node_made_again_has_not_drifted() -> None:
    xa = pc.XArray()
    drift(xa)
    xa.erase(8)
    assert xa.nodes == 0
    xa.store(1, 1)
    Node(xa.pool, 0).write(VALUES, 9, 2)
    with pytest.raises(AssertionError, match="counts 9 values and has 1"):
        xa.check()


@pytest.mark.parametrize("order", [1, 2])
def test_range_inside_a_larger_entry_drifts_too(order: int) -> None:
    xa = pc.XArray()
    xa.store(8, 1, order=3)
    xa.store(8, pc.Pointer(16), order=order)
    assert xa.load(15) == pc.Pointer(16)
    xa.check()


def test_values_of_wide_nodes_are_counted_beyond_255() -> None:
    xa = pc.XArray(chunk_shift=9)
    xa.store(0, 7, order=9 + 8)
    xa.store(256 * 512, 8, order=9 + 7)
    xa.split(256 * 512, 9)
    xa.split(256 * 512, 3)
    assert " c384 v383 " in xa.dump()
    xa.check()
