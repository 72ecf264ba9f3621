"""One index with its struct pages, and the threads that look its pages up together."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pagecache.designs.references import References
from pagecache.errors import WrongAnswer
from pagecache.measure.case import Row
from pagecache.measure.events import Asked, Event
from pagecache.measure.subject import IndexSubject, Timing
from pagecache.measure.threads.crew import Crew
from pagecache.measure.truth import Indices
from pagecache.xarray.grace import Readers

NS = 6_000_000  # that a loop runs
TIMED = 4096  # gets a thread that are timed alone
LEAST_SHARE = 0.97  # of its processor that each thread must have had
TRIES = 4  # as often is a loop run again for lack of that
Told = dict[str, Any]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Run:
    """How the threads of a row run: how many, on which processors, by which protocol."""

    threads: int
    cpus: Sequence[int]
    references: str | None = None

    @property
    def pinned(self) -> list[int]:
        """A processor for each thread."""
        return [self.cpus[k % len(self.cpus)] for k in range(self.threads)]

    @property
    def shares(self) -> bool:
        """Whether threads take turns."""
        return self.threads > len(self.cpus)


class ThreadSubject(IndexSubject):
    """An index that threads read: its nodes wait for them, and only the cache holds its folios."""

    def __init__(self, row: Row, design: Any, *args: Any, **how: Any) -> None:
        self.readers = Readers()
        super().__init__(row, design, *args, **how, readers=self.readers)

    def asked(self, event: Event, index: Indices) -> NDArray[np.uint64]:
        """A thread's list as its loop takes it: pairs of an index and what it must answer."""
        file = np.zeros(len(index), np.uint32)
        heads = self.design is None or not self.design.names_subpages
        assert event.answer is not None
        answer = event.answer(Asked(self.truth, file, index, self.huge_order, heads))
        if self.design is None:
            answer = np.zeros_like(answer)
        return np.ascontiguousarray(np.stack((index, answer), axis=1))

    def read(self, event: Event, lists: Sequence[Indices], run: Run) -> tuple[Timing, Told]:
        """One event by all threads of a run: its time, and what else was found."""
        asked = [self.asked(event, index) for index in lists[: run.threads]]
        for _ in range(TRIES):
            found = self.read_once(event, asked, run)
            share = min(each["cpu_ns"] / max(each["ns"], 1) for each in found)
            if share >= LEAST_SHARE or run.shares:
                break
        gets = sum(each["gets"] for each in found)
        fallbacks = sum(each["fallbacks"] for each in found)
        told = {
            "gets": gets,
            "absent": sum(each["absent"] for each in found),
            "retries": sum(each["retries"] for each in found),
            "fallbacks": fallbacks,
            "cpu_share": share,
            **self.latency(event, asked, run),
        }
        return Timing(event.name, sum(each["ns"] for each in found), gets), told

    def read_once(
        self, event: Event, asked: Sequence[NDArray[np.uint64]], run: Run
    ) -> list[dict[str, int]]:
        """The loop of each thread, once; WrongAnswer if one was given anything but the truth."""
        crew = self.crew(run)
        found = together(
            [self.loop(crew.read, number, event, each) for number, each in enumerate(asked)],
            run.pinned,
            crew.stop,
        )
        if any(each["wrong"] or each["absent"] for each in found):
            wrong = sum(each["wrong"] + each["absent"] for each in found)
            raise WrongAnswer(f"{self.row}: {event.name}: {wrong} answers are not the input's")
        return found

    def latency(self, event: Event, asked: Sequence[NDArray[np.uint64]], run: Run) -> Told:
        """Percentiles of one lookup timed alone, in ns, the clock's own time included."""
        crew = self.crew(run)
        taken = [np.zeros(TIMED, np.uint32) for _ in asked]
        jobs = [
            self.loop(crew.time_gets, number, event, each, taken[number])
            for number, each in enumerate(asked)
        ]
        clocks = together(jobs, run.pinned, crew.stop)
        empty, ns = clocks[0]
        all_taken = np.concatenate(taken)
        points = np.percentile(all_taken[all_taken > 0], (50, 99, 99.9))
        names = ("p50_ns", "p99_ns", "p999_ns")
        return {
            "clock_ns": empty * ns,
            **{name: float(point * ns) for name, point in zip(names, points, strict=True)},
        }

    def crew(self, run: Run) -> Crew:
        """The threads of a run, all to come."""
        index, protocol = self.indexes[0], run.references
        kept = None if protocol is None else References(index, protocol, run.threads)
        return Crew(index, self.readers, run.threads, NS, kept)

    def loop(
        self, method: Callable[..., Found], number: int, event: Event, *args: Any
    ) -> Callable[[], Found]:
        return lambda: method(number, event.loop, *args)


def together(
    jobs: Sequence[Callable[[], Found]], cpus: Sequence[int], stop: Callable[[], None]
) -> list[Found]:
    """Run each job in a thread of its own, pinned; what they return.

    `stop` frees those that wait for the others, if one cannot be started or fails.
    """
    found: list[Any] = [None] * len(jobs)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with suppress(OSError):  # a machine that forbids it is measured unpinned
                os.sched_setaffinity(0, {cpus[number]})
            found[number] = jobs[number]()
        except BaseException as error:
            failed.append(error)
            stop()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(jobs))]
    started = []
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
    except BaseException:
        stop()
        raise
    finally:
        for thread in started:
            thread.join()
    if failed:
        raise failed[0]
    return found
