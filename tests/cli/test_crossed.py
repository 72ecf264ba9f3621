"""``compare`` of mappings: the choices crossed, from arguments to table, JSON and back."""

import json
import os
import shlex
from pathlib import Path

import pytest

import pagecache as pc

pytestmark = pytest.mark.usefixtures("in_process")
QUICK = ("--rounds", "1", "--processes", "1")
CROSSED = ("--holes", "zero-pages,zero-entries", "--alloc", "compound,fallback", "--block", "64K")
ROWS = [
    "thp-multi zero-pages compound",
    "thp-multi zero-pages fallback",
    "thp-multi zero-entries compound",
    "thp-multi zero-entries fallback",
]


def test_choices_crossed_give_a_table_sentences_and_json(run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    given = ("--size", "16M", "--hole-share", "75%", "--fragment", "keep-one-of:8:100%")
    ran = run("compare", *CROSSED, *given, *QUICK, "--json", out)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("16 MiB, 75 % hole, keep-one-of:8:100%\n")
    results = [r for r in json.loads(out.read_text())["results"] if r["event"] == "fill"]
    rows = {result["design"]: result for result in results if result["counted"]}
    assert [name for name in rows if name in ROWS] == ROWS
    assert [rows[name]["pages"] for name in ROWS] == [0, 4096, 0, 1024]
    assert [rows[name]["counted"]["oom_share"] for name in ROWS] == [1, 0, 0.25, 0]
    assert rows[ROWS[3]]["choices"] == {
        "design": "thp-multi",
        "holes": "zero-entries",
        "alloc": "fallback",
        "entries": "pointers",
        "block": "64K",
    }
    assert rows[ROWS[3]]["counted"]["folios_by_order"] == {"2": 256}
    assert "No memory for 100 % of the reads in thp-multi zero-pages compound" in ran.out
    again = run("show", out)
    assert (again.code, again.out) == (0, ran.out)
    assert run("show", out, out).code == 0


def test_from_python_the_same_names_are_taken() -> None:
    found = pc.compare(
        ["thp-multi", "base-4k"],
        entries=["pointers"],
        size="8M",
        hole_share=0,
        events=["fill", "truncate"],
        rounds=1,
        processes=1,
    )
    rows = {(r.design, r.event): r.pages for r in found if r.is_design}
    events = ("fill", "truncate")
    assert rows == {(name, e): 2048 for name in ("thp-multi", "base-4k") for e in events}
    assert "2: " in repr(found)
    assert "<table>" in found._repr_html_()


def test_real_file_with_a_hole_is_measured(run, tmp_path: Path) -> None:
    path, out = tmp_path / "sparse.img", tmp_path / "out.json"
    with path.open("wb") as file:
        file.write(os.urandom(65536))
        file.truncate(4 << 20)
    ran = run("compare", path, "--holes", "zero-entries,no-entry", *QUICK, "--json", out)
    assert ran.code == 0
    results = json.loads(out.read_text())["results"]
    assert {r["pages"] for r in results if r["choices"]} == {16}
    zero = {r["design"]: r["counted"]["zero_entries"] for r in results if r["choices"]}
    assert zero == {"thp-multi zero-entries": 6, "thp-multi no-entry": 0}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            ("--holes", "zero-page"),
            "--holes: unknown hole policy 'zero-page'; did you mean zero-pa",
        ),
        (
            ("--alloc", "fallbck"),
            "--alloc: unknown policy 'fallbck'; did you mean fallback? known",
        ),
        (
            ("--entries", "pfn"),
            "--entries: unknown kind of entries 'pfn'; did you mean pfns? known",
        ),
        (("--block", "48K"), "--block: '48K' is no power of two from 4K on; write 4K, 16K or 64K"),
        (("--block", "4M"), "--block: '4M' is above the largest folio, 2M; give 2M or less"),
        (
            ("--alloc", "huge-pool"),
            "thp-multi does not go with policy 'huge-pool'; use pages, comp",
        ),
        (("--holes", ","), "--holes: none given; known: zero-pages, zero-entries, no-entry"),
        (("--block", ","), "--block: none given; write 4K, 16K or 64K"),
        (
            ("--holes", "no-entry", "--events", "get"),
            "--events: unknown event 'get'; known: cached-",
        ),
        (
            ("--holes", "no-entry", "--orders", "2"),
            "--orders: it forces the folios of bare indexes",
        ),
        (
            ("--holes", "no-entry", "--trace", "x"),
            "--trace: it says nothing of holes; give mapping",
        ),
        (
            ("--holes", "no-entry", "--caches", "cold"),
            "--caches: mappings are measured hot, not co",
        ),
        (
            ("--holes", "no-entry", "--baseline", "x"),
            "--baseline: x is not among the rows: thp-mul",
        ),
        (
            ("--holes", "no-entry", "--memory", "1"),
            "--memory: '1' is no multiple of a page of 4096",
        ),
        (
            ("--holes", "no-entry", "--hole-share", "2"),
            "--hole-share: '2' is not a share; give 0% to ",
        ),
        (
            ("--holes", "no-entry", "--fragment", "x"),
            "--fragment: unknown pattern 'x': every-other",
        ),
        (
            ("--holes", "no-entry", "--size", "1T"),
            "--size: mappings are measured up to 64 GiB; giv",
        ),
        (
            ("--holes", "no-entry", "--size", "0"),
            "--size: '0' is not above zero; write 4096, 5",
        ),
        (
            ("--memory", "4G"),
            "--memory: it is for mappings; give --holes, --alloc, --entries or --",
        ),
    ],
)
def test_bad_input_is_one_line_before_anything_runs(refused, given, line) -> None:
    assert refused("compare", *given).startswith(line)


@pytest.mark.parametrize(
    ("design", "given", "line"),
    [
        (
            "base-4k",
            ("--holes", "zero-entries", "--block", "64K"),
            "zero-entries do not go with ba",
        ),
        ("base-4k", ("--entries", "pfns"), "entries='pfns' do not go with base-4k; use thp-multi"),
        (
            "hugetlb-huge",
            ("--block", "2M"),
            "hugetlb-huge indexes hugetlbfs files, which leave no ",
        ),
        (
            "thp-mutli",
            ("--block", "4K"),
            "--designs: unknown design 'thp-mutli'; did you mean thp-",
        ),
    ],
)
def test_design_that_does_not_fit_is_refused(refused, design, given, line) -> None:
    assert refused("compare", "--designs", design, *given).startswith(line)


def test_empty_file_is_refused(refused, tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    line = refused("compare", "--holes", "no-entry", path)
    assert line == f"{path}: it is empty; name a file with a size"


def test_counts_in_the_documentation_are_those_of_its_command(run, tmp_path: Path) -> None:
    docs = Path(__file__).parents[2] / "docs"
    kept, out = docs / "results" / "scattered.json", tmp_path / "out.json"
    command, _, _ = (docs / "files.md").read_text().partition("--json docs/results/scattered.json")
    asked = shlex.split(command.rpartition("\npagecache ")[2].replace("\\\n", " "))
    assert run(*asked, *QUICK, "--json", out).code == 0
    assert counts(out) == counts(kept)
    assert len(counts(kept)) == 20  # four rows and A/A, four events each


def counts(path: Path) -> dict[tuple[str, str], object]:
    """(design, event) to what was counted, of the designs' own rows."""
    return {
        (row["design"], row["event"]): (row["nodes"], row["pages"], row["counted"])
        for row in json.loads(path.read_text())["results"]
        if row["counted"]
    }
