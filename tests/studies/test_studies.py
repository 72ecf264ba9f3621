"""The studies that have no file of their own: counts, scopes and sizes, and the list of all."""

from pathlib import Path

import pytest

from pagecache.studies import STUDIES
from pagecache.studies.scopes import EXAMPLE

DOCS = Path(__file__).parents[2] / "docs"


OPTIONS = {"attack": ["--width", "4"], "page-size": [str(Path(__file__).parent)]}


ELSEWHERE = {"blocks"}  # test_blocks.py: it wants a sweep


def test_studies_are_listed_and_each_runs(run) -> None:
    listed = run("study")
    assert (listed.code, listed.err) == (0, "")
    for name, (_, text) in STUDIES.items():
        assert f"{name:13} {text}" in listed.out
        if name in ELSEWHERE:
            continue
        ran = run("study", name, *OPTIONS.get(name, []))
        assert (ran.code, ran.err) == (0, "")
        assert ran.out


def test_unknown_study_names_all(run) -> None:
    ran = run("study", "scope")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("pagecache: NAME: invalid choice: 'scope' (choose from")


def test_example_of_scopes_is_the_one_of_the_docs_and_its_answer(run) -> None:
    ran = run("study", "scopes")
    assert "deadlock: alloc buffer in read_block under ILOCK with GFP_KERNEL" in ran.out
    rows = [line.split() for line in ran.out.splitlines()]
    assert ["one", "scope", "a", "lock", "2", "2", "0", "0", "0"] in rows
    page = DOCS / "allocation-scopes.md"
    if page.exists():  # docs/ is not part of the distribution
        text = page.read_text().replace("    ... ", "")
        assert EXAMPLE.strip() in text


def test_chains_of_a_file_are_judged_and_its_bad_line_named(run, tmp_path: Path) -> None:
    path = tmp_path / "chains"
    path.write_text("create\n    alloc block GFP_KERNEL\n")
    ran = run("study", "scopes", path)
    assert ran.code == 0
    assert ran.out.startswith("Found:\n\nnothing found\n")
    path.write_text("create\n    allocate block\n")
    ran = run("study", "scopes", path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"pagecache: {path}:2: 'allocate block' is not a step; ")
    assert run("study", "scopes", tmp_path / "missing").code == 2


@pytest.mark.parametrize(
    "row",
    [
        "made 1 0 0",
        "the page cache takes a reference a page 513 0 0",
        "one process maps the whole folio 514 1 1 the first",
        "a third one maps page 3 516 3 3",
        "the page cache drops it 4 3 3",
        "page 3 is unmapped once too often 2 1 1 refused: frame 3 is not mapped by itself",
        "the last reference is put, still mapped 1 1 1 refused: bad page: frame 0 is mapped, and "
        "its last reference was to be put; unmap it first",
        "the whole folio is unmapped 0 - - the last",
    ],
)
def test_life_of_a_folio_is_counted_step_by_step(run, row: str) -> None:
    assert row in [" ".join(line.split()) for line in run("study", "counts").out.splitlines()]


@pytest.mark.parametrize(
    "row",
    [
        "1,000 64 64,000 64,000",
        "1,152,921,504,606,846,976 64 0 2^64 - 1",
        "64 B in one piece refused",
        "12 KiB in one piece page by page",
        "5 MiB page by page page by page",
        "2 GiB refused refused",
        "1 MiB a block of order 8 256 frames, 1 page table",
        "5 MiB 1,280 frames, 3 page tables 1,280 frames, 3 page tables",
    ],
)
def test_sizes_are_asked_for_and_answered(run, row: str) -> None:
    assert row in [" ".join(line.split()) for line in run("study", "sizes").out.splitlines()]
