"""Recorded and published cases: programs, and the folios and marks that they got."""

import csv
import re
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def runs_in(text: str) -> list[tuple[int, int, int]]:
    """``@0 4×o0, @4 5×o2`` as (first page, folios, order)."""
    found = re.findall(r"@(\d+) (\d+)×o(\d+)", text)
    return [(int(first), int(count), int(order)) for first, count, order in found]


def options(row: dict[str, str]) -> dict[str, str | int]:
    """What `pagecache.readahead` is asked for a row."""
    return {
        "accesses": row["accesses"],
        "size": int(row["file_bytes"]),
        "readahead_kb": 4 * int(row["ra_pages"]),
        "max_io_kb": 4 * int(row["io_pages"] or 320),
        "min_order": int(row["min_order"]),
        "max_order": int(row["max_order"]),
    }


def marks_in(text: str) -> list[int]:
    return [int(word) for word in text.split()]
