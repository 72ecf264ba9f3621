"""Rounds over subjects in an order drawn anew, each with the conditions that it ran under."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pagecache.measure.case import Case, Job
from pagecache.measure.conditions import Watch
from pagecache.measure.subject import Timing

HARNESS, AGAIN, CLEARING = "(harness)", "(A/A)", "(clearing)"
Record = dict[str, Any]


class Rounds:
    """One case in one process; what a subject is and does is for those who derive from it."""

    subjects: Sequence[Any]

    def __init__(self, case: Case, job: Job) -> None:
        self.case, self.job = case, job
        self.rng = np.random.default_rng([job.seed, job.process])
        self.watch = Watch(job.cpu)

    def rounds(self, seconds: float) -> Iterator[Record]:
        """Rounds until enough were run or the time is over, but one at least."""
        deadline = time.perf_counter() + seconds
        for number in range(self.case.rounds):
            if number and time.perf_counter() > deadline:
                return
            yield self.round(number)

    def round(self, number: int) -> Record:
        """One round: lists and order drawn anew, each subject filled, asked and emptied."""
        lists = self._draw()
        order = self.rng.permutation(len(self.subjects))
        self.watch.start()
        times = {self.subjects[k].label: self._measure(self.subjects[k], lists) for k in order}
        times[CLEARING] = self._clear()
        conditions = self.watch.stop()
        return {
            "kind": "round",
            "round": number,
            "conditions": conditions.to_dict(),
            "times": {
                label: [[timing.event, timing.ns, timing.events] for timing in timings]
                for label, timings in times.items()
            },
        }

    def _draw(self) -> Any:
        """The lists of one round, the same for every subject."""
        raise NotImplementedError

    def _measure(self, subject: Any, lists: Any) -> list[Timing]:
        raise NotImplementedError

    def _clear(self) -> list[Timing]:
        """What clearing pages takes, if it is wanted."""
        raise NotImplementedError
