"""Rows measured on a running kernel, and the mappings that are to give the same."""

import csv
import re
from pathlib import Path

import pagecache as pc

LIVE = Path(__file__).parents[1] / "data" / "live-kernel"
FILE_SIZE = 64 << 20


def rows(name: str) -> list[dict[str, str]]:
    with (LIVE / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def orders(text: str) -> dict[int, int]:
    """``0:128 2:64`` as a dict of folios by order."""
    pairs = (part.split(":") for part in text.split())
    return {int(order): int(count) for order, count in pairs}


def runs_of(mapping: pc.Mapping) -> list[tuple[int, int, int]]:
    """(first page, folios, order) of runs of folios of one order, whatever gaps lie between."""
    runs: list[tuple[int, int, int]] = []
    for index, order in mapping.folios():
        if runs and runs[-1][2] == order:
            first, count, _ = runs.pop()
            runs.append((first, count + 1, order))
        else:
            runs.append((index, 1, order))
    return runs


def runs_in(text: str) -> list[tuple[int, int, int]]:
    """``@0 4×o0, @4 5×o2`` as (first page, folios, order)."""
    found = re.findall(r"@(\d+) (\d+)×o(\d+)", text)
    return [(int(first), int(count), int(order)) for first, count, order in found]


def read_all(mapping: pc.Mapping, request: int, size: int = FILE_SIZE, step: int = 0) -> None:
    """pread() of `request` bytes, one after the other or `step` bytes apart."""
    for position in range(0, size, step or request):
        mapping.read(position, request)


def touch_all(mapping: pc.Mapping, size: int = FILE_SIZE, *, write: bool = False) -> None:
    """Touch each page of the mapped file in turn."""
    for index in range(size >> 12):
        assert not mapping.fault(index, write=write) & pc.VmFault.ERROR


def write_all(mapping: pc.Mapping, request: int, size: int) -> None:
    for position in range(0, size, request):
        mapping.write(position, request)
