"""Zero entries: how many, how large, and what a write into them costs."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest

import pagecache as pc

GIB = 1 << 30
EXTENTS = Path(__file__).parents[1] / "data" / "extents"


def sparse(holes: str = "zero-entries", **options: object) -> pc.Mapping:
    """A sparse file of 1 GiB."""
    return pc.Mapping(file=pc.File("1G", holes=[(0, "1G")]), holes=holes, **options)


@pytest.mark.parametrize(("order", "nodes"), [(18, 1), (9, 65), (0, 4161)])
def test_hole_read_whole_takes_zero_entries_and_no_page(order: int, nodes: int) -> None:
    mapping = sparse(zero_order=order)
    assert mapping.read(0, GIB) == GIB
    assert (mapping.pages, mapping.nodes) == (0, nodes)
    assert mapping.zero_entries == 1 << (18 - order)
    mapping.check()


def test_hole_read_whole_takes_a_page_each_without_zero_entries() -> None:
    mapping = sparse("zero-pages")
    mapping.read(0, GIB)
    assert mapping.pages == 262_144
    assert mapping.zero_entries == 0


def test_hole_read_caches_nothing_under_no_entry() -> None:
    mapping = sparse("no-entry")
    assert mapping.read(0, GIB) == GIB
    assert (mapping.pages, mapping.nodes, mapping.stats["zero_reads"]) == (0, 0, 262_144)


def test_write_splits_the_entry_step_by_step() -> None:
    mapping = sparse()
    mapping.read(0, 1)
    page = 0b101010_101010_101010  # never at the end of a piece
    mapping.write(page << 12, 1)
    assert mapping.folios() == [(page, 0)]
    orders = [order for kind, _, order in mapping.entries() if kind == 3]
    counts = {order: orders.count(order) for order in sorted(set(orders))}
    # 18 -> 17 -> 12 -> 11 -> 6 -> 5 -> 0: of each step all pieces stay but the one that is split on
    assert counts == {0: 31, 5: 1, 6: 31, 11: 1, 12: 31, 17: 1}
    assert mapping.nodes == 4
    assert mapping.pages == 1


@pytest.mark.parametrize(("block", "orders"), [("64K", {4}), ("2M", {9})])
def test_write_allocates_only_the_block(block: str, orders: set[int]) -> None:
    file = pc.File("1G", holes=[(0, "1G")], block=block)
    mapping = pc.Mapping(file=file, holes="zero-entries")
    mapping.read(0, 1)
    mapping.write(GIB // 3, 1)
    assert set(mapping.folios_by_order) == orders
    assert mapping.pages << 12 == pc.inputs.parse_size(block)
    assert file.data_pages == mapping.pages


def test_entry_is_no_larger_than_the_hole_and_its_alignment() -> None:
    mapping = pc.Mapping(file=pc.File("64M", holes=[("20K", "4M")]), holes="zero-entries")
    for page in range(5, 5 + 1024):
        mapping.read(page << 12, 1)
    zero = [(first, order) for kind, first, order in mapping.entries() if kind == 3]
    assert zero[:4] == [(5, 0), (6, 1), (8, 3), (16, 4)]
    assert sum(1 << order for _, order in zero) == 1024
    assert all(first % (1 << order) == 0 for first, order in zero)


def test_pages_written_in_a_hole_are_nowhere_zero_and_all_others_are() -> None:
    mapping = sparse(content=True)
    mapping.read(0, GIB)
    for k in range(0, 262_144, 4099):
        mapping.write(k << 12, 4096, 1 << 40)
    pages = mapping.contents(0, 3 * 4099)
    assert pages[[0, 4099, 8198]].tolist() == [1 << 40, (1 << 40) + 4099, (1 << 40) + 8198]
    assert (pages != 0).sum() == 3


def test_node_of_zero_entries_is_no_node_of_shadows() -> None:
    mapping = pc.Mapping(
        file=pc.File("1M", holes=[("512K", "512K")]), holes="zero-entries", zero_order=0
    )
    mapping.read(0, "1M")
    mapping.evict()
    assert mapping.shadows > 0
    assert mapping.zero_entries == 128
    mapping.invalidate(0, "512K")  # no shadow is left, the node of zero entries is
    assert (mapping.shadows, mapping.zero_entries) == (0, 128)


def test_folio_kept_whole_over_a_punched_hole_is_not_covered_by_a_zero_entry() -> None:
    file = pc.File("4M", prefer_order=9)
    mapping = pc.Mapping(file=file, holes="zero-entries", content=True)
    mapping.write(0, "2M", 1 << 40)
    frame = mapping.pin(0)
    mapping.punch("64K", "1M")
    assert mapping.folios() == [(0, 9)]  # dirty and pinned: not split
    mapping.read("2M", 4096)
    mapping.read(0, "2M")
    assert (mapping.pages, mapping.zero_entries) == (1024, 0)
    assert mapping.contents(15, 2).tolist() == [(1 << 40) + 15, 0]
    mapping.unpin(frame)
    mapping.check()


def extents(name: str) -> tuple[pc.File, int, int]:
    """(a file of those extents, its pages of data, of hole)."""
    path = EXTENTS / f"{name}.csv"
    with path.open(newline="") as stream:
        rows = [(r["kind"], int(r["pages"])) for r in csv.DictReader(stream)]
    data, hole = (sum(pages for kind, pages in rows if kind == one) for one in ("data", "hole"))
    return pc.File.from_extents(path), data, hole


@pytest.mark.parametrize("name", sorted(path.stem for path in EXTENTS.glob("*.csv")))
def test_real_files_read_whole_cache_their_data_and_no_page_of_hole(name: str) -> None:
    file, data, hole = extents(name)
    assert (file.data_pages, file.hole_pages) == (data, hole)
    mapping = pc.Mapping(file=file, holes="zero-entries")
    mapping.read(0, file.size)
    assert mapping.pages == data
    whole = pc.Mapping(file=extents(name)[0])
    whole.read(0, file.size)
    assert whole.pages == data + hole
    covered = sum(1 << order for kind, _, order in mapping.entries() if kind == 3)
    assert covered == hole


@pytest.mark.parametrize("pages", range(1, 131))
def test_zero_entries_never_reach_past_the_end_of_the_file(pages: int) -> None:
    mapping = pc.Mapping(file=pc.File(pages << 12, [(0, pages << 12)]), holes="zero-entries")
    mapping.read(0, pages << 12)
    covered = [(first, first + (1 << order)) for _, first, order in mapping.entries()]
    assert (covered[0][0], covered[-1][1]) == (0, pages)
    assert all(end == start for (_, end), (start, _) in pairwise(covered))
