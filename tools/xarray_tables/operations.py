"""Table a: what an operation takes, as a single call and in a batch, by shape and size."""

from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from benchmarks.arrays import SHAPES, Filled, Limits
from pagecache.xarray.timed import loops

from .markdown import number, table
from .rounds import Samples, collect, timed

EVENTS = 1 << 18  # loads a round
LONG = 1 << 22  # entries from which on random stores are left out of a quick run

Key = tuple[str, str]  # an operation and its form


class Operation(NamedTuple):
    """One of them: the state it starts from, and its two forms."""

    state: str
    single: Callable[["Subject"], Any]
    batch: Callable[["Subject"], Any]


OPERATIONS = {
    "load, random": Operation(
        "full",
        lambda s: loops.load_each(s.xa, s.random),
        lambda s: s.xa.load_many(s.random, s.out),
    ),
    "load, sequential": Operation(
        "full",
        lambda s: loops.load_each(s.xa, s.sequential),
        lambda s: s.xa.load_many(s.sequential, s.out),
    ),
    "store, sequential": Operation(
        "empty",
        lambda s: loops.store_each(s.xa, s.indices, s.order),
        lambda s: s.xa.store_many(s.indices, s.indices, s.order),
    ),
    "store, random": Operation(
        "empty, scattered after",
        lambda s: loops.store_each(s.xa, s.held.shuffled, s.order),
        lambda s: s.xa.store_many(s.held.shuffled, s.held.shuffled, s.order),
    ),
    "iterate": Operation(
        "full",
        lambda s: loops.iterate(s.xa),
        lambda s: s.xa.extract(limit=len(s.indices)),
    ),
    "set a mark, sequential": Operation(
        "unmarked",
        lambda s: loops.mark_each(s.xa, s.indices),
        lambda s: s.held.mark(on=True),
    ),
    "iterate the marked": Operation(
        "marked",
        lambda s: loops.iterate_marked(s.xa),
        lambda s: s.xa.extract(limit=len(s.indices), mark=0),
    ),
    "erase, sequential": Operation(
        "unmarked, empty after",
        lambda s: loops.erase_each(s.xa, s.indices),
        lambda s: s.xa.erase_many(s.indices),
    ),
}
LIMITS = {
    "dependent random read": lambda s: loops.chase(s.limits.words, s.limits.steps),
    "independent random read": lambda s: loops.gather(s.limits.words, s.limits.places),
    "streaming read, a line": lambda s: loops.stream(s.limits.words),
}


class Subject:
    """The array of one shape, brought into the state that an operation starts from."""

    def __init__(self, shape: str) -> None:
        self.name, self.order = shape, SHAPES[shape].order
        self.out = np.zeros(EVENTS, np.uint64)
        self.renew()
        self.sequential = self.held.sequential(EVENTS)
        self.limits = Limits(self.xa.node_bytes)

    def renew(self) -> None:
        """A new array of a new pool: random stores leave one whose nodes lie scattered."""
        self.held = Filled(SHAPES[self.name])
        self.xa, self.indices, self.full = self.held.xa, self.held.indices, True
        self.random = self.held.random(EVENTS)
        self.held.check(self.random)

    def prepare(self, state: str) -> None:
        wanted = not state.startswith("empty")
        if wanted and not self.full:
            self.held.fill()
        elif self.full and not wanted:
            self.held.empty()
        self.full = wanted
        if "marked" in state:  # or unmarked: erasing what is marked costs more
            self.held.mark(on=state == "marked")

    def measure(self, key: Key) -> float:
        """ns an event of one operation in one form."""
        name, form = key
        if name in LIMITS:
            return timed(lambda: LIMITS[name](self)) / self.events(name)
        operation = OPERATIONS[name]
        if name == "load, random":
            self.random = self.held.random(EVENTS)
        run = partial(getattr(operation, form), self)
        spent = timed(run, lambda: self.before(operation.state))
        self.after(operation.state)
        return spent / self.events(name)

    def before(self, state: str) -> None:
        self.prepare(state)
        if state.startswith("empty"):
            self.full = True  # as it is after the run; the next one empties it again
        elif state.endswith("empty after"):
            self.full = False

    def after(self, state: str) -> None:
        assert (loops.iterate(self.xa) == len(self.indices)) == self.full
        if state.endswith("scattered after"):
            self.renew()

    def events(self, name: str) -> int:
        if name.startswith("streaming"):
            return len(self.limits.words) // 8
        return EVENTS if name.startswith("load") or name in LIMITS else len(self.indices)


class Measured(NamedTuple):
    samples: Samples[Key]
    node_bytes: int
    huge_page_share: float


def measure_shape(shape: str, rounds: int, quick: bool) -> Measured:
    """All operations of one shape, in a process of its own."""
    subject = Subject(shape)
    long = quick and len(subject.indices) > LONG
    names = [name for name in OPERATIONS if not (long and name == "store, random")]
    keys = [(name, form) for name in names for form in ("single", "batch")]
    keys += [(name, "single") for name in LIMITS]
    bytes_, share = subject.xa.node_bytes, subject.held.huge_page_share
    return Measured(collect(keys, rounds, subject.measure), bytes_, share)


def cell(measured: Measured, name: str) -> str:
    samples = measured.samples
    found = [samples[name, form] for form in ("single", "batch") if (name, form) in samples]
    return " / ".join(number(median(rounds)) for rounds in found) or "-"


def text(results: dict[str, Measured]) -> str:
    """The table: ns an event, single calls / batch."""
    rows = [
        [name, *(cell(measured, name) for measured in results.values())]
        for name in [*OPERATIONS, *LIMITS]
    ]
    found = list(results.values())
    rows.append(["bytes of the nodes, MiB", *(number(one.node_bytes / 2**20) for one in found)])
    rows.append(["of them in huge pages", *(f"{one.huge_page_share:.0%}" for one in found)])
    return table(["ns: single / batch", *results], rows)
