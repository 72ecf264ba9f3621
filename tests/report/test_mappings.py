"""Tables and sentences of mappings, from results made by hand."""

from dataclasses import replace

import pytest

from pagecache.report.mappings import counted_cells, mapping_sentences
from pagecache.report.render import to_html, to_text
from pagecache.report.table import Panel, panels_of
from pagecache.results import Result, Results

COUNTED = {
    "folios_by_order": {"4": 1024},
    "zero_entries": 0,
    "shadows": 0,
    "frames": 16384,
    "attempts": 1024,
    "failures": 0,
    "fallbacks": 0,
    "reads": 1024,
    "oom_share": 0.0,
    "writes": 512,
    "writes_refused": 0,
    "pages_written": 16384,
    "nodes_written": 261,
}
CHOICES = {"design": "thp-multi"}


@pytest.fixture
def row(make_result):
    """A result of a mapping of 64 MiB; `counted` is changed by keyword."""

    def make(
        name: str, event: str, ns: float, ratio: float = 1.0, *, pages=16384, nodes=261, **counted
    ):
        return make_result(
            name,
            event,
            ns,
            (ratio, ratio * 0.99, ratio * 1.01),
            baseline="a",
            panel="mappings",
            input="64 MiB",
            pages=pages,
            nodes=nodes,
            folios=1024,
            choices=CHOICES,
            counted={**COUNTED, **counted},
        )

    return make


@pytest.fixture
def three(row, make_result) -> Results:
    sparse = {"pages": 8192, "nodes": 5, "zero_entries": 2, "pages_written": 8704,
              "nodes_written": 140}  # fmt: skip
    short = {"pages": 4096, "nodes": 65, "oom_share": 0.75, "writes_refused": 128}
    results = [
        row(name, event, ns * factor, factor, **counted)
        for event, ns in (("cached-read", 20.0), ("fill", 10.0), ("first-write", 100.0))
        for name, factor, counted in (("a", 1.0, {}), ("b", 2.0, sparse), ("c", 0.5, short))
    ]
    clearing = make_result("(clearing)", "fill", 100.0, (10, 10, 10), input="64 MiB")
    return Results({}, [*results, clearing])


def panel_of(results: Results) -> Panel:
    (panel,) = panels_of(results)
    return panel


def test_sentences_have_the_numbers_of_the_results(three: Results) -> None:
    assert mapping_sentences(panel_of(three)) == [
        "No memory for 75 % of the reads in c, 25 % of the first writes in c: what was timed there "
        "is less work.",
        "b takes 32.0 MiB (8,192 pages, 5 nodes); a 64.1 MiB (16,384 pages, 261 nodes), 2.00 times "
        "as much.",
        "Reading a page that is cached takes 20 ns in a; b takes 2.0 times as long (2.0 to 2.0), c "
        "takes 0.50 times as long (0.49 to 0.51).",
        "To read a GiB for the first time takes 2.6 ms in a and 5.2 ms in b, without the disk; to "
        "clear a GiB of pages takes 26 ms.",
        "The first write to a page of a hole that was read takes 100 ns in a; b takes 2.0 times as "
        "long (2.0 to 2.0).",
        "512 first writes left b with 8,704 pages and 140 nodes.",
    ]


def test_counts_have_a_table_of_their_own(three: Results) -> None:
    rows = [counted_cells(row) for row in panel_of(three).designs]
    assert rows[0] == ["a", "16,384", "4: 1,024", "0", "16,384", "1,024", "0", "-"]
    assert rows[2][-1] == "75 %"
    for text in (to_text(three), to_html(three)):
        assert "folios by order" in text
        assert "slots a folio" not in text


def test_of_many_rows_the_least_and_the_most_are_told(row) -> None:
    results = [row("a", "cached-read", 20.0)]
    results += [row(f"r{k}", "cached-read", 20.0 * k, float(k)) for k in range(2, 9)]
    (_, told) = mapping_sentences(panel_of(Results({}, results)))
    assert "r2 takes 2.0 times" in told
    assert "r8 takes 8.0 times" in told
    assert "r5" not in told


def test_baseline_without_memory_is_no_measure_of_first_writes(row) -> None:
    results = [
        row("a", "first-write", 10.0, writes_refused=512),
        row("b", "first-write", 90.0, 9.0),
    ]
    told = mapping_sentences(panel_of(Results({}, results)))
    assert told[-1] == "The first write to a page of a hole that was read takes 90 ns in b."


def test_results_of_old_json_have_no_choices(make_result) -> None:
    old = Results({}, [make_result()]).to_dict()
    for result in old["results"]:
        del result["choices"], result["counted"]
    (again,) = Results.from_dict(old).results
    assert (again.choices, again.counted) == (None, None)
    assert isinstance(replace(again, choices={}), Result)
