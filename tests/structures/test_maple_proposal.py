"""The proposal, a maple tree with marks and dense leaves, beside a dict; and what it promises."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import pagecache as pc
from pagecache.structures.maple_proposal.proposal import ProposalTree
from pagecache.structures.pool import Pool

from .failing import with_failures
from .maple_model import MAX_INDEX, MapleModel

VERBS = ["insert"] * 5 + ["erase", "erase", "load", "set_mark", "set_mark", "clear_mark"]
SPANS = (1, 1, 1, 1, 2, 8, 64, 512)


class Model(MapleModel):
    """Ranges and, by the first index of each, its marks."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: dict[int, set[int]] = {}

    def erase(self, index: int) -> int | None:
        found = self.covering(index)
        if found is not None:
            self.marks.pop(found[0], None)
        return super().erase(index)

    def set_mark(self, index: int, mark: int) -> bool:
        found = self.covering(index)
        if found is not None:
            self.marks.setdefault(found[0], set()).add(mark)
        return found is not None

    def clear_mark(self, index: int, mark: int) -> bool:
        found = self.covering(index)
        if found is not None:
            self.marks.setdefault(found[0], set()).discard(mark)
        return found is not None

    def marked(self, mark: int) -> list[tuple[int, int]]:
        return [(a, b) for a, b, _ in self.ranges if mark in self.marks.get(a, ())]


def pick(chance: random.Random, model: Model, reach: int) -> int:
    """An index at the edge of a range, below `reach`, or anywhere."""
    kind = chance.random()
    if model.ranges and kind < 0.5:
        first, last, _ = chance.choice(model.ranges)
        return (chance.choice([first, last]) + chance.choice([-1, 0, 0, 1])) & MAX_INDEX
    if kind < 0.98:
        return chance.randrange(reach)
    return chance.choice([0, 1, MAX_INDEX - 1, MAX_INDEX, 1 << chance.randrange(64)])


def call_of(chance: random.Random, model: Model, reach: int, verb: str) -> tuple[str, Any]:
    """The name and the arguments of a call."""
    first = pick(chance, model, reach)
    if verb == "insert":
        last = min(MAX_INDEX, first + chance.choice(SPANS) - 1)
        return "insert_range", (first, last, chance.randrange(1000))
    return verb, (first, chance.randrange(3)) if "mark" in verb else (first,)


def outcome(call: Callable[[], Any]) -> object:
    """What a call gives, or the class of what it raises."""
    try:
        return call()
    except KeyError as error:
        return type(error).__name__


def run(seed: int, steps: int) -> int:
    """Steps of one machine; how many there were."""
    chance, tree, model = random.Random(seed), ProposalTree(), Model()
    reach = chance.choice([60, 600, 2_000, 100_000])
    draining = False
    for step in range(steps):
        draining = len(model.ranges) > 700 or (draining and len(model.ranges) > 5)
        name, args = call_of(chance, model, reach, "erase" if draining else chance.choice(VERBS))
        call = partial(getattr(tree, name), *args)
        got = outcome(partial(with_failures, tree, call) if chance.random() < 0.25 else call)
        expected = outcome(partial(getattr(model, name), *args))
        assert got == expected, f"seed {seed}, step {step}: {name}{args}"
        tree.check()
        if step % 10 == 0:
            compare(tree, model)
    compare(tree, model)
    return steps


def compare(tree: ProposalTree, model: Model) -> None:
    assert list(tree) == model.ranges
    assert tree.nodes == tree.pool.nodes
    for mark in range(3):
        assert list(tree.marked(mark)) == model.marked(mark)


@pytest.mark.parametrize("seed", range(6))
def test_proposal_answers_as_a_list_of_ranges_does(seed: int) -> None:
    run(seed, 800)


@pytest.mark.slow
def test_proposal_answers_as_a_list_of_ranges_does_for_100_000_steps() -> None:
    assert sum(run(seed, 4_000) for seed in range(100, 126)) > 100_000


@pytest.mark.parametrize("order", ["ascending", "descending", "random"])
def test_dense_file_takes_a_leaf_for_28_pages_in_whatever_order_they_come(order: str) -> None:
    tree, pages = ProposalTree(), list(range(28 * 225))
    if order == "random":
        random.Random(1).shuffle(pages)
    for page in reversed(pages) if order == "descending" else pages:
        tree.insert_range(page, page, page)
    tree.check()
    assert tree.dump().count(" D") == 225
    assert tree.nodes - 225 <= 225 // 6 + 8
    assert [tree.load(page) for page in (0, 27, 28, 6299)] == [0, 27, 28, 6299]


def test_page_into_a_window_that_has_a_leaf_takes_no_node() -> None:
    tree = ProposalTree()
    tree.insert_range(3, 3, 3)
    tree.pool.limit = tree.pool.nodes
    for page in [0, 27, 13]:
        tree.insert_range(page, page, page)
    assert tree.dump() == "D1 0 window 0 0=v0 3=v3 d=v13 1b=v27;"
    for page in [0, 27, 13, 3]:
        assert tree.erase(page) == page
    assert (tree.dump(), tree.pool.nodes) == ("empty", 0)


def test_folio_across_two_leaves_holes_moves_the_boundary_between_them() -> None:
    tree = ProposalTree()
    for page in range(28):
        if page < 20:
            tree.insert_range(page, page, page)
    for page in range(100, 116):
        tree.insert_range(page * 512, page * 512 + 511, page)
    with_failures(tree, lambda: tree.insert_range(22, 40, 7))
    tree.check()
    assert [tree.load(index) for index in (19, 21, 22, 40, 41)] == [19, None, 7, 7, None]


def test_marks_move_with_their_entries_through_splits_and_merges() -> None:
    tree = ProposalTree()
    for k in range(300):
        tree.insert_range(64 * k, 64 * k, k)
        if k % 7 == 0:
            tree.set_mark(64 * k, 1)
    expected = [(64 * k, 64 * k) for k in range(0, 300, 7)]
    assert list(tree.marked(1)) == expected
    for k in range(300):
        if k % 7:
            tree.erase(64 * k)
    tree.check()
    assert list(tree.marked(1)) == expected
    assert list(tree.marked(0)) == []


def test_what_cannot_be_is_refused() -> None:
    tree = ProposalTree()
    with pytest.raises(ValueError, match="range 5 to 4"):
        tree.insert_range(5, 4, 1)
    with pytest.raises(ValueError, match="mark 3 is unknown; give 0 to 2"):
        tree.set_mark(0, 3)
    with pytest.raises(ValueError, match="the pool gives other nodes"):
        ProposalTree(pool=Pool(576, 24))
    tree.insert_range(5, 5, 1)
    with pytest.raises(pc.EntryExists):
        tree.insert_range(0, 9, 1)
    assert not tree.set_mark(6, 0)
