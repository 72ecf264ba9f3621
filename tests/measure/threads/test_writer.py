"""A writer beside readers: it does what it says, and at the end all is as it was before."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pagecache as pc
from pagecache.errors import InputError, WrongAnswer
from pagecache.measure.analysis import results_of
from pagecache.measure.case import Job, Row
from pagecache.measure.events import GET
from pagecache.measure.plan import Options
from pagecache.measure.threads import subject as subjects
from pagecache.measure.threads.bench import ThreadCase, unfit
from pagecache.measure.threads.plan import Threads, thread_cases
from pagecache.measure.threads.subject import Run, ThreadSubject
from pagecache.measure.threads.writers import RATES, Asked
from pagecache.page.counts import Counts
from pagecache.page.protocols import PROTOCOLS

SLOW = pytest.mark.slow  # each change waits for a grace period, and readers for the change
DESIGNS = ("base-4k", "thp-multi", "thp-slots-subpage")
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
    if verb == "split":
        assert told["absent"] == 0


@pytest.mark.slow
def test_stress_ends_in_time_and_counts_its_turns() -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, root / "tools" / "stress", "--seconds", "2", "--size", "4M"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\d+ turns, [\d,]+ gets, .* fallbacks\n", done.stdout)


def test_rate_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "NS_BESIDE", 20_000_000)
    subject = make_subject("base-4k")
    lists = [np.arange(1024, dtype=np.uint64)]
    _, told = subject.read(GET, lists, Run(1, (0, 1), "cas", "erase@2000"))
    assert told["lock"]["rate"] < 2600


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
    assert why("thp-multi", "cas", "split", 4) == "it has no folio of order 9 in one entry to split"
    assert why("base-4k", "cas", "split") == "it has no folio of order 9 in one entry to split"
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
