"""Cells on all cores of this machine: a pool of processes, nothing to set up.

If a worker dies its pool is broken, and nobody knows which cell was to blame: those that had begun
are run again one at a time, in a pool of one.  A cell that breaks that too has failed.

To hand out a task and take its answer costs about as much as to run a small cell, so quick cells
travel some at a time.  A worker that finds the first ones slow gives the others back.
"""

import os
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from pagecache.printable import counted
from pagecache.sweep.orphan import Workers, begin
from pagecache.sweep.task import Outcome, Task, outcome, run_tasks

AHEAD = 2  # batches that wait for each worker
BATCH_SECONDS = 0.05  # that a batch may take, so that no worker is long without the others
BATCH_AT_MOST = 64
PLACES = 1 << 10  # of the meter, a process each
TICK = 0.25  # seconds without an outcome
DIED = "its worker process was killed (by the kernel, if memory ran out); give fewer --workers"
Batch = list[Task]
Running = dict[Future[list[Outcome]], Batch]


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
                    suspects = [task for batch in running.values() for task in batch]
            yield from self.one_by_one(suspects)

    def one_by_one(self, tasks: list[Task]) -> Iterator[Outcome | None]:
        """The outcome of each, in a pool of one; that of a cell that breaks it is an error."""
        left = iter(tasks)
        while True:
            with self.pool(1) as executor:
                running: Running = {}
                try:
                    yield from drain(executor, left, running, 1, at_most=1)
                    return
                except BrokenProcessPool:
                    ((culprit,),) = running.values()
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


@dataclass
class Pace:
    """How many tasks make a batch: one until cells turn out to be quick.

    Examples
    --------
    >>> pace = Pace(BATCH_AT_MOST)
    >>> pace.size
    1
    >>> for _ in range(20):
    ...     pace.saw(0.005)
    >>> pace.size
    10
    >>> pace.saw(3.0)
    >>> pace.size
    1
    """

    at_most: int
    seconds: float = BATCH_SECONDS  # a cell's, as a mean that forgets

    def saw(self, seconds: float) -> None:
        """A cell took so long."""
        self.seconds += (seconds - self.seconds) / 4

    @property
    def size(self) -> int:
        return max(1, min(self.at_most, int(BATCH_SECONDS / max(self.seconds, 1e-6) + 0.5)))


def drain(
    executor: ProcessPoolExecutor,
    left: Iterator[Task],
    running: Running,
    ahead: int,
    at_most: int = BATCH_AT_MOST,
) -> Iterator[Outcome | None]:
    """Outcomes until nothing is left; `running` holds what was begun and has not been given out."""
    pace = Pace(at_most)
    while True:
        while len(running) < ahead and (batch := list(islice(left, pace.size))):
            running[submit(executor, batch, running)] = batch
        if not running:
            return
        done, _ = wait(running, TICK, return_when=FIRST_COMPLETED)
        if not done:
            yield None
        for future in done:
            found, batch = future.result(), running.pop(future)
            left = chain(batch[len(found) :], left)
            for each in found:
                pace.saw(each.seconds)
            yield from found


def submit(executor: ProcessPoolExecutor, batch: Batch, running: Running) -> Future[list[Outcome]]:
    """The tasks, begun; if the pool is broken they count as begun all the same."""
    try:
        return executor.submit(run_tasks, batch, BATCH_SECONDS)
    except BrokenProcessPool:
        running[Future()] = batch
        raise
