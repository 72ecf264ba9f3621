"""Designs in shared objects are tried alone; those that fail are left out, and said to be."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pagecache.errors import InputError, WorkerDied, WrongAnswer
from pagecache.measure.case import Job, Row
from pagecache.measure.foreign import trial
from pagecache.measure.foreign.trial import dropped, tried

MINE, OTHER, OURS = "./mine.so", "./other.so", "base-4k"
Stream = Callable[[Job], Iterator[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _paths_are_shared_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> SimpleNamespace:
        return SimpleNamespace(foreign=name.endswith(".so"))

    monkeypatch.setattr(trial.designs, "find", find)


def failing(design: str, event: str, error: Exception) -> tuple[Stream, list[Job]]:
    """A worker that ends badly if it meets that design and event, and the jobs it was given."""
    jobs: list[Job] = []

    def stream(job: Job) -> Iterator[dict[str, Any]]:
        jobs.append(job)
        yield {"kind": "counts"}
        (case,) = job.cases
        if Row(design) in case.rows and event in case.events:
            raise error

    return stream, jobs


def rows(job: Job) -> list[list[str]]:
    return [[str(row) for row in case.rows] for case in job.cases]


def test_one_that_fails_is_left_out_with_the_event_and_the_reason(make_case, make_job) -> None:
    case = make_case([OURS, MINE, OTHER], events=["get", "index-load", "populate"])
    error = WrongAnswer("(A/A): index-load: answered 1, the input says 2.")
    stream, jobs = failing(MINE, "index-load", error)
    job, said = tried(make_job(case), stream)
    assert rows(job) == [[OURS, OTHER]]
    assert said == [
        f"{case.title}: ./mine.so is left out: with index-load alone, "
        "./mine.so: index-load: answered 1, the input says 2."
    ]
    assert {str(row) for each in jobs for row in each.cases[0].rows} == {MINE, OTHER}
    assert all(each.cases[0].rounds == 1 for each in jobs)


def test_one_that_fails_whatever_is_asked_fails_in_filling(make_case, make_job) -> None:
    case = make_case([OURS, MINE], events=["get", "populate"])

    def stream(job: Job) -> Iterator[dict[str, Any]]:
        yield from ()
        raise WorkerDied("a worker process ended with SIGSEGV: no message")

    _, (said,) = tried(make_job(case), stream)
    assert "with populate alone, a worker process ended with SIGSEGV: no message." in said


def test_failure_of_all_events_together_alone_is_said_without_one(make_case, make_job) -> None:
    case = make_case([OURS, MINE], events=["get", "populate"])

    def stream(job: Job) -> Iterator[dict[str, Any]]:
        yield from ()
        if len(job.cases[0].events) == 2:
            raise InputError("out of memory")

    _, (said,) = tried(make_job(case), stream)
    assert said.endswith("./mine.so is left out: out of memory.")


def test_nothing_is_tried_where_no_design_is_foreign(make_case, make_job) -> None:
    stream, jobs = failing(OURS, "get", WorkerDied("no"))
    job, said = tried(make_job(make_case([OURS])), stream)
    assert (rows(job), said, jobs) == ([[OURS]], [], [])


def test_what_the_others_are_compared_with_cannot_be_left_out(make_case, make_job) -> None:
    stream, _ = failing(MINE, "get", WorkerDied("a worker process ended with SIGSEGV"))
    with pytest.raises(WorkerDied, match=r"\./mine\.so: with get alone, a worker process ended"):
        tried(make_job(make_case([MINE, OURS], events=["get"])), stream)


def test_run_that_ends_badly_begins_again_without_any_of_them(make_case, make_job) -> None:
    error = WorkerDied("a worker process ended with SIGABRT: no message")
    job, said = dropped(make_job(make_case([OURS, MINE, OTHER])), error)
    assert rows(job) == [[OURS]]
    assert [sentence.count("is left out: with it, a worker process") for sentence in said] == [1, 1]
    with pytest.raises(WorkerDied, match="SIGABRT"):
        dropped(job, error)
