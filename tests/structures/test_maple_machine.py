"""Random calls of a maple tree beside a list of ranges, its rules checked after each of them."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from pagecache.structures.maple.maple import MapleTree

from .failing import with_failures
from .maple_model import MAX_INDEX, MapleModel

VERBS = ["store", "store", "store", "insert", "insert", "null", "erase", "erase", "load", "find"]
SPANS = (1, 1, 1, 2, 8, 64, 512)


def pick(chance: random.Random, model: MapleModel, reach: int) -> int:
    """An index at the edge of a range, below `reach`, or anywhere."""
    kind = chance.random()
    if model.ranges and kind < 0.5:
        first, last, _ = chance.choice(model.ranges)
        return (chance.choice([first, last]) + chance.choice([-1, 0, 0, 1])) & MAX_INDEX
    if kind < 0.97:
        return chance.randrange(reach)
    return chance.choice([0, 1, MAX_INDEX - 1, MAX_INDEX, 1 << chance.randrange(64)])


def range_of(chance: random.Random, model: MapleModel, reach: int) -> tuple[int, int]:
    first = pick(chance, model, reach)
    if chance.random() < 0.25:
        first, last = sorted((first, pick(chance, model, reach)))
        if last - first > reach // 4 and chance.random() < 0.95:
            last = first + chance.randrange(reach // 4)
        return first, last
    return first, min(MAX_INDEX, first + chance.choice(SPANS) - 1)


def call_of(
    chance: random.Random, model: MapleModel, reach: int, verb: str
) -> tuple[str, tuple[Any, ...]]:
    """The name and the arguments of a call."""
    if verb in ("load", "erase"):
        return verb, (pick(chance, model, reach),)
    if verb == "find":
        return verb, (pick(chance, model, reach), pick(chance, model, reach))
    first, last = range_of(chance, model, reach)
    if verb == "null":
        return "store_range", (first, last, None)
    return f"{verb}_range", (first, last, chance.randrange(1000))


def outcome(call: Callable[[], Any]) -> object:
    """What a call gives, or the class of what it raises."""
    try:
        return call()
    except KeyError as error:
        return type(error).__name__


def is_quirk(tree: MapleTree, name: str, args: tuple[Any, ...]) -> bool:
    """Insertion over everything in a tree of one leaf, which looks at nothing."""
    return name == "insert_range" and args[:2] == (0, MAX_INDEX) and tree.height == 1


def run(seed: int, steps: int) -> int:
    """Steps of one machine, in both modes side by side; how many there were."""
    chance = random.Random(seed)
    copying, plain, model = MapleTree(), MapleTree(rcu=False), MapleModel()
    reach = chance.choice([60, 2_000, 100_000])
    draining = False
    for step in range(steps):
        draining = len(model.ranges) > 500 or (draining and len(model.ranges) > 5)
        name, args = call_of(chance, model, reach, "erase" if draining else chance.choice(VERBS))
        if is_quirk(copying, name, args):
            continue
        failing = chance.random() < 0.25
        expected = outcome(partial(getattr(model, name), *args))
        for tree in (copying, plain):
            call = partial(getattr(tree, name), *args)
            got = outcome(partial(with_failures, tree, call) if failing else call)
            assert got == expected, f"seed {seed}, step {step}: {name}{args}"
            tree.check()
            assert tree.nodes == tree.pool.nodes
        assert not failing or copying.dump() == plain.dump()
        assert step % 10 or list(copying) == model.ranges
    assert copying.dump() == plain.dump()
    return steps


@pytest.mark.parametrize("seed", range(6))
def test_maple_tree_answers_as_a_list_of_ranges_does(seed: int) -> None:
    run(seed, 800)


@pytest.mark.slow
def test_maple_tree_answers_as_a_list_of_ranges_does_for_100_000_steps() -> None:
    assert sum(run(seed, 4_000) for seed in range(100, 126)) > 100_000
