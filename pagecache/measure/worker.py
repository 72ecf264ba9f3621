"""A worker process: a job as JSON on stdin, records as JSON lines on stdout."""

import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from pagecache.errors import InputError, WrongAnswer
from pagecache.measure.case import Case, Job

WHERE = {
    "indexes": "pagecache.measure.bench:IndexCase",
    "mappings": "pagecache.measure.mapping_bench:MappingCase",
    "threads": "pagecache.measure.threads.bench:ThreadCase",
}


class Kinds(Mapping[str, type[Case]]):
    """The kinds of cases by name, imported when a job has them: each process starts sooner."""

    def __getitem__(self, name: str) -> type[Case]:
        module, _, attribute = WHERE[name].partition(":")
        kind: type[Case] = getattr(import_module(module), attribute)
        return kind

    def __iter__(self) -> Iterator[str]:
        return iter(WHERE)

    def __len__(self) -> int:
        return len(WHERE)


KINDS = Kinds()
Emit = Callable[[dict[str, Any]], None]
PR_SET_PDEATHSIG = 1  # of prctl(2)


def run(job: Job, emit: Emit) -> None:
    """Run every case of the job, emitting counts and rounds as they come."""
    deadline = time.perf_counter() + job.seconds
    for number, case in enumerate(job.cases):
        left = (deadline - time.perf_counter()) / (len(job.cases) - number)
        for record in run_case(job, case, left):
            emit({**record, "case": number, "process": job.process})


def run_case(job: Job, case: Case, seconds: float) -> Iterator[dict[str, Any]]:
    """The records of one case; its memory is given back before the next begins."""
    bench = case.bench(job)
    yield from bench.counts()
    yield from bench.rounds(seconds)
    yield {"kind": "case-done"}


def pin(cpu: int) -> None:
    """Stay on one processor; a machine that forbids it is measured unpinned."""
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError:
        sys.stderr.write(f"cannot pin to processor {cpu}\n")


def die_with_parent() -> None:
    """Let the kernel end this process when its parent ends, even if that is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> int:
    def emit(record: dict[str, Any]) -> None:
        print(json.dumps(record), flush=True)

    die_with_parent()
    try:
        job = Job.from_dict(json.load(sys.stdin), KINDS)
        pin(job.cpu)
        run(job, emit)
    except WrongAnswer as wrong:
        emit({"kind": "wrong", "text": str(wrong)})
        return 1
    except InputError as error:
        emit({"kind": "error", "text": str(error)})
        return 1
    except MemoryError as error:
        emit({"kind": "error", "text": f"out of memory ({error}); give a smaller input"})
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
