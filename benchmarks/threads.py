"""Gets of hot folios by threads: under each protocol of references, and what grace periods add."""

import os
from collections.abc import Callable
from random import Random
from statistics import median

from pagecache.measure.case import Job
from pagecache.measure.events import GET
from pagecache.measure.plan import Options
from pagecache.measure.threads import crew  # its class has a time_ method: no suite of ours
from pagecache.measure.threads.bench import ThreadBench
from pagecache.measure.threads.cpus import usual_cpus
from pagecache.measure.threads.plan import Threads, thread_cases
from pagecache.measure.threads.subject import NS, Run, ThreadSubject, together
from pagecache.page.protocols import PROTOCOLS

from .common import SEED, Benchmark

SIZE = "64M"
THREADS = {"1 thread": 1, "2 threads": 2}


class Hot(Benchmark):
    """A file of huge folios, and threads that read the pages of one."""

    def fill(self) -> None:
        self.cpus = usual_cpus(sorted(os.sched_getaffinity(0)))
        options = Options(designs=("thp-multi",), pattern="hot-2M")
        (case,) = thread_cases(Threads((1, 2)), options, size=SIZE)
        bench = case.bench(Job((case,), seed=SEED, process=0, cpu=self.cpus[0]))
        assert isinstance(bench, ThreadBench)
        self.lists = bench.draw()
        subject = bench.subjects[0]
        assert isinstance(subject, ThreadSubject)
        subject.populate()
        self.subject = subject

    def times(self, tried: Callable[[], float], baseline: Callable[[], float]) -> float:
        """Ns of the one to ns of the other, in rounds of reshuffled order.

        Each round has a file of its own: where its nodes and struct pages lie matters.
        """
        loops, chance, ratios = [tried, baseline], Random(SEED), []
        for _ in range(self.rounds * 5 + 1):
            self.fill()
            chance.shuffle(loops)
            ns = {loop: loop() for loop in loops}
            ratios.append(ns[tried] / ns[baseline])
        return median(ratios)


class HotFolio(Hot):
    """What does a thread's get cost where another holds and puts the same folio?"""

    params = (tuple(PROTOCOLS), tuple(THREADS))
    param_names = ("references", "threads")
    unit = "times"

    def setup(self, references: str, threads: str) -> None:
        if len(os.sched_getaffinity(0)) < THREADS[threads]:
            raise NotImplementedError("two threads need two processors")

    def track_get(self, references: str, threads: str) -> float:
        """Times the get of one thread under `cas` in the same round, the median of rounds."""
        return self.times(
            lambda: self.ns_a_get(THREADS[threads], references), lambda: self.ns_a_get(1, "cas")
        )

    def ns_a_get(self, threads: int, references: str) -> float:
        """Of one loop of each thread."""
        timing, _ = self.subject.read(GET, self.lists, Run(threads, self.cpus, references))
        return timing.ns / timing.events


class GracePeriods(Hot):
    """What do quiescent states, one every 64 gets, add to a get of one thread?"""

    params = (("quiescent states", "A/A"),)
    param_names = ("readers",)
    unit = "times"

    def track_get(self, readers: str) -> float:
        """Times the get of a loop without them in the same round, the median of rounds."""
        return self.times(
            lambda: self.ns_a_get(said=readers == "quiescent states"),
            lambda: self.ns_a_get(said=False),
        )

    def ns_a_get(self, *, said: bool) -> float:
        """Of one loop on the first processor."""
        asked = self.subject.asked(GET, self.lists[0])
        readers = self.subject.readers if said else None
        one = crew.Crew(self.subject.indexes[0], readers, 1, NS)
        (found,) = together([lambda: one.read(0, "get", asked)], self.cpus[:1], one.stop)
        return float(found["ns"] / found["gets"])
