"""What is counted of a cell: numbers known beforehand, and sums that must agree."""

import pytest

import pagecache as pc
from pagecache.sweep.cell import Cell, make_file
from pagecache.sweep.columns import NAMES, ORDERS, row_of
from pagecache.sweep.counting import count_file, fill, touch
from pagecache.sweep.grid import parse_grid

MIB = 1 << 20
WIDE = """\
designs = ["thp-multi", "base-4k", "thp-slots-head", "hugetlb-4k-multi", "hugetlb-huge",
           "hugetlb-4k-wide", "hugetlb-4k-slots"]
sizes = ["4M"]
alloc = ["compound", "fallback", "min-order", "pages", "huge-pool"]
holes = ["zero-pages", "zero-entries", "no-entry"]
blocks = ["4K", "64K", "2M"]
fragment = ["none", "keep-one-of:8:80%"]
memory = ["8M", "16M"]
"""


@pytest.mark.parametrize(
    ("design", "nodes", "slots"),
    [("hugetlb-huge", 1, 32), ("hugetlb-4k-multi", 5, 256), ("hugetlb-4k-slots", 261, 16384)],
)
def test_nodes_and_slots_of_64_mib_of_huge_pages(design: str, nodes: int, slots: int) -> None:
    counts = count_file(Cell.of(design, size=64 * MIB))
    assert (counts["nodes"], counts["slots_written"]) == (nodes, slots)
    assert (counts["faults"], counts["refused"], counts["orders"]) == (32, 0, {9: 32})


def test_slots_written_are_those_that_hold_something_if_nothing_was_evicted() -> None:
    checked = 0
    for cell in parse_grid(WIDE, "grid.toml").cells:
        filled = fill(cell)
        counts = count_file(cell)
        if not counts["evictions"]:
            assert counts["slots_written"] == filled.mapping.index.slots, cell
            assert counts["brought_in"] == counts["pages"], cell
            checked += 1
    assert checked > 100


def test_rows_have_every_column_and_add_up() -> None:
    for cell in parse_grid(WIDE, "grid.toml").cells[::7]:
        row = row_of(cell, count_file(cell))
        assert tuple(row) == NAMES
        assert row["cell"] == cell.number
        assert row["pages"] == sum(row[f"order_{order}"] << order for order in ORDERS)
        assert row["folios"] == sum(row[f"order_{order}"] for order in ORDERS)
        assert row["made"] == row["folios"] + row["evictions"]
        assert row["index_bytes"] >= 576 * row["nodes"]


@pytest.mark.parametrize("holes", ["zero-pages", "zero-entries", "no-entry"])
def test_pages_saved_are_the_holes_that_are_not_cached(holes: str) -> None:
    cell = Cell.of("thp-multi", size=16 * MIB, holes=holes, half_hole=True, seed=3)
    counts, file = count_file(cell), make_file(cell)
    assert file.hole_pages == 2048
    assert counts["pages_saved"] == (0 if holes == "zero-pages" else 2048)
    assert counts["pages"] + counts["pages_saved"] == 4096
    assert (counts["zero_entries"] > 0) == (holes == "zero-entries")


def test_file_has_the_same_holes_whatever_the_block() -> None:
    wide, narrow = (
        make_file(Cell.of("thp-multi", size=64 * MIB, half_hole=True, block=block))
        for block in ("64K", "4K")
    )
    assert wide.extents.runs() == narrow.extents.runs()


def test_fault_maps_what_is_cached_of_16_pages() -> None:
    whole = count_file(Cell.of("thp-multi", size=16 * MIB))
    assert whole["faults"] == 4096 // 16
    sparse = count_file(Cell.of("thp-multi", size=16 * MIB, holes="zero-entries", half_hole=True))
    assert sparse["faults"] == 2048 // 16 + 2048  # a page of a hole has no folio: each faults


def test_fault_maps_the_cached_pages_of_a_window_that_holds_some_only() -> None:
    mapping = pc.Mapping(file="128K", readahead_kb=0)
    mapping.read("20K", "12K")
    assert mapping.pages == 3
    assert touch(mapping) == 32 - 3 + 1  # the three at once, every other page by itself


def test_file_larger_than_memory_evicts_the_least_recently_used() -> None:
    counts = count_file(Cell.of("thp-multi", size=32 * MIB, memory=8 * MIB))
    assert counts["refused"] == 0
    assert counts["evictions"] > 0
    assert counts["pages"] <= 2048 < counts["brought_in"]


def test_empty_pool_refuses_huge_pages() -> None:
    counts = count_file(Cell.of("hugetlb-4k-multi", size=32 * MIB, memory=8 * MIB))
    assert (counts["folios"], counts["refused"]) == (4, 12)


def test_scattered_memory_makes_2_mib_blocks_fall_back_and_costs_nodes() -> None:
    whole, scattered = (
        count_file(Cell.of("thp-multi", size=32 * MIB, block="2M", fragment=fragment))
        for fragment in ("none", "keep-one-of:8")
    )
    assert (whole["fallbacks"], whole["orders"]) == (0, {9: 16})
    assert scattered["orders"] == {2: 2048}
    assert (whole["nodes"], scattered["nodes"]) == (3, 131)
    assert scattered["failures"] > 0


def test_compound_has_no_memory_where_fallback_takes_smaller_blocks() -> None:
    cell = {"size": 32 * MIB, "block": "2M", "fragment": "keep-one-of:8"}
    compound = count_file(Cell.of("thp-multi", alloc="compound", **cell))
    fallback = count_file(Cell.of("thp-multi", alloc="fallback", **cell))
    assert (compound["pages"], compound["refused"]) == (0, 16)
    assert (fallback["pages"], fallback["refused"]) == (8192, 0)


def test_row_is_the_same_each_time_and_differs_with_the_seed() -> None:
    cell = Cell.of("thp-multi", size=16 * MIB, block="64K", fragment="random:8", seed=5)
    first, again = (row_of(cell, count_file(cell)) for _ in range(2))
    assert first == again
    other = Cell.of("thp-multi", size=16 * MIB, block="64K", fragment="random:8", seed=6)
    changed = row_of(other, count_file(other))
    assert {**changed, "seed": 5} != first
