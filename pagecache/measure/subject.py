"""What is measured: a design over an input's folios, its index built and filled for real."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagecache.designs import Design
from pagecache.errors import WrongAnswer
from pagecache.inputs import Folios
from pagecache.measure.loops import Batch, NullIndex
from pagecache.measure.truth import Files, Indices, Truth, total
from pagecache.page.frames import Frames
from pagecache.results import NODE_BYTES

READ_PAGES, AROUND_PAGES = 32, 16
Accesses = tuple[Files, Indices]


@dataclass(frozen=True)
class Lists:
    """The lists of one round, the same for every design.

    `pages` are page accesses, `huge` huge pages by number, `seed` draws each design's folios.
    """

    pages: Accesses
    huge: Accesses
    seed: int


@dataclass(frozen=True)
class Timing:
    """One event's loop: how long it took, over how many events."""

    event: str
    ns: int
    events: int


class Subject:
    """A design with its folios, frames and indexes: one row of a table.

    Parameters
    ----------
    label : str
        The design's name, ``(harness)`` or ``(A/A)``.
    design : Design or None
        None measures the loops round nothing.
    """

    def __init__(
        self,
        label: str,
        design: Design | None,
        truth: Truth,
        frames: Frames,
        *,
        huge_order: int = 9,
        copy: bool = False,
        options: dict[str, str] | None = None,
    ) -> None:
        self.label, self.design, self.truth, self.frames = label, design, truth, frames
        self.huge_order = huge_order
        self.pool: Any = None if design is None else design.make_pool(huge=True)
        self.indexes: list[Any] = [
            NullIndex()
            if design is None
            else design.make(frames, self.pool, huge_order=huge_order, **(options or {}))
            for _ in truth.folios.files
        ]
        self.batch = Batch(self.indexes, copy=copy)

    @property
    def folios(self) -> Folios:
        return self.truth.folios

    def nodes(self) -> int:
        """Nodes of all the files' trees, as they stand."""
        return sum(index.nodes for index in self.indexes)

    def warm_up(self, *, age: int | None = None) -> dict[str, Any]:
        """Fill and empty the indexes once, so that nodes and code are there.

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
        self.batch.truncate()
        if age is not None and self.pool is not None:
            self.pool.shuffle(age)
        return counted

    def populate(self) -> int:
        folios = self.folios
        return int(self.batch.populate(folios.file, folios.index, folios.order, self.truth.pfn))

    # Events --------------------------------------------------------------------------------

    def fill(self, events: set[str], least_ns: int) -> list[Timing]:
        """Populate and truncate by turns until both have run for `least_ns`, and populate again."""
        spent = {"populate": 0, "truncate": 0}
        turns = 0
        while turns == 0 or (turns < 1000 and min(spent.values()) < least_ns):
            spent["populate"] += timed(self.populate, self.expect(len(self.folios)), "populate")
            spent["truncate"] += timed(
                self.batch.truncate, self.expect(self.folios.pages), "truncate"
            )
            turns += 1
        self.populate()
        return [
            Timing(event, ns, turns * len(self.folios))
            for event, ns in spent.items()
            if event in events
        ]

    def ranges(self) -> list[tuple[int, int]]:
        """The (address, bytes) that nodes lie in, as far as the pool knows."""
        return list(self.pool.ranges()) if self.pool is not None else []

    def lacks(self, event: str) -> str | None:
        """Why there is no such event here; None if there is."""
        if event == "huge-fault" and min(self.folios.order_set()) < self.huge_order:
            return "its folios are smaller than a huge page"
        if event in ("mark", "scan") and self.design and event not in self.design.provides:
            return f"it has no marks to {'set' if event == 'mark' else 'scan'}"
        return None

    def expect(self, answer: int) -> int | None:
        """The answer a design must give; the harness may give any."""
        return None if self.design is None else answer

    def look_up(self, event: str, lists: Lists) -> Timing:
        """Run one lookup event over this round's list."""
        file, index = lists.huge if event == "huge-fault" else lists.pages
        loop: Callable[[Files, Indices], int] = getattr(self.batch, LOOPS[event])
        expected = self.expect(self._answer(event, file, index))
        ns = timed(lambda: loop(file, index), expected, f"{self.label}: {event}")
        return Timing(event, ns, len(index))

    def _answer(self, event: str, file: Files, index: Indices) -> int:
        if event == "read-128k":
            return total(self.truth.sums(file, index, READ_PAGES))
        if event == "fault-around":
            window = index & ~np.uint64(AROUND_PAGES - 1)
            return total(self.truth.sums(file, window, AROUND_PAGES))
        if event == "huge-fault":
            return total(self.truth.heads(file, index << np.uint64(self.huge_order)))
        names_heads = self.design is None or self.design.names == "head"
        if event.startswith("index-load") and names_heads:
            return total(self.truth.heads(file, index))
        return total(self.truth.frames(file, index))

    def mark_and_scan(self, lists: Lists, most: int) -> list[Timing]:
        """Set folios dirty in an order drawn anew, then visit all that are."""
        rows = self._some_folios(lists.seed, most)
        file, index = self.folios.file[rows], self.folios.index[rows]
        expected = self.expect(total(self.truth.pfn[rows]))
        mark = timed(lambda: self.batch.mark(file, index), expected, f"{self.label}: mark")
        scan = timed(self.batch.scan, expected, f"{self.label}: scan")
        return [Timing("mark", mark, len(rows)), Timing("scan", scan, len(rows))]

    def _some_folios(self, seed: int, most: int) -> NDArray[np.intp]:
        rows = np.random.default_rng(seed).permutation(len(self.folios))
        return rows[:most]


LOOPS = {
    "get": "get",
    "index-load": "load",
    "index-load-unchained": "load_unchained",
    "read-128k": "read",
    "fault-around": "fault_around",
    "huge-fault": "huge_fault",
}


def timed(loop: Callable[[], object], expected: int | None, what: str) -> int:
    """The loop's nanoseconds; WrongAnswer if it returns anything but `expected`."""
    start = time.perf_counter_ns()
    answer = loop()
    ns = time.perf_counter_ns() - start
    if expected is not None and answer != expected:
        raise WrongAnswer(f"{what}: answered {answer}, the input says {expected}")
    return ns
