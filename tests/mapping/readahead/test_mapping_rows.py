"""The same rows through mappings: memory, frames and contents change nothing about the folios."""

from typing import Any

import pytest

import pagecache as pc

from .cases import marks_in, runs_in
from .test_rows import BY_KERNEL, RECORDED

CASES = [("6.18", row) for row in RECORDED] + BY_KERNEL


def run(mapping: pc.Mapping, accesses: str) -> None:
    """Run a program through open file descriptions of a mapping; faults have no page table."""
    file = mapping.open()
    advice: list[str] = []
    for step in accesses.split(";"):
        verb, *words = step.split()
        if verb == "mmap":
            advice = words
        elif verb == "fadvise" and words[0] != "willneed":
            file.advise({"seq": "sequential"}.get(words[0], words[0]))
        elif verb in {"fadvise", "madvise"}:
            file.willneed(*map(int, words[1:]))
        else:
            perform(mapping, file, verb, words, advice)


def perform(mapping: pc.Mapping, file: Any, verb: str, words: list[str], advice: list[str]) -> None:
    times, by = 1, 0
    if len(words) > 2 and words[-2].startswith("x"):
        times, by = int(words[-2][1:]), int(words[-1])
        words = words[:-2]
    numbers = [int(word) for word in words]
    if verb in {"pair", "pairfd"}:
        rounds, length, *positions = numbers
        files = [file if verb == "pair" else mapping.open() for _ in positions]
        for k in range(rounds):
            for one, position in zip(files, positions, strict=True):
                one.read(position + k * length, length)
    elif verb == "pages":
        for page in numbers:
            file.read(page << 12, 4096)
    else:
        for k in range(times):
            if verb == "read" and numbers[0] + k * by >= 0:
                file.read(numbers[0] + k * by, numbers[1])
            for page in numbers if verb == "touch" else ():
                if 0 <= page + k * by < -(-mapping.size >> 12):
                    file.fault(page + k * by, advice=advice)


def mapping_of(kernel: str, row: dict[str, str], **options: Any) -> pc.Mapping:
    least = int(row["min_order"])
    return pc.Mapping(
        file=pc.File(int(row["file_bytes"]), like="xfs", block=4096 << least),
        kernel=kernel,
        readahead_kb=4 * int(row["ra_pages"]),
        max_io_kb=4 * int(row["io_pages"]),
        max_order=int(row["max_order"]),
        **options,
    )


@pytest.mark.parametrize(
    ("kernel", "row"), CASES, ids=lambda v: v if isinstance(v, str) else v["case"]
)
def test_folios_and_marks_are_those_of_the_kernel(kernel: str, row: dict[str, str]) -> None:
    mapping = mapping_of(kernel, row)
    run(mapping, row["accesses"])
    runs: list[tuple[int, int, int]] = []
    end = None
    for index, order in mapping.folios():
        if runs and index == end and runs[-1][2] == order:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, order)
        else:
            runs.append((index, 1, order))
        end = index + (1 << order)
    assert runs == runs_in(row["folios"])
    assert mapping.marked() == marks_in(row["marked"])
    mapping.check()


@pytest.mark.parametrize("lags", [True, False])
@pytest.mark.parametrize("length", [4096, 65536])
def test_two_streams_of_one_description_with_searches_that_lag_or_not(
    length: int, lags: bool
) -> None:
    rules = pc.ReadaheadRules("6.18", scans_lag=lags)
    program = f"pair {(8 << 20) // length} {length} 0 32M"
    alone = pc.readahead(rules=rules, accesses=program, size="64M")
    mapping = pc.Mapping(file=pc.File("64M", like="xfs"), kernel=rules)
    run(mapping, program.replace("32M", str(32 << 20)))
    assert mapping.folios() == alone.folios
    other = pc.ReadaheadRules("6.18", scans_lag=not lags)
    assert pc.readahead(rules=other, accesses=program, size="64M").folios != alone.folios
