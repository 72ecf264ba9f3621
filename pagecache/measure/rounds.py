"""Rounds over subjects in reshuffled order, each with the conditions that it ran under."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from pagecache.measure.case import CLEARING, Case, Job, Row
from pagecache.measure.conditions import Watch
from pagecache.measure.probe import zero
from pagecache.measure.subject import Timing, timed

Record = dict[str, Any]
CLEARED = 64 << 20  # bytes, beyond the caches of a core


class Subject(Protocol):
    """A row made ready: filled, asked and emptied in each round."""

    row: Row

    def measure(self, lists: Any) -> list[Timing]:
        """All events of one round."""


class Rounds(ABC):
    """One case in one process; what a subject is and does is for those who derive from it."""

    subjects: Sequence[Subject]

    def __init__(self, case: Case, job: Job) -> None:
        self.case, self.job = case, job
        self.rng = np.random.default_rng([job.seed, job.process])
        self.watch = Watch(job.cpu)
        self.events: Sequence[str] = case.events  # that the baseline has
        self.numbers = {row: number for number, row in enumerate(case.all_rows)}

    @cached_property
    def _buffer(self) -> bytearray:
        """What is cleared, for cases that ask."""
        return bytearray(CLEARED)

    @abstractmethod
    def counts(self) -> Iterator[Record]:
        """Fill every row once, which warms it up: what it holds, counted."""

    @abstractmethod
    def draw(self) -> Any:
        """The lists of one round, the same for every subject."""

    @abstractmethod
    def cleared_per_event(self) -> float:
        """Bytes that are cleared for one event of the baseline."""

    def rounds(self, seconds: float) -> Iterator[Record]:
        """Rounds until enough were run or the time is over, but one at least."""
        deadline = time.perf_counter() + seconds
        for number in range(self.case.rounds):
            if number and time.perf_counter() > deadline:
                return
            yield self.round(number)

    def round(self, number: int) -> Record:
        """One round: lists and order are redrawn, each subject filled, asked and emptied."""
        lists = self.draw()
        self.watch.start()
        times = {**self.measure_all(lists), CLEARING: self.clear()}
        conditions = self.watch.stop()
        return {
            "kind": "round",
            "round": number,
            "conditions": conditions.to_dict(),
            "times": [
                [self.numbers[row], timing.event, timing.ns, timing.events]
                for row, timings in times.items()
                for timing in timings
            ],
        }

    def measure_all(self, lists: Any) -> dict[Row, list[Timing]]:
        """Every subject in reshuffled order."""
        order = self.rng.permutation(len(self.subjects))
        return {self.subjects[k].row: self.subjects[k].measure(lists) for k in order}

    def clear(self) -> list[Timing]:
        """Zero pages, as a kernel does before they go in, for as many events as that suffices."""
        events = [name for name in self.events if self.case.event(name).cleared_for]
        if not events:
            return []
        ns = timed(lambda: zero(self._buffer), None, "clearing")
        return [Timing(name, ns, int(CLEARED / self.cleared_per_event())) for name in events]
