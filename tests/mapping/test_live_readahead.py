"""Readahead and writes make the folios that a running kernel made: readahead_orders.csv."""

import ast
import re

import pytest

import pagecache as pc

from .live import FILE_SIZE, read_all, rows, runs_in, runs_of, touch_all, write_all

CHANCE = {("ext4 on a disk, read_ahead_kb 8192", "stride 64K, 4K reads")}
ROWS = [row for row in rows("readahead_orders") if (row["filesystem"], row["access"]) not in CHANCE]


def readahead_kb(filesystem: str) -> int:
    return int(filesystem.split("read_ahead_kb ")[1])


def kilobytes(access: str) -> int:
    found = re.search(r"(\d+)K", access)
    assert found
    return int(found[1]) << 10


def perform(mapping: pc.Mapping, access: str) -> None:
    if access.startswith("mmap"):
        touch_all(mapping)
    elif access.startswith("stride"):
        read_all(mapping, 4096, step=65536)
    elif "WILLNEED" in access:
        mapping.advise("willneed")
    else:
        if "FADV_SEQUENTIAL" in access:
            mapping.advise("sequential")
        read_all(mapping, kilobytes(access))


@pytest.mark.parametrize(
    "row",
    [r for r in ROWS if "write" not in r["access"]],
    ids=lambda r: f"{r['filesystem']}-{r['access']}",
)
def test_reads_make_the_same_folios_at_the_same_places(row: dict[str, str]) -> None:
    like = row["filesystem"].split()[0]
    mapping = pc.Mapping(
        file=pc.File(FILE_SIZE, like=like), readahead_kb=readahead_kb(row["filesystem"])
    )
    perform(mapping, row["access"])
    expected = runs_in(row["folios"])
    found = runs_of(mapping)
    assert expected
    assert found[: len(expected)] == expected
    assert len(found) == len(expected) or row["folios"].endswith("...")


@pytest.mark.parametrize(
    "row",
    [r for r in ROWS if "write" in r["access"]],
    ids=lambda r: f"{r['filesystem']}-{r['access']}",
)
def test_writes_make_the_same_folios(row: dict[str, str]) -> None:
    like = row["filesystem"].split()[0]
    mapping = pc.Mapping(file=pc.File("16M", holes=[(0, "16M")], like=like))
    write_all(mapping, kilobytes(row["access"]), 16 << 20)
    expected = {int(order): count for order, count in ast.literal_eval(row["folios"]).items()}
    assert mapping.folios_by_order == expected
