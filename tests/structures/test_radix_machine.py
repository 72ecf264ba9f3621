"""Random calls of a radix tree beside a dict, its rules checked after each of them."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from pagecache.structures.radix.radix import RadixTree

from .failing import with_failures
from .radix_model import RadixModel

VERBS = {
    "insert": 9,
    "delete": 4,
    "replace": 2,
    "lookup": 2,
    "tag_set": 4,
    "tag_clear": 3,
    "tag_get": 2,
    "tagged": 1,
    "items": 2,
    "join": 2,
    "split": 1,
}


def pick_index(chance: random.Random, model: RadixModel, order: int) -> int:
    """An index on or near an edge, near an entry, or anywhere; a multiple of 2^order."""
    if model.entries and chance.random() < 0.5:
        first = chance.choice(list(model.entries))
        index = first + chance.choice([0, 0, 1, -1, 63, 64, 1 << model.entries[first].order])
    else:
        index = (1 << chance.choice([0, 3, 6, 7, 9, 12, 13, 24, 40, 63])) + chance.randrange(-2, 3)
    return (index & (2**64 - 1)) >> order << order


def arguments(chance: random.Random, model: RadixModel, verb: str) -> tuple[Any, ...]:
    order = chance.choice([0, 0, 0, 1, 3, 5, 6, 7, 9, 12, 13])
    if verb in ("insert", "join"):
        return pick_index(chance, model, order), chance.randrange(100), order
    index = pick_index(chance, model, 0)
    if verb == "split":
        home = model.covering(index)
        lowest = max(0, model.entries[home].order - 9) if home is not None else 0
        return index, chance.randrange(100), max(lowest, min(order, 12))
    if verb == "replace":
        return index, chance.randrange(100)
    if verb in ("tag_set", "tag_clear", "tag_get", "items"):
        return index, chance.choice([None, 0, 1, 2] if verb == "items" else [0, 1, 2])
    return (chance.randrange(3),) if verb == "tagged" else (index,)


def outcome(call: Callable[[], Any]) -> object:
    """What a call gives, or the class of what it raises."""
    try:
        answer = call()
        return list(answer) if hasattr(answer, "__next__") else answer
    except (KeyError, ValueError) as error:
        return type(error).__name__


def crashes_linux(model: RadixModel, tree: RadixTree, verb: str, args: tuple[Any, ...]) -> bool:
    """Joining order 0 over an entry in the head, which is refused here."""
    return verb == "join" and args[0] == 0 and args[2] == 0 and tree.nodes == 0 and not tree.empty


def run(seed: int, steps: int) -> int:
    """Steps of one machine; how many there were."""
    chance = random.Random(seed)
    tree, model = RadixTree(), RadixModel()
    verbs = [verb for verb, times in VERBS.items() for _ in range(times)]
    for step in range(steps):
        verb = chance.choice(verbs) if len(model.entries) < 60 else "delete"
        args = arguments(chance, model, verb)
        if len(model.entries) > 700:
            tree.destroy()
            model = RadixModel()
        if crashes_linux(model, tree, verb, args):
            with pytest.raises(ValueError, match="cannot be done"):
                tree.join(*args)
            continue
        expected = outcome(partial(getattr(model, verb), *args))
        call = partial(getattr(tree, verb), *args)
        got = outcome(partial(with_failures, tree, call) if chance.random() < 0.3 else call)
        assert got == expected, f"seed {seed}, step {step}: {verb}{args}"
        tree.check()
    assert list(tree) == list(model.items())
    tree.destroy()
    assert tree.pool.nodes == 0
    return steps


@pytest.mark.parametrize("seed", range(4))
def test_radix_tree_answers_as_a_dict_does(seed: int) -> None:
    run(seed, 1500)


@pytest.mark.slow
def test_radix_tree_answers_as_a_dict_does_for_100_000_steps() -> None:
    assert sum(run(seed, 5_000) for seed in range(100, 121)) > 100_000
