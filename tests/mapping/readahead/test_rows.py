"""Folios and marks of recorded kernels, from the rules: exactly those, at the same places."""

import re

import pytest

import pagecache as pc
from pagecache.mapping.readahead.kernels import RELEASES

from .cases import marks_in, options, rows, runs_in

RECORDED = rows("readahead/recorded_6.18")
BY_KERNEL = [
    (kernel, row) for row in rows("readahead/by_kernel") for kernel in row["kernels"].split()
]
CHANCE = ("ext4 on a disk, read_ahead_kb 8192", "stride 64K, 4K reads")  # pages no read explains
LIVE = [
    row
    for row in rows("live-kernel/readahead_orders")
    if "write" not in row["access"] and (row["filesystem"], row["access"]) != CHANCE
]
DUMPS = rows("readahead/published_dumps")
HISTOGRAMS = rows("readahead/published_histograms")
PATCHED = {  # on 6.16: none of these was released as it stands
    "6.16 + Roberts 1/5": {"grow_every_fill": False},
    "6.16 + Roberts 1-2/5": {"grow_every_fill": False, "end_aligned": True},
}


def check(row: dict[str, str], rules: pc.ReadaheadRules) -> None:
    found = pc.readahead(rules=rules, **options(row))  # type: ignore[arg-type]
    assert found.runs == runs_in(row["folios"])
    assert found.marked == marks_in(row["marked"])


def test_all_cases_are_there() -> None:
    assert (len(RECORDED), len(rows("readahead/by_kernel")), len(BY_KERNEL)) == (53, 178, 562)


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: row["case"])
def test_recorded_on_a_running_kernel(row: dict[str, str]) -> None:
    check(row, pc.ReadaheadRules(row["kernel"]))


@pytest.mark.parametrize(
    ("kernel", "row"), BY_KERNEL, ids=lambda v: v if isinstance(v, str) else v["case"]
)
def test_by_kernel(kernel: str, row: dict[str, str]) -> None:
    check(row, pc.ReadaheadRules(kernel))


@pytest.mark.parametrize("row", DUMPS, ids=lambda row: row["case"])
def test_published_dumps(row: dict[str, str]) -> None:
    release = row["kernel"].split()[0]
    check(row, pc.ReadaheadRules(release, **PATCHED.get(row["kernel"], {})))


@pytest.mark.parametrize("kernel", ["6.6", "6.8"])
def test_histograms_of_the_2024_regression(kernel: str) -> None:
    table = [row for row in HISTOGRAMS if row["kernel"].startswith(kernel)]
    found = pc.readahead(kernel, table[0]["accesses"], "12G")
    allocated = {int(row["order"]): int(row["folios_allocated_by_rules"]) for row in table}
    cached = {int(row["order"]): int(row["folios_cached_by_rules"]) for row in table}
    assert found.allocated == {order: count for order, count in allocated.items() if count}
    assert found.by_order == {order: count for order, count in cached.items() if count}


def test_published_histograms_differ_by_other_files_alone() -> None:
    """21 folios of order 0, of other files, are in both of the published columns."""
    for row in HISTOGRAMS:
        others = 21 if row["order"] == "0" else 0
        published, ours = row["folios_allocated_published"], row["folios_allocated_by_rules"]
        assert int(published) - int(ours) == others


def live_program(access: str) -> str:
    size = 64 << 20
    if access.startswith("mmap"):
        return f"mmap; touch 0 x{size >> 12} 1"
    if access.startswith("stride"):
        return f"read 0 4096 x{size >> 16} 65536"
    if "WILLNEED" in access:
        return "fadvise willneed"
    found = re.search(r"(\d+)K", access)
    assert found
    request = int(found[1]) << 10
    advice = "fadvise seq; " if "FADV_SEQUENTIAL" in access else ""
    return f"{advice}read 0 {request} x{size // request} {request}"


def live_devices(filesystem: str) -> dict[str, int]:
    """ext4 as described; btrfs reads 1024 pages ahead, and has no large folios."""
    if filesystem.startswith("btrfs"):
        return {"readahead_kb": 4096, "max_order": 0}
    kb = int(filesystem.split("read_ahead_kb ")[1])
    return {"readahead_kb": kb, "max_io_kb": 1280 if "loop" in filesystem else 8192}


@pytest.mark.parametrize("row", LIVE, ids=lambda row: f"{row['filesystem']}-{row['access']}")
def test_another_running_kernel(row: dict[str, str]) -> None:
    found = pc.readahead(
        "6.18", live_program(row["access"]), "64M", **live_devices(row["filesystem"])
    )
    expected = runs_in(row["folios"])
    runs = without_gaps(found.runs)
    assert runs[: len(expected)] == expected
    assert len(runs) == len(expected) or row["folios"].endswith("...")


def without_gaps(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Runs of one order as one, whatever lies between: as these rows were written."""
    joined: list[tuple[int, int, int]] = []
    for first, count, order in runs:
        if joined and joined[-1][2] == order:
            joined[-1] = (joined[-1][0], joined[-1][1] + count, order)
        else:
            joined.append((first, count, order))
    return joined


def test_two_streams_of_one_description_and_what_a_fix_would_give() -> None:
    for length, lagging, fixed in (
        (4096, (1654, 1062), (159, 12)),
        (65536, (1836, 1408), (239, 96)),
    ):
        program = f"pair {(8 << 20) // length} {length} 0 32M"
        for lags, expected in ((True, lagging), (False, fixed)):
            rules = pc.ReadaheadRules("6.18", scans_lag=lags)
            found = pc.readahead(rules=rules, accesses=program, size="64M")
            assert (len(found.order), found.by_order[0]) == expected


@pytest.mark.parametrize("kernel", RELEASES)
def test_every_release_reads_what_is_asked(kernel: str) -> None:
    found = pc.readahead(kernel, "read 0 4096 x100 4096; mmap; touch 300 x20 3", "2M")
    cached = {page for index, order in found.folios for page in range(index, index + (1 << order))}
    assert {*range(100), *range(300, 360, 3)} <= cached
    assert found.pages_used == 120
    assert found.pages_unused == found.pages - 120
