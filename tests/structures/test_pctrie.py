"""The trie: its rules, its counted fills, and random calls beside a dict, checked after each."""

import random

import numpy as np
import pytest

import pagecache as pc
from pagecache.structures.pctrie.loops import (
    erase_each,
    iterate,
    load_chained,
    load_each,
    store_each,
)
from pagecache.structures.pctrie.pctrie import PcTrie
from pagecache.structures.pool import Pool

from .failing import with_failures
from .fills import counted
from .node_rows import is_long, steps

LAST = 2**64 - 1
COUNTED = {
    # The names of these rows say no order of insertion: any gives the same nodes.
    fill if "draws" in fill else f"{fill} ascending": nodes
    for fill, nodes in counted("FreeBSD pctrie (152-byte node)").items()
}


def trie_of(*indices: int) -> PcTrie:
    trie = PcTrie()
    for index in indices:
        trie.insert(index, index)
    return trie


def test_node_stands_only_where_two_keys_part() -> None:
    trie = trie_of(0x1234, 0x1239, 0x50000)
    assert trie.dump() == "R n; N 0 16 0=n 5=50000; N 1230 0 4=1234 9=1239;"
    assert (trie.nodes, trie.node_bytes) == (2, 304)


def test_node_is_put_between_and_taken_out_again() -> None:
    trie = trie_of(0x1234, 0x1239)
    before = trie.dump()
    trie.insert(0x1300, 1)
    assert trie.dump() == "R n; N 1000 8 2=n 3=1300; N 1230 0 4=1234 9=1239;"
    assert trie.delete(0x1300) == 1
    assert trie.dump() == before


def test_root_names_a_lone_key() -> None:
    trie = trie_of(0x1234, 0x1239)
    assert trie.delete(0x1239) == 0x1239
    assert (trie.dump(), trie.nodes) == ("R 1234;", 0)
    assert trie.delete(0x1234) == 0x1234
    assert trie.dump() == "R -;"


@pytest.mark.parametrize("keys", [(0, LAST), (LAST - 1, LAST), (0, 1 << 60), (1 << 63, LAST)])
def test_corners_of_the_key_space_part_and_meet(keys: tuple[int, int]) -> None:
    trie = trie_of(*keys)
    trie.check()
    assert [index for index, _ in trie] == list(keys)
    assert [trie.lookup(index) for index in (*keys, 1, 1 << 62)] == [*keys, None, None]
    assert (trie.nodes, trie.delete(keys[0]), trie.nodes) == (1, keys[0], 0)


@pytest.mark.parametrize("fill", [fill for fill in COUNTED if not is_long(fill)])
def test_fill_takes_the_nodes_that_the_keys_ask_for(fill: str) -> None:
    trie = PcTrie()
    stored, _, _ = steps(fill)
    assert store_each(trie, np.random.default_rng(3).permutation(stored)) == len(stored)
    assert (trie.nodes, trie.node_bytes) == (COUNTED[fill], 152 * COUNTED[fill])
    assert load_each(trie, stored) == int(stored.sum(dtype="uint64"))
    trie.destroy()
    assert trie.nodes == trie.pool.nodes == trie.records.nodes == 0


@pytest.mark.slow
@pytest.mark.parametrize("fill", [fill for fill in COUNTED if is_long(fill)])
def test_long_fill_takes_the_nodes_that_the_keys_ask_for(fill: str) -> None:
    trie = PcTrie()
    store_each(trie, steps(fill).stored)
    assert trie.nodes == COUNTED[fill]


def test_wrong_arguments_are_refused() -> None:
    trie = trie_of(5)
    with pytest.raises(pc.EntryExists, match="index 5: it is taken"):
        trie.insert(5, 1)
    with pytest.raises(OverflowError):
        trie.lookup(2**64)
    with pytest.raises(ValueError, match="the pool gives other nodes"):
        PcTrie(pool=Pool(576, 24))
    assert (trie.records.nodes, trie.lookup(5)) == (1, 5)


def test_loops_do_what_the_calls_do() -> None:
    trie = PcTrie()
    pages = np.random.default_rng(1).permutation(4096).astype(np.uint64)
    assert store_each(trie, pages) == 4096
    assert store_each(trie, pages) == 0
    trie.check()
    assert load_each(trie, pages) == load_chained(trie, pages) == 4096 * 4095 // 2
    assert load_each(trie, pages + np.uint64(4096)) == 0
    assert iterate(trie) == 4096
    assert erase_each(trie, pages[:1000]) == 1000
    assert erase_each(trie, pages[:1000]) == 0
    assert iterate(trie) == trie.records.nodes == 3096
    trie.check()


def test_nodes_that_come_back_hold_no_old_children() -> None:
    trie = PcTrie()
    for base in range(40):
        for index in range(base, base + 40):
            trie.insert(index << 4 * (base % 15), index)
        trie.check()
        trie.destroy()
        trie.check()
    assert trie.pool.nodes == 0


Model = dict[int, int]
BASES = (0, 5, 0x1230, 0x12300, 2**40, 2**60, LAST - 300)


def step(chance: random.Random, trie: PcTrie, model: Model) -> None:
    """One call of the trie and of the model."""
    at = chance.choice(BASES) + chance.randrange(40) * chance.choice([1, 1, 16, 255])
    at &= LAST
    verb = chance.choice(["insert", "insert", "delete", "lookup", "next"])
    if len(model) > 80:
        verb, at = "delete", chance.choice(list(model))
    if verb == "insert" and at not in model:
        value = chance.randrange(2**64)
        with_failures(trie, lambda: trie.insert(at, value))
        model[at] = value
    elif verb == "insert":
        with pytest.raises(pc.EntryExists):
            trie.insert(at, 1)
    elif verb == "delete":
        assert trie.delete(at) == model.pop(at, None)
    elif verb == "lookup":
        assert trie.lookup(at) == model.get(at)
    else:
        ahead = min((index for index in model if index >= at), default=None)
        assert next(trie.items(at), (None, None)) == (ahead, model.get(ahead))  # type: ignore[arg-type]


def nodes_of(keys: Model) -> int:
    """One node for each prefix after which at least two different digits follow."""
    digits: dict[tuple[int, int], set[int]] = {}
    for key in keys:
        for level in range(0, 64, 4):
            digits.setdefault((level, key >> level >> 4), set()).add(key >> level & 15)
    return sum(len(following) > 1 for following in digits.values())


def run(seed: int, steps: int) -> int:
    """Steps of one machine; how many there were."""
    chance = random.Random(seed)
    trie, model = PcTrie(), Model()
    for _ in range(steps):
        step(chance, trie, model)
        trie.check()
        assert len(model) == trie.records.nodes
    assert list(trie) == sorted(model.items())
    assert trie.nodes == trie.pool.nodes == nodes_of(model)
    trie.destroy()
    assert trie.pool.nodes == trie.records.nodes == 0
    return steps


@pytest.mark.parametrize("seed", range(4))
def test_trie_answers_as_a_dict_does(seed: int) -> None:
    run(seed, 300)


def test_record_that_cannot_be_allocated_leaves_the_trie_as_it_was() -> None:
    trie = trie_of(1, 2)
    trie.records.limit = 2
    before = trie.dump()
    with pytest.raises(MemoryError):
        trie.insert(300, 1)
    assert (trie.dump(), trie.pool.nodes) == (before, 1)


@pytest.mark.slow
def test_trie_answers_as_a_dict_does_for_100_000_steps() -> None:
    assert sum(run(seed, 5_001) for seed in range(100, 120)) > 100_000
