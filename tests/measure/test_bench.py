"""One case in this process: every design under every event, its answers held against the truth."""

import numpy as np
import pytest

from pagecache import designs
from pagecache.errors import WrongAnswer
from pagecache.inputs import bundled_path, read_trace, runs_input
from pagecache.measure import subject as measured
from pagecache.measure.bench import Bench, IndexCase
from pagecache.measure.case import AGAIN, CLEARING, HARNESS, LARGEST, Row
from pagecache.measure.events import EVENTS
from pagecache.measure.subject import IndexSubject, Lists, timed
from pagecache.measure.truth import Truth
from pagecache.page.frames import Frames

STATES = {"hot": 1 << 16, "after-copy": 1 << 11, "cold": 1 << 11}  # and lookups of each event
LOOKUPS = ("get", "index-load", "index-load-unchained", "read-128k", "fault-around", "huge-fault")


def events_of(record: dict, number: int) -> dict[str, int]:
    """Event -> how many there were, of one row of a round."""
    return {event: events for row, event, _, events in record["times"] if row == number}


@pytest.mark.parametrize("name", designs.names())
@pytest.mark.parametrize("caches", STATES)
def test_every_design_answers_every_event_rightly(
    make_case, make_job, monkeypatch, name, caches
) -> None:
    if caches != "hot":  # whose lookups each wait for memory
        monkeypatch.setattr("pagecache.measure.bench.LEAST_EVENTS", STATES[caches])
    case = make_case([name])
    bench = Bench(case, make_job(case, caches=caches))
    (counts, *_), (record,) = list(bench.counts()), list(bench.rounds(1e9))
    ran = events_of(record, 0)
    expected = set(EVENTS) - set(counts["reasons"])
    assert set(ran) == expected
    assert {ran[event] for event in expected & set(LOOKUPS)} == {STATES[caches]}
    assert {ran[event] for event in ("mark", "scan") if event in expected} <= {counts["folios"]}
    assert ran["populate"] == ran["truncate"]
    assert ran["populate"] % counts["folios"] == 0


@pytest.mark.parametrize("fill", ["per-leaf", "per-slot"])
@pytest.mark.parametrize("huge_order", [9, 18])
def test_both_fills_and_sizes_of_page_answer_rightly(
    make_case, make_job, counts_of, fill, huge_order
) -> None:
    case = make_case(size="1G", huge_order=huge_order, fill=fill)
    bench = Bench(case, make_job(case))
    found = counts_of(case, list(bench.counts()))
    nodes = {row: record["nodes"] for row, record in found.items()}
    huge = 9 if huge_order == 9 else 0  # a single entry at 0 stands in the root
    assert nodes["hugetlb-huge"] == nodes[str(AGAIN)] == huge
    assert nodes["hugetlb-4k-slots"] == 4161
    assert nodes[str(HARNESS)] == 0
    list(bench.rounds(1e9))


def test_recorded_trace_at_forced_orders_answers_rightly(make_job, counts_of) -> None:
    trace = read_trace(bundled_path("lmdb_stat_random")).input()
    forced = (("thp-multi", 4), ("thp-slots-head", 9), ("thp-multi", LARGEST))
    rows = (Row("base-4k"), Row("thp-multi"), *(Row(*each) for each in forced))
    case = IndexCase("files", trace.name, trace.spec, rows, tuple(EVENTS), rows[0], rounds=2)
    bench = Bench(case, make_job(case, aged=True))
    found = counts_of(case, list(bench.counts()))
    folios = {row: record["folios"] for row, record in found.items()}
    assert folios["base-4k"] == trace.folios.pages
    assert folios["thp-multi"] == len(trace.folios)
    assert folios["thp-multi@4"] == len(trace.at_order(4).folios)
    rounds = list(bench.rounds(1e9))
    assert [record["round"] for record in rounds] == [0, 1]
    for record in rounds:
        assert "huge-fault" in events_of(record, 3)
        assert "huge-fault" not in events_of(record, 2)


def test_order_of_rows_is_reshuffled_each_round(make_case, make_job, times_of) -> None:
    case = make_case(events=["get"], rounds=12)
    bench = Bench(case, make_job(case))
    orders = {tuple(times_of(case, record)) for record in bench.rounds(1e9)}
    assert len(orders) > 2
    everyone = {*map(str, case.rows), str(HARNESS), str(AGAIN)}
    assert {frozenset(order) for order in orders} == {frozenset(everyone)}


def test_time_that_is_over_still_gives_one_round(make_case, make_job) -> None:
    case = make_case(events=["get"], rounds=9)
    assert len(list(Bench(case, make_job(case)).rounds(-1.0))) == 1


def test_clearing_is_timed_with_populate_only(make_case, make_job, times_of) -> None:
    for events, rows in ((["get", "populate"], 1), (["get"], 0)):
        case = make_case(events=events)
        (record,) = Bench(case, make_job(case)).rounds(1e9)
        assert len(times_of(case, record).get(str(CLEARING), [])) == rows


def test_without_struct_pages_the_walks_alone_are_timed(make_case, make_job) -> None:
    case = make_case(backed=False)
    bench = Bench(case, make_job(case))
    assert [record["nodes"] for record in bench.counts()][:3] == [1, 33, 1]
    (record,) = bench.rounds(1e9)
    walks = {"index-load", "index-load-unchained"}
    assert set(events_of(record, case.rows.index(Row("hugetlb-4k-multi")))) == walks
    assert events_of(record, case.all_rows.index(CLEARING)) == {}


def test_same_code_on_the_same_folios_runs_once(make_case, make_job) -> None:
    case = make_case(["hugetlb-4k-multi", "thp-multi", "hugetlb-4k-slots", "thp-slots-head"])
    bench = Bench(case, make_job(case))
    assert {str(row): str(same) for row, same in bench.same_as.items()} == {
        "hugetlb-4k-multi": "hugetlb-4k-multi",
        "thp-multi": "hugetlb-4k-multi",
        "hugetlb-4k-slots": "hugetlb-4k-slots",
        "thp-slots-head": "hugetlb-4k-slots",
    }
    assert len(bench.subjects) == 2 + 2
    numbers = {record["row"] for record in bench.counts()}
    assert {case.all_rows[number] for number in numbers} == {*case.rows, HARNESS, AGAIN}


def test_equal_seeds_draw_equal_lists_and_processes_differ(make_case, make_job) -> None:
    case = make_case(events=["get"])
    job = make_job(case)
    draws = [Bench(case, each).draw() for each in (job, job)]
    assert np.array_equal(draws[0].pages, draws[1].pages)
    other = Bench(case, type(job)(**{**vars(job), "process": 1})).draw()
    assert not np.array_equal(draws[0].pages, other.pages)


# Wrong answers ---------------------------------------------------------------------------------


class OneOff(Truth):
    """A truth that is not true: each frame is the next one."""

    def frames(self, file: np.ndarray, index: np.ndarray) -> np.ndarray:
        return super().frames(file, index) + np.uint64(1)


@pytest.fixture
def subject() -> IndexSubject:
    """64 folios of order 2 under thp-multi, filled."""
    folios = runs_input(["a"], [[(0, 256)]], ()).at_order(2).folios
    truth = Truth(folios, np.arange(0, 256, 4, dtype=np.uint64))
    frames = Frames(512)
    frames.make_folios(truth.pfn, folios.order)
    made = IndexSubject(Row("thp-multi"), designs.find("thp-multi"), truth, frames)
    made.populate()
    return made


def lists_of(index: int) -> Lists:
    accesses = np.zeros(8, np.uint32), np.full(8, index, np.uint64)
    return Lists(accesses, accesses, seed=1)


@pytest.mark.parametrize("event", [event for event in LOOKUPS if event != "huge-fault"])
def test_wrong_frame_is_an_error_not_a_row(subject: IndexSubject, event: str) -> None:
    assert subject.look_up(EVENTS[event], lists_of(9)).events == 8
    wrong = subject.truth.pfn.copy()
    wrong[2] += 256
    subject.truth = Truth(subject.folios, wrong)
    with pytest.raises(WrongAnswer, match=rf"^thp-multi: {event}: answered \d+, the input says"):
        subject.look_up(EVENTS[event], lists_of(9))


def test_missing_folio_is_an_error_in_truncate_mark_and_scan(
    subject: IndexSubject,
) -> None:
    right = subject.truth
    fewer = right.folios.take(np.arange(63))
    subject.batch.truncate()
    subject.populate()
    with pytest.raises(WrongAnswer, match="answered 256, the input says 252"):
        timed(subject.batch.truncate, fewer.pages, "truncate")
    subject.populate()
    subject.truth = Truth(right.folios, right.pfn + np.uint64(1))
    with pytest.raises(WrongAnswer, match=r"^thp-multi: mark: answered"):
        subject.mark_and_scan(lists_of(0), 1 << 10)


def test_wrong_answer_within_a_round_ends_the_round(make_case, make_job) -> None:
    case = make_case(["thp-multi"], events=["get"])
    bench = Bench(case, make_job(case))
    truth = bench.subjects[0].truth
    bench.subjects[0].truth = OneOff(truth.folios, truth.pfn)
    with pytest.raises(WrongAnswer, match=r"^thp-multi: get: answered "):
        list(bench.rounds(1e9))


def test_harness_may_answer_anything(subject: IndexSubject) -> None:
    harness = IndexSubject(HARNESS, None, subject.truth, subject.frames)
    assert harness.look_up(EVENTS["get"], lists_of(9)).events == 8


@pytest.mark.parametrize("backed", [True, False])
def test_cold_caches_lose_the_nodes_even_without_struct_pages(
    make_case, make_job, monkeypatch, backed
) -> None:
    dropped: dict[int, int] = {}
    monkeypatch.setattr("pagecache.measure.subject.flush", dropped.__setitem__)
    case = make_case(["hugetlb-4k-multi"], events=("index-load",), backed=backed)
    bench = Bench(case, make_job(case, caches="cold"))
    list(bench.counts()), list(bench.rounds(1e9))
    subject = bench.subjects[0]
    assert dict(subject.ranges()).items() <= dropped.items()
    assert (subject.frames.range[0] in dropped) == backed


@pytest.mark.parametrize("event", [event for event in LOOKUPS if event != "huge-fault"])
def test_after_each_lookup_a_whole_page_is_copied(subject: IndexSubject, event: str) -> None:
    copying = IndexSubject(
        subject.row, subject.design, subject.truth, subject.frames, caches="after-copy"
    )
    assert copying.batch.copied == subject.batch.copied == b""
    subject.batch.truncate()
    copying.populate()
    copying.look_up(EVENTS[event], lists_of(9))
    ninth = bytes([1 + 8]) * 4096  # of eight copies, from the second source on
    assert copying.batch.copied == ninth


def test_file_that_is_only_looked_up_is_filled_once(make_case, make_job) -> None:
    for events, by_turns in ((["get"], False), (["get", "populate"], True)):
        case = make_case(["hugetlb-huge"], events=events)
        (subject, *_) = Bench(case, make_job(case)).subjects
        assert [timing.events > 0 for timing in subject.fill()] == [by_turns] * 2
        assert subject.nodes() == 1


@pytest.mark.parametrize("events", [["get"], ["get", "populate", "truncate"], ["get", "scan"]])
def test_large_file_is_filled_no_oftener_than_it_must(
    make_case, make_job, monkeypatch, events: list[str]
) -> None:
    monkeypatch.setattr(measured, "LARGE", 1)
    case, filled = make_case(["hugetlb-4k-multi"], events=events), list[int]()
    bench = Bench(case, make_job(case))
    (subject, *_) = bench.subjects
    populate = subject.populate
    monkeypatch.setattr(subject, "populate", lambda: filled.append(1) or populate())
    subject.warm_up()
    found = [subject.measure(bench.draw()) for _ in range(3)]
    assert len(filled) == (1 if events == ["get"] else 4)
    for timings in found:
        assert [timing.event for timing in timings] == [
            event for event in ("populate", "get", "scan", "truncate") if event in events
        ]
        assert all(timing.ns > 0 and timing.events > 0 for timing in timings)
