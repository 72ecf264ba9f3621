"""Tables and sentences of threads, from results made by hand."""

from dataclasses import replace

import pytest

from pagecache.report.render import to_html, to_text
from pagecache.results import Interval, Result, Results

TOLD = {
    "p50_ns": 58.8,
    "p99_ns": 166.0,
    "p999_ns": 405.0,
    "clock_ns": 15.2,
    "retries": 0.0000123,
    "absent": 0.0,
    "fallbacks": 0.0,
    "cpu_share": 1.0,
}


@pytest.fixture(name="results")
def made_results(make_result) -> Results:
    def row(design: str, threads: int, ns: float, scaling: float) -> Result:
        result = make_result(design, ns=ns, ratio=(ns / 40, ns / 40, ns / 40))
        return replace(
            result,
            panel="threads",
            input="hot-2M 2 GiB by threads",
            baseline="base-4k cas x1",
            threads=threads,
            references="cas",
            pattern="hot-2M",
            scaling=Interval(scaling, scaling - 0.01, scaling + 0.01),
            readers=TOLD,
        )

    rows = [
        row("base-4k", 1, 40.0, 1.0),
        row("base-4k", 2, 80.0, 1.0),
        row("thp-multi", 1, 38.0, 1.0),
        row("thp-multi", 2, 160.0, 0.48),
    ]
    return Results({"processors": "processors 1, 0, a core each"}, rows)


def test_table_has_a_line_for_each_number_of_threads(results: Results) -> None:
    lines = to_text(results).splitlines()
    heads = "row ns x M/s scaling p50 p99 p99.9 retries fell back"
    assert lines[2].split() == heads.split()
    assert " ".join(lines[4].split()) == "base-4k cas x1 40.0 1.00 25.0 58.8 166 405 12.3 ppm 0"
    assert (
        " ".join(lines[7].split()) == "thp-multi cas x2 160 4.0 12.5 0.48 58.8 166 405 12.3 ppm 0"
    )


def test_sentences_tell_scaling_and_who_is_fastest_then(results: Results) -> None:
    text = " ".join(to_text(results).split())
    assert (
        "2 threads manage of one thread's gets: base-4k cas 1.00 times (0.99 to 1.01), "
        "thp-multi cas 0.48 times (0.47 to 0.49)." in text
    )
    assert (
        "With one thread a get is fastest in thp-multi cas (38 ns), with 2 threads in base-4k cas "
        "(80 ns against 160 ns)." in text
    )
    assert "of which to time nothing takes 15.2" in text
    assert "threads to processors 1, 0, a core each" in text


def copied(results: Results, costs: dict[str, tuple[float, float]]) -> str:
    """The text where copies cost so many ns under cas and without a reference."""
    like, kept = results.results[0], ("cas", "none")
    results.results[:] = [
        replace(like, event=event, references=protocol, ns_per_event=Interval(ns, ns, ns))
        for event, both in costs.items()
        for protocol, ns in zip(kept, both, strict=True)
    ]
    return " ".join(to_text(results).split())


def test_break_even_of_a_copy_lies_between_two_lengths(results: Results) -> None:
    text = copied(results, {"copy-64": (30.0, 20.0), "copy-1024": (40.0, 60.0)})
    assert "On one thread a copy costs as much as under cas: base-4k none at 384 bytes." in text


def test_break_even_beyond_what_was_copied_is_said(results: Results) -> None:
    text = copied(results, {"copy-64": (30.0, 20.0), "copy-1024": (40.0, 39.0)})
    assert "base-4k none at over 1024 bytes." in text


def test_same_order_is_no_reversal(results: Results) -> None:
    last = results.results[3]
    assert last.ns_per_event is not None
    results.results[3] = replace(last, ns_per_event=Interval(70.0, 70.0, 70.0))
    assert "is fastest" not in to_text(results)


def test_row_that_was_not_measured_has_dashes(results: Results) -> None:
    results.results[3] = replace(
        results.results[3], ns_per_event=None, ratio=None, scaling=None, readers=None
    )
    assert to_text(results).splitlines()[7].split()[3:] == ["-"] * 9


def test_writers_have_a_table_of_their_own(results: Results) -> None:
    lock = {
        "rate": 499.0,
        "refused": 1.0,
        "p50_ns": 1300.0,
        "p90_ns": 1400.0,
        "p99_ns": 1500.0,
        "p999_ns": 1600.0,
        "max_ns": 9000.0,
    }
    long = {**lock, "p50_ns": 39000.0}
    for number, held in ((1, long), (3, lock)):
        row = replace(results.results[number], writer="truncate@500", lock=held)
        results.results[number] = row
    lines = [" ".join(line.split()) for line in to_text(results).splitlines()]
    assert "row done/s refused/s p50 p90 p99 p99.9 max us absent" in lines
    assert "thp-multi cas x2 +truncate@500 499 1.00 1.30 1.40 1.50 1.60 9.00 0" in lines
    assert (
        "The writer holds the lock longest in base-4k cas x2 +truncate@500 (39 us at the median), "
        "30 times as long as in thp-multi cas x2 +truncate@500 (1.3 us)." in " ".join(lines)
    )
    assert "<th>done/s</th>" in to_html(results)


def test_notebook_has_the_table(results: Results) -> None:
    assert "<td>thp-multi cas x2</td><td>160</td>" in to_html(results)
