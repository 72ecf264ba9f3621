"""Cells on all cores of this machine: a pool of processes, nothing to set up.

If a worker dies its pool is broken, and nobody knows which cell was to blame: those that had begun
are run again one at a time, in a pool of one.  A cell that breaks that too has failed.
"""

import os
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

import numpy as np

from pagecache.printable import counted
from pagecache.sweep.orphan import Workers, begin
from pagecache.sweep.task import Outcome, Task, outcome, run_task

AHEAD = 2  # tasks that wait for each worker
PLACES = 1 << 10  # of the meter, a process each
TICK = 0.25  # seconds without an outcome
DIED = "its worker process was killed (by the kernel, if memory ran out); give fewer --workers"
Running = dict[Future[Outcome], Task]


def cores() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0))


class Cores:
    """Workers on this machine.

    Attributes
    ----------
    workers : int
    bytes : int
        Bytes of traces that they have read so far.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.context = Workers()
        self.meter = self.context.RawArray("Q", PLACES)

    @property
    def bytes(self) -> int:
        return int(np.frombuffer(self.meter, np.uint64).sum())

    def __str__(self) -> str:
        return f"{counted(self.workers, 'process', 'processes')} of this machine"

    def outcomes(self, tasks: Iterable[Task]) -> Generator[Outcome | None]:
        """Run tasks by so many processes; their outcomes as they come, in any order.

        None now and then, while nothing is done.

        Raises
        ------
        InputError
            A worker has another build of the package.
        """
        left = iter(tasks)
        while True:
            with self.pool(self.workers) as executor:
                running: Running = {}
                try:
                    yield from drain(executor, left, running, self.workers * AHEAD)
                    return
                except BrokenProcessPool:
                    suspects = list(running.values())
            yield from self.one_by_one(suspects)

    def one_by_one(self, tasks: list[Task]) -> Iterator[Outcome | None]:
        """The outcome of each, in a pool of one; that of a cell that breaks it is an error."""
        left = iter(tasks)
        while True:
            with self.pool(1) as executor:
                running: Running = {}
                try:
                    yield from drain(executor, left, running, 1)
                    return
                except BrokenProcessPool:
                    (culprit,) = running.values()
            yield outcome(culprit, None, DIED)

    @contextmanager
    def pool(self, workers: int) -> Iterator[ProcessPoolExecutor]:
        """Worker processes that are gone when the block ends, whatever they were at."""
        executor = ProcessPoolExecutor(
            workers,
            mp_context=self.context,
            initializer=begin,
            initargs=(os.getpid(), self.meter),
        )
        try:
            yield executor
        finally:
            self.context.kill()
            executor.shutdown(wait=True, cancel_futures=True)


def drain(
    executor: ProcessPoolExecutor, left: Iterator[Task], running: Running, ahead: int
) -> Iterator[Outcome | None]:
    """Outcomes until nothing is left; `running` holds what was begun and has not been given out."""
    while True:
        for task in islice(left, ahead - len(running)):
            running[submit(executor, task, running)] = task
        if not running:
            return
        done, _ = wait(running, TICK, return_when=FIRST_COMPLETED)
        if not done:
            yield None
        for future in done:
            found = future.result()
            del running[future]
            yield found


def submit(executor: ProcessPoolExecutor, task: Task, running: Running) -> Future[Outcome]:
    """The task, begun; if the pool is broken it counts as begun all the same."""
    try:
        return executor.submit(run_task, task)
    except BrokenProcessPool:
        running[Future()] = task
        raise
