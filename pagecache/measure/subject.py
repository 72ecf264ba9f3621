"""A bare index as a row: a design over an input's folios, built and filled for real."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pagecache.designs import Design
from pagecache.errors import WrongAnswer
from pagecache.inputs import Folios
from pagecache.measure.case import Row
from pagecache.measure.events import MARK, NEEDS, POPULATE, SCAN, TRUNCATE, Asked, Event
from pagecache.measure.loops import Batch, NullIndex
from pagecache.measure.probe import flush
from pagecache.measure.truth import Files, Indices, Truth, total
from pagecache.page.frames import Frames
from pagecache.results import NODE_BYTES
from pagecache.xarray.grace import Readers

LEAST_NS = 4_000_000  # populate and truncate are repeated until they have run this long
MOST_TURNS = 1000
MOST_MARKED = 1 << 17
LARGE = 1 << 24  # slots: an index that takes some half a second to fill
Accesses = tuple[Files, Indices]


@dataclass(frozen=True)
class Timing:
    """One event's loop: how long it took, over how many events."""

    event: str
    ns: int
    events: int


@dataclass(frozen=True)
class Lists:
    """The lists of one round, the same for every design.

    `pages` are page accesses, `huge` huge pages by number, `seed` draws each design's folios.
    """

    pages: Accesses
    huge: Accesses
    seed: int


class IndexSubject:
    """A design with its folios, frames and indexes.

    Parameters
    ----------
    row : Row
    design : Design or None
        None measures the empty loop.
    events : sequence of Event
        What `measure` times, as far as the row has it.
    caches : {"hot", "after-copy", "cold"}
    options : dict, optional
        Of the layout.
    readers : Readers, optional
        Threads that will read it beside a writer.
    """

    may_stay_full: ClassVar[bool] = True

    def __init__(
        self,
        row: Row,
        design: Design | None,
        truth: Truth,
        frames: Frames,
        *,
        events: Sequence[Event] = (),
        huge_order: int = 9,
        caches: str = "hot",
        options: dict[str, str] | None = None,
        readers: Readers | None = None,
    ) -> None:
        self.row, self.design, self.truth, self.frames = row, design, truth, frames
        self.huge_order, self.caches = huge_order, caches
        self.pool: Any = None if design is None else design.make_pool(huge=True, readers=readers)
        self.indexes: list[Any] = [
            NullIndex()
            if design is None
            else design.make(frames, self.pool, huge_order=huge_order, **(options or {}))
            for _ in truth.folios.files
        ]
        self.batch = Batch(self.indexes, copy=caches == "after-copy")
        self.events = [event for event in events if self.lacks(event) is None]
        self.large = self.stays_full = False  # until it is warm

    @property
    def folios(self) -> Folios:
        return self.truth.folios

    def nodes(self) -> int:
        """Nodes of all the files' indexes, as they stand."""
        return sum(index.nodes for index in self.indexes)

    def warm_up(self, *, age: int | None = None) -> dict[str, Any]:
        """Fill and empty the indexes once, so that nodes and code are there.

        A large one stays full if it is only looked up, since to fill 1 TiB takes seconds.

        Returns what was counted while they were full: nodes, slots, and the greatest height.
        """
        self.populate()
        counted = {
            "nodes": self.nodes(),
            "index_bytes": sum(index.index_bytes for index in self.indexes),
            "node_bytes": NODE_BYTES if self.design is None else self.design.node_bytes,
            "slots": sum(getattr(index, "slots", 0) for index in self.indexes),
            "height": max(getattr(index, "height", 0) for index in self.indexes),
        }
        changing = {POPULATE, TRUNCATE, MARK, SCAN} & set(self.events)
        self.large = counted["slots"] >= LARGE and not {MARK, SCAN} & changing
        self.stays_full = self.large and self.may_stay_full and not changing and age is None
        if not self.stays_full:
            self.batch.truncate()
        if age is not None and self.pool is not None:
            self.pool.shuffle(age)
        return counted

    def populate(self) -> int:
        folios = self.folios
        return int(self.batch.populate(folios.file, folios.index, folios.order, self.truth.pfn))

    def ranges(self) -> list[tuple[int, int]]:
        """The (address, bytes) that nodes lie in, as far as the pool knows."""
        return list(self.pool.ranges()) if self.pool is not None else []

    def lacks(self, event: Event) -> str | None:
        """Why the row has no such event; None if it has."""
        return next((NEEDS[need] for need in event.needs if not self.has(need)), None)

    def has(self, need: str) -> bool:
        """Whether the row has something that an event may need: a key of `NEEDS`."""
        if need == "struct-pages":
            return self.frames.backed
        if need == "huge-folios":
            return min(self.folios.order_set()) >= self.huge_order
        if need == "copies":
            return self.design is None or self.design.on_xarray
        return self.design is None or need in self.design.provides

    # Rounds --------------------------------------------------------------------------------

    def measure(self, lists: Lists) -> list[Timing]:
        """All events of one round."""
        timings = [] if self.stays_full else self.fill()
        for event in self.events:
            if event.is_lookup:
                self.empty_caches()
                timings.append(self.look_up(event, lists))
        if {MARK, SCAN} & set(self.events):
            timings += self.mark_and_scan(lists)
        timings += [] if self.stays_full else self.empty()
        wanted = {event.name for event in self.events}
        return [timing for timing in timings if timing.event in wanted]

    def fill(self, least_ns: int = LEAST_NS) -> list[Timing]:
        """Populate and truncate by turns until both have run for `least_ns`, and populate again.

        Where neither is wanted, or once is long enough, there are no turns.
        """
        folios, pages = self.expect(len(self.folios)), self.expect(self.folios.pages)
        spent = {POPULATE.name: 0, TRUNCATE.name: 0}
        turns, wanted = 0, {POPULATE, TRUNCATE} & set(self.events) and not self.large
        while wanted and (turns == 0 or (turns < MOST_TURNS and min(spent.values()) < least_ns)):
            spent[POPULATE.name] += timed(self.populate, folios, f"{self.row}: populate")
            spent[TRUNCATE.name] += timed(self.batch.truncate, pages, f"{self.row}: truncate")
            turns += 1
        last = timed(self.populate, folios, f"{self.row}: populate")
        if self.large:
            return [Timing(POPULATE.name, last, len(self.folios))]
        return [Timing(event, ns, turns * len(self.folios)) for event, ns in spent.items()]

    def empty(self) -> list[Timing]:
        """Truncate at the end of the round, which counts for an index without turns."""
        pages = self.expect(self.folios.pages)
        ns = timed(self.batch.truncate, pages, f"{self.row}: truncate")
        return [Timing(TRUNCATE.name, ns, len(self.folios))] if self.large else []

    def expect(self, answer: int) -> int | None:
        """The answer a design must give; the empty loop may give any."""
        return None if self.design is None else answer

    def look_up(self, event: Event, lists: Lists) -> Timing:
        """Run one lookup event over this round's list."""
        file, index = lists.huge if event.over == "huge" else lists.pages
        loop = getattr(self.batch, event.loop)
        assert event.answer is not None
        heads = self.design is None or not self.design.names_subpages
        asked = Asked(self.truth, file, index, self.huge_order, heads)
        expected = self.expect(total(event.answer(asked)))
        ns = timed(lambda: loop(file, index), expected, f"{self.row}: {event.name}")
        return Timing(event.name, ns, len(index))

    def mark_and_scan(self, lists: Lists, most: int = MOST_MARKED) -> list[Timing]:
        """Set folios dirty in random order, then visit all that are."""
        rows = self._some_folios(lists.seed, most)
        file, index = self.folios.file[rows], self.folios.index[rows]
        expected = self.expect(total(self.truth.pfn[rows]))
        mark = timed(lambda: self.batch.mark(file, index), expected, f"{self.row}: mark")
        scan = timed(self.batch.scan, expected, f"{self.row}: scan")
        return [Timing(MARK.name, mark, len(rows)), Timing(SCAN.name, scan, len(rows))]

    def _some_folios(self, seed: int, most: int) -> NDArray[np.intp]:
        rows = np.random.default_rng(seed).permutation(len(self.folios))
        return rows[:most]

    def empty_caches(self) -> None:
        """Drop the lines of nodes and struct pages, where the caches are to be cold."""
        if self.caches == "cold":
            struct_pages = [self.frames.range] if self.frames.backed else []
            for address, size in [*self.ranges(), *struct_pages]:
                flush(address, size)


def timed(loop: Callable[[], object], expected: int | None, what: str) -> int:
    """The loop's nanoseconds; WrongAnswer if it returns anything but `expected`."""
    start = time.perf_counter_ns()
    answer = loop()
    ns = time.perf_counter_ns() - start
    if expected is not None and answer != expected:
        raise WrongAnswer(f"{what}: answered {answer}, the input says {expected}")
    return ns
