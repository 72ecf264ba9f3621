"""One index with its struct pages, and the threads that look its pages up together."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pagecache.designs.matrix import USUAL
from pagecache.designs.references import References
from pagecache.errors import WrongAnswer
from pagecache.measure.case import Row
from pagecache.measure.events import GET, Asked, Event
from pagecache.measure.subject import IndexSubject, Timing
from pagecache.measure.threads.copies import Copies, page_contents
from pagecache.measure.threads.crew import Crew
from pagecache.measure.threads.writer import Writer
from pagecache.measure.threads.writers import KEEPS
from pagecache.measure.threads.writers import Asked as Beside
from pagecache.measure.truth import Indices
from pagecache.xarray.grace import Readers

NS = 6_000_000  # that a loop runs
TIMED = 4096  # gets a thread that are timed alone
NS_BESIDE, TIMED_BESIDE = 20_000_000, 1 << 16  # the same beside a writer, who does little in 6 ms
HOLDS = 1 << 16  # times that the lock was held, of a loop
SUMMED = ("gets", "absent", "retries", "fallbacks", "preempted")
PERCENTILES = ("p50_ns", "p99_ns", "p999_ns")
MOST_CONTENTS = 1 << 14  # pages that have memory of their own, 64 MiB; others share it
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
    writer: str | None = None

    @property
    def members(self) -> int:
        """Threads in all."""
        return self.threads + (self.writer is not None)

    @property
    def pinned(self) -> list[int]:
        """A processor for each thread, the writer's last."""
        return [self.cpus[k % len(self.cpus)] for k in range(self.members)]

    @property
    def shares(self) -> bool:
        """Whether threads take turns."""
        return self.members > len(self.cpus)


class Work:
    """What the writer of one loop does, called in its thread, and what it found."""

    def __init__(
        self, writer: Writer, crew: Crew, asked: Beside, places: NDArray[np.uint64]
    ) -> None:
        self.writer, self.crew, self.asked, self.places = writer, crew, asked, places
        self.holds = np.zeros(HOLDS, np.uint32)
        self.found: dict[str, int] = {}

    def __call__(self) -> dict[str, int]:
        self.found = self.writer.write(self.crew, self.asked.rate, self.places, self.holds)
        return self.found

    def check(self, row: str) -> None:
        """WrongAnswer unless every count is what the slots say, now that nobody reads."""
        off = self.writer.unsettled(self.places)
        if off:
            raise WrongAnswer(f"{row}: {self.asked}: {off} folios have not the cache's references")

    def told(self, tick: float) -> dict[str, float]:
        """Rates a second, and how long the lock was held; `tick` is ns a tick."""
        held = self.holds[: min(self.found["done"], HOLDS)] * tick
        points = np.percentile(held, (50, 90, 99, 99.9, 100)) if len(held) else [0.0] * 5
        names = ("p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns")
        seconds = max(self.found["ns"], 1) / 1e9
        rates = {"rate": self.found["done"] / seconds, "refused": self.found["refused"] / seconds}
        return {**rates, **{n: float(point) for n, point in zip(names, points, strict=True)}}


class ThreadSubject(IndexSubject):
    """An index that threads read: its nodes wait for them, and only the cache holds its folios."""

    may_stay_full = False  # each loop fills it

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
        places = None if run.writer is None else self.places(run.writer, lists[-1])
        for _ in range(TRIES):
            found, work = self.read_once(event, asked, run, places)
            share = min(each["cpu_ns"] / max(each["ns"], 1) for each in found)
            if share >= LEAST_SHARE or run.shares:
                break
        sums = {name: sum(each[name] for each in found) for name in SUMMED}
        latency, tick = self.latency(event, asked, run, places)
        told = {**sums, "cpu_share": share, **latency}
        if work is not None:
            told["lock"] = work.told(tick)
        return Timing(event.name, sum(each["ns"] for each in found), sums["gets"]), told

    def places(self, writer: str, pages: Indices) -> NDArray[np.uint64]:
        """Where a writer works: among the pages that readers access."""
        order = int(self.folios.order[0])
        return Beside.parse(writer).places(pages, order, self.truth.pfn)

    def read_once(
        self,
        event: Event,
        asked: Sequence[NDArray[np.uint64]],
        run: Run,
        places: NDArray[np.uint64] | None,
    ) -> tuple[list[dict[str, int]], Work | None]:
        """The loop of each thread, once; WrongAnswer if one was given anything but the truth."""
        kept = self.kept(run, event)
        crew = self.crew(run, kept, event)
        jobs: list[Callable[[], Any]]
        jobs = [self.loop(crew.read, number, event, each) for number, each in enumerate(asked)]
        work = None if places is None else self.work(crew, kept, run, places)
        jobs += [] if work is None else [work]
        found = together(jobs, run.pinned, crew.stop)
        readers = found[: run.threads]
        lost = work is None or work.asked.verb in KEEPS
        wrong = sum(each["wrong"] + each["absent"] * lost for each in readers)
        if wrong:
            raise WrongAnswer(f"{self.row}: {event.name}: {wrong} answers are not the input's")
        if work is not None:
            work.check(str(self.row))
        return readers, work

    def latency(
        self,
        event: Event,
        asked: Sequence[NDArray[np.uint64]],
        run: Run,
        places: NDArray[np.uint64] | None,
    ) -> tuple[Told, float]:
        """Percentiles of one lookup timed alone, the clock's own time included; ns a tick."""
        kept = self.kept(run, event)
        crew = self.crew(run, kept, event)
        taken = [np.zeros(TIMED if places is None else TIMED_BESIDE, np.uint32) for _ in asked]
        jobs: list[Callable[[], Any]] = [
            self.loop(crew.time_gets, number, event, each, taken[number])
            for number, each in enumerate(asked)
        ]
        jobs += [] if places is None else [self.work(crew, kept, run, places)]
        empty, ns = together(jobs, run.pinned, crew.stop)[0]
        all_taken = np.concatenate(taken)
        points = np.percentile(all_taken[all_taken > 0], (50, 99, 99.9))
        found = {name: float(point * ns) for name, point in zip(PERCENTILES, points, strict=True)}
        return {"clock_ns": empty * ns, **found}, ns

    def kept(self, run: Run, event: Event = GET) -> References | None:
        """The protocol of a run; None is that of an index that has no other."""
        protocol = run.references
        usual = protocol in (None, USUAL) and run.writer is None
        if self.design is None or (usual and not event.copied):
            return None
        return References(self.indexes[0], protocol or USUAL, run.threads)

    def crew(self, run: Run, kept: References | None, event: Event = GET) -> Crew:
        """The threads of a run, all to come."""
        beside = run.writer is not None
        copies = None
        if kept is not None and event.copied:
            contents = contents_of(min(self.folios.pages, MOST_CONTENTS))
            copies = Copies(kept, contents, event.copied)
        return Crew(
            self.indexes[0],
            self.readers,
            run.members,
            NS_BESIDE if beside else NS,
            kept,
            beside,
            self.spare(run),
            copies,
        )

    def spare(self, run: Run) -> tuple[int, int]:
        """The first frame and the pages of the folio that others are migrated to; nothing else."""
        pages = 1 << int(self.folios.order[0])
        migrates = run.writer is not None and Beside.parse(run.writer).verb == "migrate"
        return (self.frames.count - pages, pages) if migrates else (0, 0)

    def work(
        self, crew: Crew, kept: References | None, run: Run, places: NDArray[np.uint64]
    ) -> Work:
        """What the writer of a run does."""
        assert kept is not None
        assert run.writer is not None
        asked, order = Beside.parse(run.writer), int(self.folios.order[0])
        spare, _ = self.spare(run)
        sides = asked.folios(order)
        writer = Writer(kept, self.readers, asked.verb, order, sides, spare, sleeps=run.shares)
        return Work(writer, crew, asked, places)

    def loop(
        self, method: Callable[..., Found], number: int, event: Event, *args: Any
    ) -> Callable[[], Found]:
        return lambda: method(number, event.loop, *args)


@cache
def contents_of(pages: int) -> NDArray[np.uint8]:
    """What the pages of all files hold, made once a process."""
    return page_contents(pages)


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
