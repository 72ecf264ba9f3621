"""The page hash: its chains, its corners, and random calls beside a dict, checked after each."""

import random

import numpy as np
import pytest

import pagecache as pc
from pagecache.structures.page_hash.loops import (
    erase_each,
    iterate,
    load_chained,
    load_each,
    store_each,
)
from pagecache.structures.page_hash.page_hash import PageHash, overlap
from pagecache.structures.page_hash.table import HashTable
from pagecache.structures.pool import Pool

from .failing import with_failures

FILES = (0x1000, 0x1020, 0x7F00_0000_0040)


def test_chains_of_a_dense_file_are_as_long_as_each_other_but_for_one_entry() -> None:
    table = PageHash(1 << 9)
    pages = np.arange(1300, dtype=np.uint64)
    assert store_each(table, pages) == 1300
    chains = table.chains()
    assert set(chains[2:]) == {2, 3}
    assert chains[:2] == [1, 1]  # s passes 512 and 1024, and skips a bucket each time
    assert sum(table.chains()) == table.entries == 1300


def test_consecutive_pages_lie_in_consecutive_buckets() -> None:
    table = PageHash(1 << 10)
    store_each(table, np.arange(100, dtype=np.uint64))
    order = [index for _, index, _, _ in table]
    start = order.index(0)
    assert order[start:] + order[:start] == list(range(100))


def test_bucket_is_the_sum_of_mapping_and_index_folded_once() -> None:
    table = PageHash(1 << 9)
    table.insert(0x12340, 5, 1)
    s = (0x12340 >> 5) + 5
    assert table.chains().index(1) == (s + (s >> 9)) % 512


def test_huge_page_is_one_entry_by_folio_and_512_by_page() -> None:
    by_folio, by_page = PageHash(), PageHash()
    by_folio.insert(0x1000, 512, 7, order=9)
    store_each(by_page, np.arange(512, 1024, dtype=np.uint64))
    assert (by_folio.entries, by_page.entries) == (1, 512)
    assert [by_folio.lookup(0x1000, page) for page in (511, 512, 700, 1023, 1024)] == [
        None,
        7,
        7,
        7,
        None,
    ]


def test_large_folio_is_refused_over_a_smaller_one_and_inside_a_larger() -> None:
    table = PageHash()
    table.insert(0x1000, 700, 1)
    table.insert(0x1000, 1024, 2, order=9)
    for index, order in ((512, 9), (700, 0), (696, 3), (1024, 0), (1088, 6), (1024, 10)):
        with pytest.raises(pc.EntryExists, match=f"index {index}: it is taken"):
            table.insert(0x1000, index, 3, order=order)
    table.insert(0x1020, 512, 4, order=9)
    table.check()


def test_files_share_the_table_and_not_their_indices() -> None:
    table = PageHash()
    for file in FILES:
        table.insert(file, 5, file)
    assert table.delete(FILES[1], 5) == FILES[1]
    assert [table.lookup(file, 5) for file in FILES] == [FILES[0], None, FILES[2]]


def test_wrong_arguments_are_refused() -> None:
    table = PageHash()
    with pytest.raises(ValueError, match=r"index 3 is no multiple of 2\*\*2"):
        table.insert(0, 3, 1, order=2)
    with pytest.raises(OverflowError):
        table.lookup(0, 2**64)
    with pytest.raises(ValueError, match="the pool gives other records"):
        PageHash(pool=Pool(128))


def test_table_has_a_bucket_a_page_rounded_up() -> None:
    assert [HashTable(pages).buckets for pages in (1, 512, 513, 1 << 14)] == [
        512,
        512,
        1024,
        1 << 14,
    ]
    assert HashTable().buckets == 0
    assert HashTable().ranges() == []


def test_what_covers_an_index_twice_is_found() -> None:
    assert overlap({1: [(0, 0), (1, 0)]}) is None
    assert (
        overlap({1: [(512, 9), (700, 0)]})
        == "index 700 of mapping 0x1 is covered twice or out of line"
    )


def test_loops_do_what_the_calls_do() -> None:
    table = PageHash()
    pages = np.random.default_rng(1).permutation(4096).astype(np.uint64)
    assert store_each(table, pages) == 4096
    assert store_each(table, pages) == 0
    table.check()
    assert load_each(table, pages) == load_chained(table, pages) == 4096 * 4095 // 2
    assert load_each(table, pages + np.uint64(4096)) == 0
    assert iterate(table) == 4096
    assert table.node_bytes == 8 * (1 << 14) + 16 * 4096
    assert erase_each(table, pages[:1000]) == 1000
    assert erase_each(table, pages[:1000]) == 0
    assert table.pool.nodes == table.entries == 3096


Model = dict[tuple[int, int], tuple[int, int]]  # (mapping, first index) -> (order, value)


def covering(model: Model, file: int, index: int) -> tuple[int, int] | None:
    for order in range(14):
        key = file, index >> order << order
        if key in model and model[key][0] == order:
            return key
    return None


def free(model: Model, file: int, index: int, order: int) -> bool:
    inside = (key for key in model if key[0] == file and index <= key[1] < index + (1 << order))
    return covering(model, file, index) is None and not any(inside)


def step(chance: random.Random, table: PageHash, model: Model, orders: tuple[int, ...]) -> None:
    """One call of the table and of the model."""
    file, order = chance.choice(FILES), chance.choice(orders)
    at = chance.choice([0, 5, 500, 1030, 2**40, 2**64 - 1]) + chance.randrange(-9, 10)
    at = (at & 2**64 - 1) >> order << order
    verb = chance.choice(["insert", "insert", "delete", "lookup"])
    if len(model) > 60:
        verb = "delete"
        file, at = chance.choice(list(model))
    key = covering(model, file, at)
    if verb == "insert" and free(model, file, at, order):
        value = chance.randrange(2**64)
        with_failures(table, lambda: table.insert(file, at, value, order))
        model[file, at] = order, value
    elif verb == "insert":
        with pytest.raises(pc.EntryExists):
            table.insert(file, at, 1, order)
    elif verb == "delete":
        assert table.delete(file, at) == (model.pop(key)[1] if key else None)
    else:
        assert table.lookup(file, at) == (model[key][1] if key else None)


def run(seed: int, steps: int) -> int:
    """Steps of one machine; how many there were."""
    chance = random.Random(seed)
    orders = (0,) if seed % 2 else (0, 0, 1, 3, 9, 13)
    table, model = PageHash(1), Model()
    for _ in range(steps):
        step(chance, table, model, orders)
        table.check()
    held = {(file, index): (order, value) for file, index, order, value in table}
    assert held == model
    table.destroy()
    assert table.pool.nodes == table.entries == 0
    return steps


@pytest.mark.parametrize("seed", range(4))
def test_page_hash_answers_as_a_dict_does(seed: int) -> None:
    run(seed, 300)


@pytest.mark.slow
def test_page_hash_answers_as_a_dict_does_for_100_000_steps() -> None:
    assert sum(run(seed, 5_001) for seed in range(100, 120)) > 100_000
