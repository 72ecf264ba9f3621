"""Gates on the command line: 3 for what is slower than allowed, 0 for the rest, 2 if refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pagecache.cli.compare import Rest
from pagecache.comparing import compare
from pagecache.measure.counting import count
from pagecache.results import Results, write_results

from ..here import workers_here

pytestmark = pytest.mark.usefixtures("in_process")
PAIR = ("--designs", "hugetlb-huge,hugetlb-4k-slots", "--size", "16M", "--events", "populate")
GATED = (*PAIR, "--rounds", "1", "--processes", "6")


@pytest.mark.parametrize(("limit", "code"), [("3%", 3), ("1000000%", 0)])
def test_compare_ends_with_3_if_a_design_is_slower_than_allowed(run, limit, code) -> None:
    ran = run("compare", *GATED, "--fail-above", limit)
    assert ran.code == code
    assert ("Gate: populate of hugetlb-4k-slots" in ran.out) == (code == 3)
    assert ("Gate: nothing is slower" in ran.out) == (code == 0)


def test_baseline_is_the_one_that_is_named(run) -> None:
    assert run("compare", *GATED, "--fail-above", "3%", "--baseline", "hugetlb-4k-slots").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*PAIR, "--processes", "5", "--fail-above", "3%"), "a gate needs 6 processes"),
        ((*PAIR, "--fail-above", "3"), "'3' is no share in percent; give 3%"),
        ((*PAIR, "--fail-above", "-3%"), "expected one argument"),
        ((*PAIR, "--precision", "0%"), "--precision: 0 is out of range; give 0.1% to 99%"),
        ((*PAIR, "--seconds", "0"), "--seconds: 0 is no time; give 1 or more"),
    ],
)
def test_what_no_gate_can_be_is_refused_before_anything_runs(run, arguments, said) -> None:
    ran = run("compare", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_counts_are_shown_and_gated(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(count, "count_instructions", lambda names: None)
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    asked = ("compare", "--counts", "--size", "2M", "--designs", "thp-multi", "--events", "get")
    ran = run(*asked, "--json", old)
    assert (ran.code, "counted, not timed" in ran.out) == (0, True)
    assert run("show", old, old, "--counts").code == 0
    more = json.loads(old.read_text())
    for row in more["results"]:
        row["counts"]["slot_reads"] += 1
    new.write_text(json.dumps(more))
    other = run("show", old, new, "--counts")
    assert (other.code, "slot reads of get of thp-multi" in other.out) == (3, True)
    assert run("show", old, new, "--counts", "--fail-above", "50%").code == 0


@pytest.mark.parametrize("extra", [("--fail-above", "3%"), ("--plot", "out.png")])
def test_counts_have_no_times_to_plot_or_to_gate(run, extra) -> None:
    ran = run("compare", "--counts", *extra)
    assert (ran.code, "--counts: nothing is timed" in ran.err) == (2, True)


@pytest.mark.parametrize(("elapsed", "said"), [(10.0, "50"), (30.0, "30"), (90.0, "0")])
def test_what_remains_follows_from_the_processes_that_ended(elapsed: float, said: str) -> None:
    assert Rest(took=20.0, ended=2, wanted=6).told(elapsed) == f"about {said} s left"


@pytest.fixture(scope="module")
def measured() -> Results:
    with workers_here():
        return compare(["hugetlb-huge"], size="4M", events=["get"], rounds=1, processes=6)


def slowed(results: Results, factor: float, **meta: str) -> Results:
    rows = [
        replace(row, ns_per_event=row.ns_per_event.scaled(factor)) if row.ns_per_event else row
        for row in results
    ]
    return Results({**results.meta, **meta}, rows)


@pytest.mark.parametrize(
    ("factor", "meta", "extra", "code"),
    [
        (1.0, {}, (), 0),
        (100.0, {}, (), 3),
        (100.0, {"transparent_hugepages": "never"}, (), 2),
        (100.0, {"pool": "aged"}, (), 2),
        (100.0, {"caches": "cold"}, (), 2),
        (100.0, {"machine": "another"}, (), 2),
        (100.0, {"machine": "another"}, ("--across-machines",), 3),
    ],
)
def test_show_holds_a_run_against_an_earlier_one(  # noqa: PLR0917 - a table of cases
    run, measured: Results, tmp_path: Path, factor, meta, extra, code
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    write_results(measured, old)
    write_results(slowed(measured, factor, **meta), new)
    assert run("show", old, new, "--fail-above", "3%", *extra).code == code


def test_gate_on_one_result_is_refused(run, measured: Results, tmp_path: Path) -> None:
    write_results(measured, tmp_path / "old.json")
    ran = run("show", tmp_path / "old.json", "--fail-above", "3%")
    assert (ran.code, "name a second one" in ran.err) == (2, True)
