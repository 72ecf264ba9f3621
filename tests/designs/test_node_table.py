"""The nodes that each design takes for whole files, built and counted."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from pagecache import designs
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

GIB = 1 << 18  # pages
CHUNK = 1 << 20  # folios that enter at a time: a terabyte of pages is more arrays than needed
MULTI = ("hugetlb-4k-multi", "thp-multi")
PAGES = ("hugetlb-4k-slots", "thp-slots-head", "thp-slots-subpage", "base-4k")

# Rows of (pages, order of the huge page, nodes: hugetlb-huge, multi, slots and base-4k).
TABLE = {
    "64M": (GIB // 16, 9, 1, 5, 261),
    "1G": (GIB, 9, 9, 65, 4_161),
    "2G": (2 * GIB, 9, 17, 131, 8_323),
    "100G": (100 * GIB, 9, 814, 6_503, 416_103),
    "2G-of-1G": (2 * GIB, 18, 1, 1, 8_323),
}
TERABYTE = {"hugetlb-huge": 8_323, "multi": 66_577, "slots": 4_260_881}
NODES_PER_GIB = {range(6): 4_161, range(6, 12): 65, range(12, 18): 1, range(18, 19): 1}


def populated(name: str, pages: int, order: int) -> Any:
    """The index of a file that is cached from its first page to its last in folios of `order`."""
    huge_order = 18 if order == 18 else 9
    index = designs.make(name, Frames(pages, backed=False), huge_order=huge_order)
    batch, folios = Batch([index]), pages >> order
    for start in range(0, folios, CHUNK):
        number = np.arange(start, min(folios, start + CHUNK), dtype=np.uint64)
        at, count = number << np.uint64(order), len(number)
        zeros = np.zeros(count, np.uint32)
        assert batch.populate(zeros, at, np.full(count, order, np.uint8), at) == count
    return index


def order_for(name: str, huge_order: int) -> int:
    return 0 if name == "base-4k" else huge_order


def rows() -> list[Any]:
    """(design, pages, order, nodes) for each cell of the table, a 1 GiB page only where it fits."""
    return [
        pytest.param(name, pages, order_for(name, huge_order), nodes, id=f"{size}-{name}")
        for size, (pages, huge_order, *columns) in TABLE.items()
        for names, nodes in zip((("hugetlb-huge",), MULTI, PAGES), columns, strict=True)
        for name in names
        if huge_order == 9 or designs.find(name).family in ("hugetlb", "base")
    ]


@pytest.mark.parametrize(("name", "pages", "order", "nodes"), rows())
def test_populated_file_takes_the_nodes_of_the_table(
    name: str, pages: int, order: int, nodes: int
) -> None:
    index = populated(name, pages, order)
    assert index.nodes == index.pool.nodes == nodes
    assert index.index_bytes == nodes * 576
    assert index.named(pages - 1) is not None
    assert index.named(pages) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hugetlb-huge", *MULTI, *PAGES])
def test_terabyte_takes_the_nodes_of_the_table(name: str) -> None:
    column = "multi" if name in MULTI else "slots" if name in PAGES else name
    index = populated(name, 1024 * GIB, order_for(name, 9))
    assert index.nodes == TERABYTE[column]


@pytest.mark.parametrize("order", range(19))
def test_gigabyte_in_folios_of_each_order_takes_its_nodes(order: int) -> None:
    """Below order 6 multi-index entries save no node; at 6, 12 and 18 a level goes away."""
    index = populated("thp-multi", GIB, order)
    assert index.nodes == next(nodes for orders, nodes in NODES_PER_GIB.items() if order in orders)


@pytest.mark.parametrize(
    ("name", "order", "levels"),
    [
        ("hugetlb-huge", 9, {0: 8, 6: 1}),
        ("base-4k", 0, {0: 4096, 6: 64, 12: 1}),
        ("hugetlb-4k-slots", 9, {0: 4096, 6: 64, 12: 1}),
        ("thp-multi", 9, {6: 64, 12: 1}),
        ("thp-multi", 6, {6: 64, 12: 1}),
        ("thp-multi", 5, {0: 4096, 6: 64, 12: 1}),
        ("thp-multi", 12, {12: 1}),
        ("hugetlb-4k-multi", 18, {18: 1}),
    ],
)
def test_gigabyte_has_these_nodes_on_each_level(
    name: str, order: int, levels: dict[int, int]
) -> None:
    found: dict[int, int] = {}
    for node in populated(name, GIB, order).dump().split(" N ")[1:]:
        shift = int(node.split()[1])
        found[shift] = found.get(shift, 0) + 1
    assert found == levels


@pytest.mark.parametrize(
    ("name", "pages", "levels", "node_bytes"),
    [
        ("hugetlb-4k-wide", 2 * GIB, {9: 2, 18: 1}, 4328),
        ("hugetlb-4k-wide", 100 * GIB, {9: 100, 18: 1}, 4328),
        ("hugetlb-4k-narrow", 2 * GIB, {9: 128, 12: 16, 15: 2, 18: 1}, 128),
    ],
)
def test_order_9_takes_one_slot_where_9_is_a_multiple_of_the_nodes_width(
    name: str, pages: int, levels: dict[int, int], node_bytes: int
) -> None:
    index = populated(name, pages, 9)
    assert index.slots == pages >> 9
    assert index.nodes == sum(levels.values())
    assert index.index_bytes == index.nodes * node_bytes
    found = Counter(int(node.split()[1]) for node in index.dump().split(" N ")[1:])
    assert found == levels


@pytest.mark.parametrize(("name", "slots"), [("hugetlb-huge", 1), ("thp-multi", 8), ("base-4k", 1)])
def test_last_slots_of_a_file_are_filled_and_no_more(name: str, slots: int) -> None:
    """Two huge pages or two pages: the leaf counts exactly their slots."""
    order = order_for(name, 9)
    assert f" c{2 * slots} v0 " in populated(name, 2 << order, order).dump()


@pytest.mark.parametrize("name", ["hugetlb-huge", "hugetlb-4k-slots", "hugetlb-4k-multi"])
def test_one_huge_page_at_the_start_takes_what_it_must(name: str) -> None:
    expected = {"hugetlb-huge": 0, "hugetlb-4k-slots": 9, "hugetlb-4k-multi": 1}
    assert populated(name, 512, 9).nodes == expected[name]


def test_truncate_of_unbacked_frames_gives_back_every_node() -> None:
    index = populated("hugetlb-4k-multi", 100 * GIB, 9)
    assert Batch([index]).truncate() == 100 * GIB
    assert index.pool.nodes == 0
