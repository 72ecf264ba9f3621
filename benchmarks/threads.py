"""Gets of one hot huge folio by one thread and by two, under each protocol of references."""

import os

from pagecache.measure.case import Job
from pagecache.measure.events import GET
from pagecache.measure.plan import Options
from pagecache.measure.threads.bench import ThreadBench
from pagecache.measure.threads.cpus import usual_cpus
from pagecache.measure.threads.plan import Threads, thread_cases
from pagecache.measure.threads.subject import Run, ThreadSubject
from pagecache.page.protocols import PROTOCOLS

from .common import SEED, Benchmark

SIZE = "64M"
THREADS = {"1 thread": 1, "2 threads": 2}


class HotFolio(Benchmark):
    """What does a thread's get cost where another holds and puts the same folio?"""

    params = (tuple(PROTOCOLS), tuple(THREADS))
    param_names = ("references", "threads")
    unit = "ns"

    def setup(self, references: str, threads: str) -> None:
        self.cpus = usual_cpus(sorted(os.sched_getaffinity(0)))
        if len(self.cpus) < THREADS[threads]:
            raise NotImplementedError("two threads need two processors")
        options = Options(designs=("thp-multi",), pattern="hot-2M")
        (case,) = thread_cases(Threads((1, 2)), options, size=SIZE)
        bench = case.bench(Job((case,), seed=SEED, process=0, cpu=self.cpus[0]))
        assert isinstance(bench, ThreadBench)
        self.lists = bench.draw()
        subject = bench.subjects[0]
        assert isinstance(subject, ThreadSubject)
        subject.populate()
        self.subject = subject

    def track_get(self, references: str, threads: str) -> float:
        """Ns of each thread's, the median of several loops."""
        run = Run(THREADS[threads], self.cpus, references)
        loops = [self.subject.read(GET, self.lists, run)[0] for _ in range(self.rounds * 2 + 1)]
        found = sorted(timing.ns / timing.events for timing in loops)
        return found[len(found) // 2]
