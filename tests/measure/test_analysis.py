"""From hand-made records to results and doubts."""

from typing import Any

import pytest

from pagecache.measure.analysis import CaseRecords, doubts_of, results_of
from pagecache.measure.bench import IndexCase
from pagecache.measure.case import Row
from pagecache.measure.intervals import interval
from pagecache.results import Interval, Result

QUIET = {
    "seconds": 1.0,
    "clock_ns": 0.3,
    "steal_s": 0.0,
    "switches": 0,
    "major_faults": 0,
    "minor_faults": 0,
}
TWO = ("hugetlb-huge", "hugetlb-4k-multi")
ROWS = (*TWO, "(harness)", "(A/A)")
NODES = {"hugetlb-huge": 1, "hugetlb-4k-multi": 5, "(A/A)": 1, "(harness)": 0}


def case_of(*rows: Row, events: tuple[str, ...] = ("get",), **fields: Any) -> IndexCase:
    all_rows = tuple(map(Row, TWO)) + rows
    return IndexCase("hugetlb", "64 MiB", {}, all_rows, events, Row("hugetlb-huge"), **fields)


def number(row: str, case: IndexCase | None = None) -> int:
    """Of a row in the records of a case."""
    return [str(each) for each in (case or case_of()).all_rows].index(row)


def counts(
    row: str, same_as: str | None = None, case: IndexCase | None = None, **changes: Any
) -> dict[str, Any]:
    base = {"pages": 16384, "folios": 32, "list": 1 << 15, "huge_share": 1.0}
    numbers = {"row": number(row, case), "same_as": number(same_as or row, case)}
    record = {"kind": "counts", "process": 0, **numbers}
    return {**record, **base, "nodes": NODES.get(row, 5), **changes}


def one_round(
    process: int = 0,
    conditions: dict[str, float] | None = None,
    case: IndexCase | None = None,
    **ns: float,
) -> dict[str, Any]:
    """A round of 10 gets a row; `ns` an event by row: huge, multi, again."""
    times = {"huge": 10.0, "multi": 20.0, "again": 10.0, "harness": 2.0, **ns}
    keys = zip(ROWS, ("huge", "multi", "harness", "again"), strict=True)
    return {
        "kind": "round",
        "process": process,
        "conditions": {**QUIET, **(conditions or {})},
        "times": [[number(row, case), "get", times[key] * 10, 10] for row, key in keys],
    }


ALL_COUNTS = [counts(row) for row in ROWS]


def by_design(results: list[Result]) -> dict[str, Result]:
    return {result.design: result for result in results}


def test_result_holds_what_was_counted_and_timed() -> None:
    records = [*ALL_COUNTS, *(one_round(process) for process in range(6))]
    results, doubts = results_of(case_of(), records, caches="cold")
    multi = by_design(results)["hugetlb-4k-multi"]
    assert (multi.nodes, multi.index_bytes, multi.pages, multi.folios) == (5, 2880, 16384, 32)
    assert (multi.struct_page_bytes, multi.struct_page_bytes_optimised) == (1 << 20, 32 << 12)
    assert (multi.events, multi.rounds, multi.processes) == (60, 1, 6)
    assert multi.ns_per_event == Interval(20.0, 20.0, 20.0)
    assert multi.ns_per_gib == Interval(*[20.0 * (1 << 18)] * 3)
    assert multi.ratio == Interval(2.0, 2.0, 2.0)
    assert (multi.caches, multi.left_out) == ("cold", None)
    assert doubts == []


def test_case_that_was_not_reached_gives_nothing() -> None:
    assert results_of(case_of(), []) == ([], [])


def test_counts_without_rounds_give_memory_and_say_why_there_is_no_time() -> None:
    results, _ = results_of(case_of(), ALL_COUNTS)
    found = by_design(results)["hugetlb-4k-multi"]
    assert (found.nodes, found.ns_per_event, found.ratio) == (5, None, None)
    assert found.left_out == "not measured before the run ended"


def test_event_that_a_row_lacks_is_left_out_with_its_reason() -> None:
    case = case_of(events=("huge-fault",))
    reasons = {"huge-fault": "its folios are smaller than a huge page"}
    results, _ = results_of(case, [counts(row, reasons=reasons) for row in ROWS])
    assert results[0].left_out == "its folios are smaller than a huge page"


def test_discarded_rounds_do_not_count_and_are_told() -> None:
    loud = one_round(0, {"switches": 1000}, multi=999.0)
    rounds = [one_round(0), loud, one_round(0), *(one_round(p) for p in range(1, 6))]
    results, doubts = results_of(case_of(), [*ALL_COUNTS, *rounds])
    assert by_design(results)["hugetlb-4k-multi"].ns_per_event == Interval(20.0, 20.0, 20.0)
    assert doubts == [
        "64 MiB: 1 of 8 rounds were discarded (1 for switches); the machine was not quiet."
    ]


def test_process_with_loud_rounds_only_is_kept_rather_than_lost() -> None:
    rounds = [one_round(process, {"steal_s": 0.5}) for process in range(6)]
    results, doubts = results_of(case_of(), [*ALL_COUNTS, *rounds])
    assert by_design(results)["hugetlb-huge"].processes == 6
    assert doubts[0].startswith(
        "64 MiB: every round was discarded (6 for steal), and all are shown"
    )


def test_ratio_is_made_round_by_round() -> None:
    rounds = [one_round(0, huge=ns, multi=2 * ns) for ns in (10.0, 100.0, 12.0)]
    results, _ = results_of(case_of(), [*ALL_COUNTS, *rounds])
    assert by_design(results)["hugetlb-4k-multi"].ratio == Interval(2.0, 2.0, 2.0)


@pytest.mark.parametrize(("again", "said"), [(10.4, None), (12.0, "20%"), (8.0, "25%")])
def test_difference_between_equals_is_told_beyond_five_percent(
    again: float, said: str | None
) -> None:
    rounds = [one_round(process, again=again) for process in range(6)]
    _, doubts = results_of(case_of(), [*ALL_COUNTS, *rounds])
    told = [doubt for doubt in doubts if "(A/A)" in doubt]
    assert len(told) == (said is not None)
    assert said is None or f"differs by {said} in get" in told[0]


def test_few_processes_are_told() -> None:
    _, doubts = results_of(case_of(), [*ALL_COUNTS, one_round()])
    assert doubts == [
        "64 MiB: 1 process measured; an interval of 95 % needs 6: rerun with --processes 6."
    ]


def test_partial_grant_of_huge_pages_is_told() -> None:
    gathered = CaseRecords(case_of(), [counts(row, huge_share=0.25) for row in ROWS])
    (doubt,) = doubts_of(gathered, [])
    assert doubt.startswith("64 MiB: 25% of the nodes and struct pages lay in huge pages; ")


def test_list_that_leaves_leaves_cold_is_told() -> None:
    records = [counts(row, pages=100 << 18, list=1 << 17) for row in ROWS]
    _, doubts = results_of(case_of(), records)
    assert doubts == [
        "64 MiB: a round's 131,072 lookups visit each of the 409,600 leaves of a slot design "
        "0.3 times, so its lookups are colder than a small file's."
    ]


def test_joined_designs_share_one_measurement_and_both_stand_in_the_results() -> None:
    case = case_of(Row("thp-multi"))
    records = [counts(row, case=case) for row in ROWS]
    records += [counts("thp-multi", "hugetlb-4k-multi", case), one_round(case=case)]
    results, _ = results_of(case, records)
    multi, thp = (by_design(results)[name] for name in ("hugetlb-4k-multi", "thp-multi"))
    assert (multi.same_as, thp.same_as) == (None, "hugetlb-4k-multi")
    assert thp.ns_per_event == multi.ns_per_event is not None
    assert (thp.nodes, thp.events) == (multi.nodes, multi.events)
    assert thp.struct_page_bytes_optimised == thp.struct_page_bytes  # no hugetlb, no optimisation


def test_clearing_is_set_against_as_many_bytes_of_the_baseline() -> None:
    case = case_of(events=("populate",))
    record = one_round()
    record["times"] = [[number(row), "populate", 320.0, 32] for row in ROWS]
    record["times"].append([number("(clearing)"), "populate", 64_000.0, 32])
    results, _ = results_of(case, [*ALL_COUNTS, record])
    clearing = by_design(results)["(clearing)"]
    assert clearing.ns_per_event == Interval(2000.0, 2000.0, 2000.0)
    assert clearing.ratio == Interval(200.0, 200.0, 200.0)


def test_forced_order_names_itself_in_the_input() -> None:
    case = case_of(Row("thp-multi", 4))
    records = [counts(row, case=case) for row in (*ROWS, "thp-multi@4")]
    results, _ = results_of(case, [*records, one_round(case=case)])
    forced = by_design(results)["thp-multi"]
    assert (forced.order, forced.input) == (4, "64 MiB at order 4")


@pytest.mark.parametrize("event", ["populate", "truncate"])
def test_ratio_is_of_equal_bytes_where_folios_differ_in_size(event: str) -> None:
    """10 ns a page of 4 KiB beside 320 ns a page of 2 MiB: 16 times as long for as much file."""
    records = [counts(row, folios=16384 if row == TWO[1] else 32) for row in ROWS]
    record = one_round()
    ns = {TWO[1]: (163_840.0, 16384)}
    record["times"] = [[number(row), event, *ns.get(row, (10_240.0, 32))] for row in ROWS]
    results, _ = results_of(case_of(events=(event,)), [*records, record])
    assert by_design(results)[TWO[1]].ratio == Interval(16.0, 16.0, 16.0)
    assert by_design(results)["(A/A)"].ratio == Interval(1.0, 1.0, 1.0)


def test_row_keeps_the_median_of_every_process_and_is_computed_from_these() -> None:
    rounds = [
        one_round(process, multi=ns) for process in range(6) for ns in (20.0 + process, 1000.0, 1.0)
    ]
    multi = by_design(results_of(case_of(), [*ALL_COUNTS, *rounds])[0])["hugetlb-4k-multi"]
    assert multi.ns_per_event is not None
    assert multi.ratio is not None
    assert multi.ns_per_event.processes == (20.0, 21.0, 22.0, 23.0, 24.0, 25.0)
    assert multi.ns_per_event == interval(multi.ns_per_event.processes)
    assert multi.ratio.processes == (2.0, 2.1, 2.2, 2.3, 2.4, 2.5)
    assert (multi.ratio, multi.level) == (interval(multi.ratio.processes), 0.96875)


@pytest.mark.parametrize(
    ("multi", "word"),
    [
        ([20.0] * 6, "slower"),
        ([5.0] * 6, "faster"),
        ([10.1] * 6, "same"),
        ([9.0, 9.5, 10.0, 10.5, 11.0, 11.5], "undecided"),
        ([20.0] * 5, "undecided"),  # too few for a level of 95 %
    ],
)
def test_verdict_follows_from_the_processes(multi: list[float], word: str) -> None:
    rounds = [one_round(process, multi=ns) for process, ns in enumerate(multi)]
    found = by_design(results_of(case_of(), [*ALL_COUNTS, *rounds])[0])
    assert found["hugetlb-4k-multi"].verdict == word
    assert (found["hugetlb-4k-multi"].more_processes is not None) == (word == "undecided")
    assert (found["(A/A)"].verdict, found["(harness)"].verdict) == ("same", None)
