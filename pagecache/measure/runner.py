"""Runs a job in several processes, one after the other, and gathers their records.

Memory placement is fixed for a process's life, so rounds of one process are not independent:
processes are.  They run one at a time, since two would share caches and memory bandwidth.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from pagecache.errors import InputError, WorkerDied, WrongAnswer
from pagecache.measure.analysis import results_of_all, summarize
from pagecache.measure.case import Case, Job
from pagecache.measure.foreign.trial import dropped, tried
from pagecache.measure.machine import describe
from pagecache.measure.schedule import Schedule
from pagecache.measure.verdict import narrow
from pagecache.results import Result, Results

Record = dict[str, Any]
Progress = Callable[[Record], None]
DEFAULT_SECONDS = 34.0  # so that a run with nothing given ends within a minute
PRECISE_SECONDS = 600.0


def measure(
    cases: Sequence[Case],
    *,
    processes: int | None = None,
    seed: int = 0,
    caches: str = "hot",
    aged: bool = False,
    all_rounds: bool = False,
    seconds: float = DEFAULT_SECONDS,
    precision: float | None = None,
    on_record: Progress = lambda record: None,
) -> Results:
    """Run the cases in several processes and sum up what they found.

    `processes` is their number; None leaves it to the time that the first one takes.  Each ends
    after its share of the `seconds`, or with `all_rounds` after its rounds.  With `precision` they
    go on until the interval of every ratio is that narrow or the time is over.  Ctrl-C gives the
    results so far, with ``interrupted`` in their meta.

    Raises
    ------
    WrongAnswer
        A design answered otherwise than the input says.
    """
    started = time.time()
    job = Job(tuple(cases), seed=seed, process=0, cpu=quiet_cpu(), caches=caches, aged=aged)
    job, left_out = tried(job, stream)
    cases, records = job.cases, list[Record]()

    def is_enough() -> bool:
        found, _ = results_of_all(job, records, schedule.level)
        return precision is not None and all_narrow(found, precision)

    schedule = Schedule(seconds, processes, all_rounds, is_enough if precision else None)
    on_record({"kind": "plan", "cases": len(cases), "processes": schedule.wanted})

    def tell(record: Record) -> None:
        title = {"title": cases[record["case"]].title} if "case" in record else {}
        on_record({**record, **title})

    job, interrupted, more = run_surviving(job, schedule, records, tell)
    environment = {
        **describe(),
        "precision": precision,
        "looks": schedule.looked or None,
        "seconds": round(time.time() - started, 1),
        "interrupted": interrupted,
        "wanted": schedule.wanted,
        "level_wanted": schedule.level,
        "unwanted": [*left_out, *more],
    }
    raw = {"job": job.to_dict(), "records": records, "environment": environment}
    on_record({"kind": "raw", **raw})
    return summarize(job, records, environment)


def all_narrow(results: Sequence[Result], precision: float) -> bool:
    """Whether the ratio of every row that has a verdict is known to `precision`."""
    return all(
        narrow(result.ratio, precision) for result in results if result.ratio and result.verdict
    )


def run_surviving(
    job: Job, schedule: Schedule, records: list[Record], on_record: Progress
) -> tuple[Job, bool, list[str]]:
    """`run_processes`; if it ends badly, once more without the designs of shared objects."""
    try:
        return job, run_processes(job, schedule, records, on_record), []
    except (WorkerDied, WrongAnswer) as error:
        job, left_out = dropped(job, error)
        records.clear()
        return job, run_processes(job, schedule, records, on_record), left_out


def run_processes(
    job: Job,
    schedule: Schedule,
    records: list[Record],
    on_record: Callable[[Record], None] = lambda record: None,
) -> bool:
    """Run `job` in as many processes as the schedule wants, which share its time.

    What the workers emit is appended to `records`.

    Returns
    -------
    bool
        Ctrl-C ended it early.

    Raises
    ------
    WrongAnswer
        A design answered otherwise than the input says.
    InputError, WorkerDied
        A worker could not do its work; the text says why.
    """
    process, begun = 0, time.perf_counter()
    deadline = begun + schedule.seconds
    try:
        while process < schedule.wanted:
            share = schedule.share(process, deadline - begun)
            for record in stream(replace(job, process=process, seconds=share)):
                records.append(record)
                on_record(record)
            ended = time.perf_counter()
            schedule.note(process, ended - begun)
            process, begun = process + 1, ended
            on_record({"kind": "process-done", "processes": process, "wanted": schedule.wanted})
    except KeyboardInterrupt:
        return True
    return False


def stream(job: Job) -> Iterator[Record]:
    """The records of one worker process, as they come."""
    with started(job) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            if not line.endswith("\n"):
                break  # it died in mid-line
            record = json.loads(line)
            if record["kind"] == "wrong":
                raise WrongAnswer(record["text"])
            if record["kind"] == "error":
                raise InputError(record["text"])
            yield record
        if worker.wait() != 0:
            raise WorkerDied(died(worker))


@contextmanager
def started(job: Job) -> Iterator[subprocess.Popen[str]]:
    """A worker that is given the job, and is gone when the block ends, however it does."""
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "pagecache.measure.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the worker
    )
    try:
        hand_over(job, worker)
        yield worker
    finally:
        worker.kill()
        worker.wait()
        for stream_ in (worker.stdout, worker.stderr):
            if stream_ is not None:
                stream_.close()


def hand_over(job: Job, worker: subprocess.Popen[str]) -> None:
    """Write the job to the worker; one that is gone already is noticed when it is read from."""
    assert worker.stdin is not None
    with suppress(BrokenPipeError), worker.stdin as stdin:
        json.dump(job.to_dict(), stdin)


def died(worker: subprocess.Popen[str]) -> str:
    """What to say of a worker that ended badly."""
    if worker.returncode == -9:
        return (
            "a worker process was killed (by the kernel, if memory ran out); try a smaller --size"
        )
    code = worker.returncode
    how = signal.Signals(-code).name if code < 0 else code
    last = (worker.stderr.read() if worker.stderr else "").strip().splitlines()
    return f"a worker process ended with {how}: {last[-1] if last else 'no message'}"


def quiet_cpu() -> int:
    """The processor to pin to: the last one allowed, since interrupts favour the first."""
    return max(os.sched_getaffinity(0))
