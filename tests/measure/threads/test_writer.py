"""A writer beside readers: it does what it says, and at the end all is as it was before."""

from typing import Any

import numpy as np
import pytest

import pagecache as pc
from pagecache.errors import InputError, WrongAnswer
from pagecache.measure.analysis import results_of
from pagecache.measure.case import Job, Row
from pagecache.measure.events import FAULT_AROUND, GET, INDEX_LOAD
from pagecache.measure.plan import Options
from pagecache.measure.threads import subject as subjects
from pagecache.measure.threads.bench import ThreadCase, unfit
from pagecache.measure.threads.crew import Crew
from pagecache.measure.threads.plan import Threads, thread_cases
from pagecache.measure.threads.subject import Run, ThreadSubject
from pagecache.measure.threads.writers import KEEPS, RATES, Asked
from pagecache.page.counts import Counts
from pagecache.page.protocols import PROTOCOLS

SLOW = pytest.mark.slow  # each change waits for a grace period, and readers for the change
DESIGNS = ("base-4k", "thp-multi", "thp-slots-subpage")
UNSPLIT = "it has no folio of order 9 that one split makes pages of"
FIT = [
    pytest.param(verb, protocol, design, marks=SLOW if protocol == "striped" else ())
    for verb in RATES
    for protocol in PROTOCOLS
    for design in DESIGNS
    if unfit(Row(design, threads=1, references=protocol, writer=verb), 9) is None
]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "NS_BESIDE", 3_000_000)
    monkeypatch.setattr(subjects, "TIMED_BESIDE", 1024)
    monkeypatch.setattr(subjects, "TRIES", 1)


def make_case(designs: tuple[str, ...], **asked: Any) -> ThreadCase:
    (case,) = thread_cases(Threads(**asked), Options(designs=designs, rounds=1), size="4M")
    return case


def make_subject(design: str) -> ThreadSubject:
    case = make_case((design,), threads=(1,))
    found = case.bench(Job((case,), seed=3, process=0, cpu=0)).subjects[0]
    assert isinstance(found, ThreadSubject)
    found.populate()
    return found


@pytest.mark.parametrize(("verb", "protocol", "design"), FIT)
def test_writer_leaves_all_as_it_was(verb: str, protocol: str, design: str) -> None:
    subject = make_subject(design)
    index = subject.indexes[0]
    before = index.folios()
    lists = [np.random.default_rng(k).integers(0, 1024, 4096, dtype=np.uint64) for k in range(2)]
    rate = "100" if protocol == "striped" else "max"
    run = Run(2, (0, 1), protocol, f"{verb}@{rate}")
    for _ in range(100):  # on a busy machine the writer may come to nothing before all stop
        timing, told = subject.read(GET, lists, run)
        if told["lock"]["rate"] + told["lock"]["refused"] > 0:
            break
    assert timing.events > 0
    assert told["lock"]["rate"] + told["lock"]["refused"] > 0
    assert 0 <= told["lock"]["p50_ns"] <= told["lock"]["max_ns"]
    assert index.folios() == before
    assert index.nodes == sum(each.nodes for each in subject.indexes)
    index.check()
    pages = 1 << int(subject.folios.order[0])
    assert {subject.frames.refcount(int(pfn)) for pfn in subject.truth.pfn} == {pages}
    if verb in KEEPS:
        assert told["absent"] == 0


@pytest.mark.parametrize("verb", ["reclaim", "migrate"])
def test_folio_that_somebody_holds_is_not_frozen(verb: str) -> None:
    subject = make_subject("thp-multi")
    index, held = subject.indexes[0], int(subject.truth.pfn[0])
    before = index.folios()
    Counts(subject.frames).get(held)
    lists = [np.arange(512, dtype=np.uint64)]  # all of the folio that is held, and no other
    run = Run(1, (0, 1), "cas", f"{verb}@max")
    with pytest.raises(WrongAnswer, match="1 folios have not the cache's references"):
        subject.read(GET, lists, run)
    assert index.folios() == before
    assert subject.frames.refcount(held) == 513


def test_page_may_be_found_in_the_spare_folio_and_nowhere_else() -> None:
    subject = make_subject("thp-multi")
    first, second = (int(pfn) for pfn in subject.truth.pfn[:2])
    asked = subject.asked(GET, np.arange(64, dtype=np.uint64))
    asked[:, 1] += np.uint64(second - first)  # as if these pages' usual folio were the second
    asked[:16, 1] += 1

    def wrong(spare: tuple[int, int]) -> float:
        crew = Crew(subject.indexes[0], subject.readers, 1, 1_000_000, spare=spare)
        found = crew.read(0, "get", asked)
        return found["wrong"] / found["gets"]

    assert wrong((0, 0)) == 1
    assert wrong((first, 512)) == 0.25
    assert wrong((second, 512)) == 1


@pytest.mark.parametrize("design", ["base-4k", "thp-multi", "hugetlb-huge"])
@pytest.mark.parametrize("lookup", ["hold", "fault_around", "load"])
def test_other_lookups_answer_as_the_input_does(lookup: str, design: str) -> None:
    subject = make_subject(design)
    event = {"fault_around": FAULT_AROUND, "load": INDEX_LOAD, "hold": GET}[lookup]
    asked = subject.asked(event, np.arange(512, 1024, dtype=np.uint64))
    crew = Crew(subject.indexes[0], subject.readers, 1, 1_000_000)
    found = crew.read(0, lookup, asked)
    assert (found["wrong"], found["absent"]) == (0, 0)
    asked[:, 1] -= 1
    crew = Crew(subject.indexes[0], subject.readers, 1, 1_000_000)
    assert crew.read(0, lookup, asked)["wrong"] > 0
    asked[:, 1] += 1
    subject.indexes[0].remove_folio(int(asked[3, 0]))
    crew = Crew(subject.indexes[0], subject.readers, 1, 1_000_000)
    found = crew.read(0, lookup, asked)
    assert found["wrong"] == 0
    assert found["absent"] > 0


def test_what_is_removed_was_found_before() -> None:
    subject = make_subject("base-4k")
    pages = np.arange(1024, dtype=np.uint64)
    run, asked = Run(1, (0, 1), "cas", "truncate@max"), [subject.asked(GET, pages)]
    for _ in range(100):  # on a busy machine the writer may come to nothing before all stop
        _, work = subject.read_once(GET, asked, run, subject.places("truncate@max", pages))
        assert work is not None
        if work.found["done"]:
            break
    assert work.found["found"] == 512 * work.found["done"] > 0


def test_rate_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "NS_BESIDE", 20_000_000)
    subject = make_subject("base-4k")
    lists = [np.arange(1024, dtype=np.uint64)]
    _, told = subject.read(GET, lists, Run(1, (0, 1), "cas", "erase@2000"))
    assert told["lock"]["rate"] < 2600


def test_writer_that_shares_a_processor_sleeps() -> None:
    subject = make_subject("base-4k")
    pages = np.arange(1024, dtype=np.uint64)
    run, asked = Run(1, (0,), "cas", "erase@1"), [subject.asked(GET, pages)]
    _, work = subject.read_once(GET, asked, run, subject.places("erase@1", pages))
    assert work is not None
    assert work.found["done"] == 0  # the first is due after a second, when all have stopped
    assert work.found["cpu_ns"] < work.found["ns"] / 4


def test_count_that_is_off_is_an_error() -> None:
    subject = make_subject("thp-multi")
    Counts(subject.frames).get(int(subject.truth.pfn[1]))  # which nobody will put
    lists = [np.arange(1024, dtype=np.uint64)]
    with pytest.raises(WrongAnswer, match="split@max: 1 folios have not the cache's references"):
        subject.read(GET, lists, Run(1, (0, 1), "cas", "split@max"))


def test_rows_stand_alone_and_beside_the_writer() -> None:
    case = make_case(("thp-multi", "pctrie-4k"), threads=(1,), writer="truncate@500")
    assert list(map(str, case.rows)) == [
        "thp-multi cas x1",
        "thp-multi cas x1 +truncate@500",
        "pctrie-4k cas x1",
        "pctrie-4k cas x1 +truncate@500",
    ]
    bench = case.bench(Job((case,), seed=3, process=0, cpu=0))
    records = [{**each, "process": 0} for each in (*bench.counts(), *bench.rounds(60))]
    results = {
        str(row): each for row, each in zip(case.rows, results_of(case, records)[0], strict=False)
    }
    beside = results["thp-multi cas x1 +truncate@500"]
    assert beside.lock is not None
    assert beside.scaling is not None
    assert beside.writer == "truncate@500"
    assert results["thp-multi cas x1"].lock is None
    assert results["pctrie-4k cas x1"].ns_per_event is not None
    gone = results["pctrie-4k cas x1 +truncate@500"]
    assert (gone.ns_per_event, gone.left_out) == (None, "it has no readers beside a writer")


def test_places_are_whole_and_those_that_readers_access() -> None:
    pfn = np.arange(1024, dtype=np.uint64) + np.uint64(7)
    pages = np.array([5, 5, 600, 1023], np.uint64)
    erase = Asked.parse("erase").places(pages, 0, pfn)
    assert sorted(map(tuple, erase.tolist())) == [(5, 12), (600, 607), (1023, 1030)]
    truncate = Asked.parse("truncate").places(pages, 0, pfn[:1000])
    assert truncate.tolist() == [[0, 7]]
    huge = Asked.parse("truncate").places(pages, 9, np.array([512, 0], np.uint64))
    assert sorted(map(tuple, huge.tolist())) == [(0, 512), (512, 0)]


def test_what_does_not_fit_has_a_reason() -> None:
    def why(design: str, references: str, writer: str, order: int | None = None) -> str | None:
        return unfit(Row(design, order, 1, references, writer), 9)

    assert why("thp-multi", "cas", "split") is None
    assert why("hugetlb-4k-wide", "cas", "split") is None
    assert why("hugetlb-4k-narrow", "cas", "split") == UNSPLIT  # it is three levels up
    assert why("thp-multi", "cas", "split", 4) == UNSPLIT
    assert why("base-4k", "cas", "split") == UNSPLIT
    assert why("thp-multi", "striped", "split") == "striped does not count single pages"
    assert why("page-hash", "cas", "erase") == "it has no readers beside a writer"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"writer": "mark@1"}, "--writer: unknown verb 'mark'"),
        ({"writer": "erase@0"}, "--writer: '0' is no rate; give erase@50000 or @max"),
        ({"writer": "erase@x"}, "--writer: 'x' is no rate; give erase@50000 or @max"),
        ({"writer": "erase@nan"}, "--writer: 'nan' is no rate; give erase@50000 or @max"),
        ({"writer": "erase", "events": ["index-load"]}, "--events: unknown event 'index-load'"),
        ({"writer": "split", "designs": ["base-4k"]}, "--writer: base-4k: it has no folio of"),
        ({"references": ["striped"], "designs": ["base-4k"]}, "--references: base-4k: striped"),
    ],
)
def test_what_writers_cannot_do_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as error:
        pc.compare(size="4M", **asked)
    assert str(error.value).startswith(told)
