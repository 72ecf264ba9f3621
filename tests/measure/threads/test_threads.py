"""Threads that look up at once: pinned, stopped together, and every answer is the input's."""

import json
import os
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

import pagecache as pc
from pagecache.comparing import plan
from pagecache.errors import InputError, WrongAnswer
from pagecache.measure.analysis import CaseRecords, results_of
from pagecache.measure.case import Job, Row
from pagecache.measure.events import GET
from pagecache.measure.plan import Options
from pagecache.measure.threads.bench import ThreadBench, ThreadCase
from pagecache.measure.threads.cpus import doubts_of_cpus, node, shared_by, usual_cpus
from pagecache.measure.threads.crew import Crew
from pagecache.measure.threads.patterns import PATTERNS, draw
from pagecache.measure.threads.plan import Threads, thread_cases, usual_cases
from pagecache.measure.threads.subject import Run, ThreadSubject, together
from pagecache.page.frames import Frames
from pagecache.results import Results, to_json


def make_case(**asked: Any) -> ThreadCase:
    options = Options(
        rounds=2, pattern=asked.pop("pattern", "uniform"), designs=asked.pop("designs", None)
    )
    (case,) = thread_cases(Threads(**asked), options, size="4M")
    return case


def run(case: ThreadCase) -> list[dict[str, Any]]:
    bench = case.bench(Job((case,), seed=3, process=0, cpu=0))
    return [{**record, "process": 0} for record in (*bench.counts(), *bench.rounds(60))]


@pytest.fixture(scope="module", name="ran")
def run_once() -> tuple[ThreadCase, list[dict[str, Any]]]:
    case = make_case(threads=(2,))
    return case, run(case)


def test_one_thread_is_always_measured(ran: tuple[ThreadCase, Any]) -> None:
    case, _ = ran
    names = ["base-4k cas x1", "base-4k cas x2", "thp-multi cas x1", "thp-multi cas x2"]
    assert [str(row) for row in case.rows] == names
    assert case.baseline == Row("base-4k", threads=1, references="cas")


def test_each_row_is_timed_in_every_round(ran: tuple[ThreadCase, Any]) -> None:
    case, records = ran
    rounds = [record for record in records if record["kind"] == "round"]
    rows = {number for number, row in enumerate(case.all_rows) if row.design != "(clearing)"}
    for record in rounds:
        assert {number for number, *_ in record["times"]} == rows
        assert {number for number, *_ in record["readers"]} == rows
        preempted = sum(told["preempted"] for _, _, told in record["readers"])
        assert record["conditions"]["switches"] == preempted


def test_result_says_threads_pattern_scaling_and_percentiles(ran: tuple[ThreadCase, Any]) -> None:
    case, records = ran
    results, _ = results_of(case, records)
    by_name = {
        str(Row(each.design, each.order, each.threads, each.references)): each for each in results
    }
    one, two = by_name["thp-multi cas x1"], by_name["thp-multi cas x2"]
    assert (two.threads, two.pattern, two.pages, two.folios) == (2, "uniform", 1024, 2)
    assert one.scaling is not None
    assert one.scaling.median == 1
    assert two.scaling is not None
    assert two.scaling.median == pytest.approx(scaling_of(case, records, "thp-multi"))
    told = two.readers
    assert told is not None
    assert told["clock_ns"] > 0
    assert 0 < told["p50_ns"] <= told["p99_ns"] <= told["p999_ns"]
    assert (told["retries"], told["absent"]) == (0, 0)
    assert 0 < told["cpu_share"] <= 1.05


def scaling_of(case: ThreadCase, records: list[dict[str, Any]], design: str) -> float:
    """Throughput of two threads to that of one: the median of the rounds."""
    found = []
    for record in CaseRecords(case, records).kept:
        ns = {str(case.all_rows[row]): ns / events for row, _, ns, events in record["times"]}
        found.append(2 * ns[f"{design} cas x1"] / ns[f"{design} cas x2"])
    return median(found)


def test_results_stand_in_json(ran: tuple[ThreadCase, Any]) -> None:
    case, records = ran
    results, _ = results_of(case, records)
    again = Results.from_dict(json.loads(to_json(Results({}, results))))
    assert again.results == results
    assert ThreadCase.from_dict(json.loads(json.dumps(case.to_dict()))) == case


def test_folios_are_held_by_the_cache_alone() -> None:
    case = make_case(threads=(1,), designs=("thp-multi",))
    bench = case.bench(Job((case,), seed=3, process=0, cpu=0))
    subject = bench.subjects[0]
    assert subject.frames.refcount(0) == 0
    subject.populate()
    assert subject.frames.refcount(0) == 512
    assert isinstance(bench, ThreadBench)
    subject.batch.truncate()
    assert subject.frames.refcount(0) == 0


def test_wrong_answer_is_an_error() -> None:
    case = make_case(threads=(2,), designs=("base-4k",))
    subject = case.bench(Job((case,), seed=3, process=0, cpu=0)).subjects[0]
    assert isinstance(subject, ThreadSubject)
    subject.populate()
    lists = [np.arange(64, dtype=np.uint64)] * 2
    subject.read(GET, lists, Run(2, (0,)))
    subject.indexes[0].remove_folio(63)
    with pytest.raises(WrongAnswer, match=r"base-4k cas x1: get: \d+ answers are not the input's"):
        subject.read(GET, lists, Run(2, (0,)))


def test_wrong_and_absent_answers_are_counted_apart() -> None:
    case = make_case(threads=(1,), designs=("base-4k",))
    subject = case.bench(Job((case,), seed=3, process=0, cpu=0)).subjects[0]
    assert isinstance(subject, ThreadSubject)
    subject.populate()
    asked = subject.asked(GET, np.arange(64, dtype=np.uint64))
    asked[:32, 1] += 1
    subject.indexes[0].remove_folio(63)
    found = Crew(subject.indexes[0], subject.readers, 1, 1_000_000).read(0, "get", asked)
    assert found["gets"] % 64 == 0
    assert found["wrong"] == found["gets"] // 2
    assert found["absent"] == found["gets"] // 64


def test_folio_that_is_held_covers_its_page() -> None:
    frames, pfn = Frames(1024), np.array([512], np.uint64)
    frames.make_folios(pfn, np.array([9], np.uint8))
    index = pc.designs.make("thp-multi", frames)
    index.insert_folio(512, 9, 512)
    asked = np.repeat(np.arange(512, 576, dtype=np.uint64), 2).reshape(64, 2)
    assert Crew(index, None, 1, 1_000_000).read(0, "hold", asked)["wrong"] == 0
    frames.make_folios(pfn, np.array([1], np.uint8))  # as if it was split: two of 64 are its own
    found = Crew(index, None, 1, 1_000_000).read(0, "hold", asked)
    assert found["wrong"] == found["gets"] * 62 // 64


def test_each_thread_is_pinned_to_its_own_processor() -> None:
    cpus = sorted(os.sched_getaffinity(0))[-2:]
    found = together([lambda: os.sched_getaffinity(0)] * len(cpus), cpus, lambda: None)
    assert found == [{cpu} for cpu in cpus]
    assert os.sched_getaffinity(0) >= set(cpus)


def test_thread_that_fails_frees_the_others() -> None:
    stopped: list[bool] = []

    def fail() -> None:
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        together([fail, lambda: None], [0, 0], lambda: stopped.append(True))
    assert stopped == [True]


# Processors and patterns ----------------------------------------------------------------------


@pytest.fixture(name="system")
def fake_system(tmp_path: Path) -> Path:
    """Two nodes of two cores of two siblings: 0-3 with 8-11 on node 0, and so on."""
    for cpu in range(8):
        core, of = cpu % 4, cpu % 4 // 2
        topology = tmp_path / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(f"{core},{core + 4}\n")
        (tmp_path / f"cpu{cpu}" / f"node{of}").mkdir()
    return tmp_path


def test_usual_processors_are_of_one_node_and_cores_come_first(system: Path) -> None:
    assert usual_cpus(range(8), system) == (7, 6, 3, 2)
    assert usual_cpus((0, 2, 3, 6), system) == (6, 3, 2)
    assert node(3, system) == 1


def test_caption_and_doubts_name_siblings_and_nodes(system: Path) -> None:
    assert shared_by((5, 4), system) == "processors 5, 4, a core each, on 1 memory node"
    assert shared_by((5, 1), system) == "processors 5, 1, siblings on 1 cores, on 1 memory node"
    assert shared_by((5, 6), system) == "processors 5, 6, a core each, on 2 memory nodes"
    assert doubts_of_cpus("t", (5, 4), 2, system) == ()
    (few,) = doubts_of_cpus("t", (5, 4), 3, system)
    assert few.startswith("t: 3 threads share 2 of the machine's processors and take turns")
    (sibling,) = doubts_of_cpus("t", (5, 1), 2, system)
    assert "siblings of one core" in sibling
    (nodes,) = doubts_of_cpus("t", (5, 6), 2, system)
    assert "several memory nodes" in nodes


@pytest.mark.parametrize("pattern", PATTERNS)
def test_threads_share_what_is_hot(pattern: str) -> None:
    lists = draw(pattern, np.random.default_rng(1), 1 << 14, 4096, 3)
    pages = {int(page) for each in lists for page in each}
    assert max(pages) < 1 << 14
    assert len(lists) == 3
    blocks = {page >> 9 for page in pages}
    assert {"hot-4K": len(pages) == 1, "hot-2M": len(blocks) == 1 and len(pages) == 512}.get(
        pattern, len(blocks) == 32
    )
    if pattern != "hot-4K":
        assert not (lists[0] == lists[1]).all()


def test_hot_place_differs_from_round_to_round() -> None:
    rng = np.random.default_rng(1)
    assert len({int(draw("hot-4K", rng, 1 << 14, 1, 1)[0][0]) for _ in range(20)}) > 10


# What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"threads": [0]}, "--threads: 0 is out of range; give 1 to 64"),
        ({"threads": [65]}, "--threads: 65 is out of range; give 1 to 64"),
        ({"cpus": "x"}, "--cpus: 'x' is no processor; give 0,1 or 0-3"),
        ({"cpus": "4095"}, "--cpus: processor 4095 may not be used here; give some of "),
        ({"threads": [1], "holes": ["no-entry"]}, "--threads: they read a generated file"),
        ({"threads": [1], "counts": True}, "--counts: they do not depend on --threads"),
        ({"threads": [1], "pool": "aged"}, "--pool: threads read fresh nodes, not aged"),
        ({"threads": [1], "caches": "cold"}, "--caches: threads are measured hot, not cold"),
        ({"threads": [1], "events": ["populate"]}, "--events: unknown event 'populate'; "),
        ({"threads": [1], "pattern": "strided"}, "--pattern: 'strided' is unknown; give hot-4K"),
        ({"pattern": "hot-4K"}, "--pattern: 'hot-4K' is unknown; give sequential"),
    ],
)
def test_what_threads_cannot_do_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as error:
        pc.compare(size="4M", **asked)
    assert str(error.value).startswith(told)


def test_folios_are_forced_to_each_order() -> None:
    options = Options(designs=("base-4k", "thp-multi"), orders=(0, 9))
    (case,) = thread_cases(Threads((2,)), options, size="4M")
    assert [str(row) for row in case.rows if row.threads == 2] == [
        "base-4k cas x2",
        "thp-multi@0 cas x2",
        "thp-multi@9 cas x2",
    ]


def test_usual_comparison_has_one_and_two_threads_where_there_are_two_processors() -> None:
    cases = usual_cases(Options(), (0, 1))
    assert [case.pattern for case in cases] == ["hot-2M", "uniform"]
    for case in cases:
        assert [str(row) for row in case.rows] == [
            "base-4k cas x1",
            "base-4k cas x2",
            "thp-multi cas x1",
            "thp-multi cas x2",
        ]
    assert usual_cases(Options(), (0,)) == []
    assert usual_cases(Options(designs=("base-4k",)), (0, 1)) == []


@pytest.mark.parametrize(
    ("usual", "panels"), [(True, {"hugetlb", "files", "threads"}), (False, {"hugetlb", "files"})]
)
def test_threads_join_the_usual_comparison_unless_caches_are_not_hot(
    usual: bool, panels: set[str]
) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor: two threads would share it")
    cases = plan(Options(), threads=Threads(usual=usual))
    assert {case.panel for case in cases} == panels


def test_processors_alone_ask_for_threads() -> None:
    cpu = str(min(os.sched_getaffinity(0)))
    case = make_case(cpus=cpu)
    assert (case.cpus, case.processors) == ((int(cpu),), f"processor {cpu}")
    assert [row.threads for row in case.rows] == [1, 1]
