"""Punches and truncates leave the folios and nodes that a running kernel had: splits.csv."""

import re

import pytest

import pagecache as pc

from .live import FILE_SIZE, orders, read_all, rows

START = 4 << 20  # "a 2 MB folio" of the rows
FOLIO = 2 << 20


def filled(design: str) -> pc.Mapping:
    """The 64 MiB file of a row, as it was before the operation."""
    if design == "hugetlb":
        mapping = pc.Mapping("hugetlb-4k-multi", file=pc.File(FILE_SIZE, like="hugetlbfs"))
        mapping.fallocate(0, FILE_SIZE)
    elif design == "ext4":
        mapping = pc.Mapping(file=pc.File(FILE_SIZE), readahead_kb=8192)
        read_all(mapping, 128 << 10)
    else:
        prefer = 0 if design == "4k" else 9
        mapping = pc.Mapping(file=pc.File(FILE_SIZE, like="tmpfs", prefer_order=prefer))
        if design == "thp_fallocated":
            mapping.fallocate(0, FILE_SIZE)
        else:
            for position in range(0, FILE_SIZE, 1 << 20):
                mapping.write(position, 1 << 20)
    return mapping


def perform(mapping: pc.Mapping, operation: str) -> None:
    page = re.fullmatch(r"punch page (\d+) of a 2 MB folio", operation)
    if page:
        mapping.punch(START + (int(page[1]) << 12), 4096)
    elif operation == "punch 64 KB at 64 KB":
        mapping.punch(START + (64 << 10), 64 << 10)
    elif operation == "punch 1 MB at 0":
        mapping.punch(START, 1 << 20)
    elif operation == "punch page 0 of every folio":
        for position in range(0, FILE_SIZE, FOLIO):
            mapping.punch(position, 4096)
    elif operation == "punch every other page of one folio":
        for position in range(START, START + FOLIO, 8192):
            mapping.punch(position, 4096)
    else:
        assert operation == "ftruncate to 4 MB + 4 KB"
        truncate(mapping)


def truncate(mapping: pc.Mapping) -> None:
    if mapping.file.filesystem.huge:
        with pytest.raises(pc.InputError, match="no multiple of the huge page"):
            mapping.truncate(START + 4096)
    else:
        mapping.truncate(START + 4096)


def both(text: str) -> list[str]:
    """What was before and after the arrow."""
    return [part.strip() for part in text.split("→")]


@pytest.mark.parametrize("row", rows("splits"), ids=lambda r: f"{r['design']}-{r['operation']}")
def test_same_folios_and_nodes(row: dict[str, str]) -> None:
    mapping = filled(row["design"])
    state = [(mapping.nodes, mapping.pages, mapping.folios_by_order)]
    perform(mapping, row["operation"])
    state.append((mapping.nodes, mapping.pages, mapping.folios_by_order))
    mapping.check()
    nodes, pages, folios = zip(*state, strict=True)
    assert [str(n) for n in nodes] == both(row["nodes_before_after"])
    assert [str(n) for n in pages] == both(row["pages_before_after"])
    assert list(folios) == [orders(part) for part in both(row["orders_before_after"])]
