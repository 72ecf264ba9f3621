"""Folios of code before and after executable mappings got a rule, as Roberts' table of 2025 has it.

His are an arm64 machine after boot, with nginx and with redis; ours are faults of two recorded
programs. They agree in direction and, within some points, in size; no number can be the same.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

import pagecache as pc
from pagecache.inputs.programs import TOUCHES, read_program

PUBLISHED = Path(__file__).parents[2] / "data" / "published" / "exec_text_folios_roberts.csv"
TABLE = {row["bucket"]: row for row in csv.DictReader(PUBLISHED.read_text().splitlines())}
WHERE = ("boot", "nginx", "redis")
ARM64 = 4  # order of the folios that its page tables map as one: 64 KiB
BUCKETS = {0: "base-page-4kB", 2: "thp-aligned-16kB", ARM64: "thp-aligned-64kB"}
POINTS = 10  # by which ours may lie outside of what the three places span


def published(order: int, when: str) -> list[int]:
    """Per cent of the text in folios of that order, in each place."""
    return [int(TABLE[BUCKETS[order]][f"{where}_{when}"]) for where in WHERE]


def shares(trace: str, kernel: str) -> dict[int, float]:
    """Per cent of the pages that a program's faults cache, by the order of their folio."""
    pages = np.zeros(10)
    for file in read_program(trace).files:
        touched = file.steps[file.steps[:, 0] == TOUCHES, 2].tolist()
        if touched:
            accesses = f"mmap exec; touch {' '.join(map(str, touched))}"
            found = pc.readahead(kernel, accesses, file.size, exec_order=ARM64)
            for order, folios in found.by_order.items():
                pages[order] += folios << order
    return {order: 100 * pages[order] / pages.sum() for order in BUCKETS}


@pytest.mark.parametrize("trace", ["python_import_numpy", "lmdb_stat_random"])
def test_code_moves_from_16_to_64_kib_as_published(trace: str) -> None:
    before, after = shares(trace, "6.16"), shares(trace, "6.17")
    for order in BUCKETS:
        rise = min(published(order, "after")) > max(published(order, "before"))
        assert (after[order] > before[order]) == rise
    assert max(before, key=lambda order: before[order]) == 2
    assert max(after, key=lambda order: after[order]) == ARM64
    for found, when in ((before, "before"), (after, "after")):
        least, most = min(published(ARM64, when)), max(published(ARM64, when))
        assert least - POINTS <= found[ARM64] <= most + POINTS


def test_published_places_agree_among_themselves() -> None:
    """What the test above takes from the table: 16 KiB leads before, 64 KiB after."""
    for when, leads in (("before", 2), ("after", ARM64)):
        columns = zip(*(published(order, when) for order in BUCKETS), strict=True)
        assert [list(BUCKETS)[np.argmax(column)] for column in columns] == [leads] * len(WHERE)
