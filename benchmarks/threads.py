"""Gets of hot folios by threads: under each protocol of references, and what grace periods add."""

import os
from collections.abc import Callable
from random import Random
from statistics import median

from pagecache.measure.case import Job
from pagecache.measure.events import GET
from pagecache.measure.plan import Options
from pagecache.measure.threads.bench import ThreadBench
from pagecache.measure.threads.cpus import usual_cpus
from pagecache.measure.threads.crew import Crew
from pagecache.measure.threads.plan import Threads, thread_cases
from pagecache.measure.threads.subject import NS, Run, ThreadSubject, together
from pagecache.page.protocols import PROTOCOLS
from pagecache.xarray.grace import Readers

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
        """Ns of the one to ns of the other, in rounds of reshuffled order."""
        loops, chance, ratios = [tried, baseline], Random(SEED), []
        for _ in range(self.rounds * 5 + 1):
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
        self.fill()
        if len(self.cpus) < THREADS[threads]:
            raise NotImplementedError("two threads need two processors")

    def track_get(self, references: str, threads: str) -> float:
        """Times the get of one thread under `cas` in the same round, the median of rounds."""
        run = Run(THREADS[threads], self.cpus, references)
        return self.times(lambda: self.ns_a_get(run), lambda: self.ns_a_get(Run(1, self.cpus)))

    def ns_a_get(self, run: Run) -> float:
        """Of one loop of each thread."""
        timing, _ = self.subject.read(GET, self.lists, run)
        return timing.ns / timing.events


class GracePeriods(Hot):
    """What do quiescent states, one every 64 gets, add to a get of one thread?"""

    params = (("quiescent states", "A/A"),)
    param_names = ("readers",)
    unit = "times"

    def setup(self, readers: str) -> None:
        self.fill()
        self.asked = self.subject.asked(GET, self.lists[0])

    def track_get(self, readers: str) -> float:
        """Times the get of a loop without them in the same round, the median of rounds."""
        tried = self.subject.readers if readers == "quiescent states" else None
        return self.times(lambda: self.ns_a_get(tried), lambda: self.ns_a_get(None))

    def ns_a_get(self, readers: Readers | None) -> float:
        """Of one loop on the first processor."""
        crew = Crew(self.subject.indexes[0], readers, 1, NS)
        (found,) = together([lambda: crew.read(0, "get", self.asked)], self.cpus[:1], crew.stop)
        return float(found["ns"] / found["gets"])
