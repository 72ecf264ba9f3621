"""One worker process of a trial: ``python trial.py SEED SIZE``; its ratios as JSON on stdout.

It says when it is ready, and measures once it is told to go on. Subjects, lists, loops and rounds
are those of `pagecache compare`; only rows that a comparison would not need are left out, so that a
process is short.
"""

import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from pagecache.measure.bench import Bench, IndexCase
from pagecache.measure.case import AGAIN, Job
from pagecache.measure.conditions import Conditions, judge
from pagecache.measure.plan import Options, size_cases
from pagecache.measure.probe import dependent_adds
from pagecache.measure.runner import quiet_cpu
from pagecache.measure.subject import Lists, Timing
from pagecache.measure.worker import pin

DESIGN, EVENT = "hugetlb-huge", "get"
PLANTED = (0, 1, 3, 6)  # percent: 0 is the A/A row
FIELDS = ("load", "size", "machine", "kernel", "commit", "number")
FIELDS += (*(f"planted_{share}" for share in PLANTED), "seconds", "discarded", "rounds", "others")


class Trials(Bench):
    """The baseline, and itself again with each delay."""

    def __init__(self, case: IndexCase, job: Job) -> None:
        super().__init__(case, job)
        again = [self._subject(AGAIN, case.baseline) for _ in PLANTED]
        self.subjects = [self.subjects[0], *again]
        self.delays = [0] * len(self.subjects)

    def warm_up(self) -> None:
        """Fill once, and see how many additions take the share that is to be planted."""
        for subject in self.subjects:
            subject.warm_up()
        base, lists = self.subjects[0], self.draw()
        base.populate()
        ns = median(self.look_up(0, lists).ns for _ in range(5))
        base.batch.truncate()
        self.delays = [0, *(int(ns * share / 100 / add_ns()) for share in PLANTED)]

    def look_up(self, number: int, lists: Lists) -> Timing:
        """The event over the list, the delay behind it within the time."""
        subject = self.subjects[number]
        loop, adds = getattr(subject.batch, EVENT), self.delays[number]
        file, index = lists.pages
        start = time.perf_counter_ns()
        loop(file, index)
        if adds:
            dependent_adds(adds)
        return Timing(EVENT, time.perf_counter_ns() - start, len(index))

    def one_round(self) -> tuple[list[float], Conditions]:
        """Times of the subjects, in an order that is reshuffled, and what the round ran under."""
        lists, ns = self.draw(), [0.0] * len(self.subjects)
        order = self.rng.permutation(len(self.subjects))
        self.watch.start()
        for number in order:
            self.subjects[number].populate()
            ns[number] = self.look_up(int(number), lists).ns
            self.subjects[number].batch.truncate()
        return ns, self.watch.stop()


def add_ns(adds: int = 1_000_000) -> float:
    """ns an addition, the best of three."""
    return min(timed(lambda: dependent_adds(adds)) for _ in range(3)) / adds


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter_ns()
    run()
    return time.perf_counter_ns() - start


def trial(seed: int, size: str, rounds: int = 5) -> dict[str, Any]:
    """The ratios of one process: medians over the rounds that were kept."""
    (case,) = size_cases(size, Options(designs=(DESIGN,), events=(EVENT,), seed=seed))
    bench = Trials(case, Job((case,), seed=seed, process=seed, cpu=quiet_cpu()))
    bench.warm_up()
    found = [bench.one_round() for _ in range(rounds)]
    faults = judge([conditions for _, conditions in found])
    kept = [ns for (ns, _), fault in zip(found, faults, strict=True) if fault is None]
    kept = kept or [ns for ns, _ in found]
    ratios = {
        f"planted_{share}": round(median(ns[place] / ns[0] for ns in kept), 6)
        for place, share in enumerate(PLANTED, 1)
    }
    seconds = round(time.process_time(), 3)  # of the whole process, its start included
    discarded = sum(fault is not None for fault in faults)
    return {**ratios, "seconds": seconds, "discarded": discarded, "rounds": rounds}


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    pin(quiet_cpu())
    print(json.dumps(trial(int(sys.argv[1]), sys.argv[2])))
