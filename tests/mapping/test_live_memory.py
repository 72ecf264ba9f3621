"""Files filled as in index_memory.csv have the nodes, pages, shadows and folios measured."""

import random

import pytest

import pagecache as pc

from .live import orders, read_all, rows, touch_all, write_all

CHANCE = ("default RA", "randread_10%", "randread_1%")
ROWS = [row for row in rows("index_memory") if not any(c in row["design.populate"] for c in CHANCE)]
HUGE = {"tmpfs_always": 9, "tmpfs_within": 9, "tmpfs_never": 0, "memfd_plain": 0}


def make(design: str, size: int, populate: str) -> pc.Mapping:
    """An empty cache of such a file.  ext4 was measured with read_ahead_kb 8192."""
    if design.startswith("hugetlb"):
        return pc.Mapping("hugetlb-4k-multi", file=pc.File(size, like="hugetlbfs"))
    if design == "ext4":
        holes = [(0, size)] if populate.startswith("sparse") else []
        return pc.Mapping(file=pc.File(size, holes=holes), readahead_kb=8192)
    return pc.Mapping(file=pc.File(size, like="tmpfs", prefer_order=HUGE[design]))


def read_at_random(mapping: pc.Mapping, size: int) -> None:
    """Every page once, in any order, by single calls in one loop."""
    pages = list(range(size >> 12))
    random.Random(1).shuffle(pages)
    mapping.advise("random")
    mapping.run(["read"] * len(pages), pages, [1] * len(pages))


def perform(mapping: pc.Mapping, populate: str, size: int) -> None:
    if "fallocate" in populate:
        mapping.fallocate(0, size)
    elif "write" in populate:
        write_all(mapping, (1 << 20) if "1M" in populate else 4096, size)
    elif "mmap" in populate:
        touch_all(mapping, size)
    elif "randread_all" in populate:
        read_at_random(mapping, size)
    elif populate == "sparse_pread":
        read_all(mapping, 1 << 20, size)
    else:
        read_all(mapping, 4096 if "4K" in populate else 128 << 10, size)
    if "PAGEOUT" in populate:
        mapping.evict()


def named(row: dict[str, str]) -> str:
    return f"{row['design.populate']}-{row['size']}"


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_same_nodes_pages_shadows_and_folios(row: dict[str, str]) -> None:
    design, populate = row["design.populate"].split(".")
    size = pc.inputs.parse_size(row["size"])
    mapping = make(design, size, populate)
    perform(mapping, populate, size)
    assert mapping.nodes == int(row["kernel_nodes"])
    assert mapping.pages == int(row["pages"])
    assert mapping.shadows == int(row["shadows"])
    assert mapping.folios_by_order == orders(row["folio_orders"])
