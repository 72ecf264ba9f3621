"""Runs a job in several processes, one after the other, and gathers their records.

Memory placement is fixed for a process's life, so rounds of one process are not independent:
processes are.  They run one at a time, since two would share caches and memory bandwidth.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from pagecache.errors import InputError, WorkerDied, WrongAnswer
from pagecache.measure.case import Job

Record = dict[str, Any]


def run_processes(
    job: Job, processes: int, on_record: Callable[[Record], None] = lambda record: None
) -> tuple[list[Record], bool]:
    """Run `job` in that many processes, which share its time.

    Returns
    -------
    records : list of dict
        What the workers emitted.
    interrupted : bool
        Ctrl-C ended it early; the records are those up to then.

    Raises
    ------
    WrongAnswer
        A design answered otherwise than the input says.
    InputError, WorkerDied
        A worker could not do its work; the text says why.
    """
    records: list[Record] = []
    try:
        deadline = time.perf_counter() + job.seconds
        for process in range(processes):
            share = (deadline - time.perf_counter()) / (processes - process)
            for record in stream(replace(job, process=process, seconds=share)):
                records.append(record)
                on_record(record)
    except KeyboardInterrupt:
        return records, True
    return records, False


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
    last = (worker.stderr.read() if worker.stderr else "").strip().splitlines()
    return f"a worker process ended with {worker.returncode}: {last[-1] if last else 'no message'}"


def quiet_cpu() -> int:
    """The processor to pin to: the last one allowed, since interrupts favour the first."""
    return max(os.sched_getaffinity(0))
