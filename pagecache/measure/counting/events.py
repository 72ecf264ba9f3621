"""The accesses of each event of a design, by the kind of memory, as a mean over a sample.

    slots      reads and writes of slots in nodes; a tree's head lies in no node
    lines      cache lines of nodes, and of struct pages, different ones within an event
    references taken and put, by what the counts in the struct pages did

Lookups are of indices drawn at random; populate puts a folio into an index that holds all the
others; scan and truncate go over whole files and are divided by their folios.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pagecache.measure.counting.watch import Watch, slots_within
from pagecache.measure.events import MARK, POPULATE, SCAN, TRUNCATE, Event
from pagecache.measure.subject import IndexSubject, Lists

LINE = 64
SAMPLE = 64  # events of each kind, where they are counted one by one
MOST_WHOLE = 1 << 13  # pages of the files that are gone over as a whole: some seconds
ROOM = 1 << 22  # accesses: some hundred for each page of such a file
TOO_LARGE = f"counted over whole files of up to {MOST_WHOLE:,} pages alone; give a smaller --size"
NO_MEMORY = "its struct pages have no memory behind them"
Accesses = NDArray[np.void]
Run = Callable[[], object]


@dataclass(frozen=True)
class Counts:
    """Means an event."""

    slot_reads: float
    slot_writes: float
    node_lines: float
    page_lines: float
    taken: float
    put: float

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


class Counter:
    """Counts the events of one subject, which must be filled.

    Parameters
    ----------
    subject : IndexSubject
        Of struct pages that have memory behind them.
    """

    def __init__(self, subject: IndexSubject) -> None:
        self.subject = subject
        nodes = [*subject.ranges()]
        self.watch = Watch(nodes, subject.frames.range, ROOM)
        self.starts = np.array(sorted(start for start, _ in nodes), np.uint64)
        self.ends = {start: start + size for start, size in nodes}
        self.first, self.end, self.node_size = map(np.uint64, slots_within(subject.pool))

    def watched(self, run: Run) -> Accesses:
        """What a call accesses."""
        self.watch.start()
        try:
            run()
        finally:
            found = self.watch.stop()
        return found

    def sums(self, accesses: Accesses) -> NDArray[np.float64]:
        """The fields of `Counts` for what was accessed once."""
        address = accesses["address"]
        chunk = np.searchsorted(self.starts, address, "right").astype(np.intp) - 1
        start = self.starts[np.maximum(chunk, 0)]
        ends = np.array([self.ends[int(each)] for each in start], np.uint64)
        in_node = (chunk >= 0) & (address < ends)
        within = (address - start) % self.node_size
        in_slot = in_node & (within >= self.first) & (within < self.end)
        writes, change = accesses["writes"] > 0, accesses["change"]
        return np.array(
            [
                np.count_nonzero(in_slot & ~writes),
                np.count_nonzero(in_slot & writes),
                len(np.unique(address[in_node] // LINE)),
                len(np.unique(address[~in_node] // LINE)),
                change[change > 0].sum(),
                -change[change < 0].sum(),
            ],
            np.float64,
        )

    def mean(self, runs: Sequence[Run]) -> Counts:
        """Over events that are counted one by one."""
        return Counts(*np.mean([self.sums(self.watched(run)) for run in runs], axis=0).tolist())


def count_events(subject: IndexSubject, lists: Lists) -> Iterator[tuple[str, Counts | str]]:
    """Each event that a subject has, and its counts, or why there are none.

    The subject is empty before and after.
    """
    if not subject.frames.backed:
        yield from ((event.name, NO_MEMORY) for event in subject.events)
        return
    subject.populate()
    counter = Counter(subject)
    for event in subject.events:
        yield event.name, count_event(counter, event, lists)
    subject.batch.truncate()


def count_event(counter: Counter, event: Event, lists: Lists) -> Counts | str:
    if event.is_lookup:
        return counter.mean(look_ups(counter.subject, event, lists))
    if event == MARK:
        return counter.mean(marks(counter.subject, lists.seed))
    if event == POPULATE:
        return count_populate(counter, lists.seed)
    if counter.subject.folios.pages > MOST_WHOLE:
        return TOO_LARGE
    return count_whole(counter, event)


def look_ups(subject: IndexSubject, event: Event, lists: Lists) -> list[Run]:
    """The event at each of the first indices of its list."""
    file, index = lists.huge if event.over == "huge" else lists.pages
    loop = getattr(subject.batch, event.loop)
    few = min(SAMPLE, len(index))
    return [partial(loop, file[k : k + 1], index[k : k + 1]) for k in range(few)]


def marks(subject: IndexSubject, seed: int) -> list[Run]:
    """Folios set dirty, one by one; nothing else is."""
    folios = subject.folios
    return [
        partial(subject.batch.mark, folios.file[k : k + 1], folios.index[k : k + 1])
        for k in sample(subject, seed)
    ]


def sample(subject: IndexSubject, seed: int) -> list[int]:
    """Folios by their number."""
    rows = np.random.default_rng(seed).permutation(len(subject.folios))[:SAMPLE]
    return [int(row) for row in rows]


def count_populate(counter: Counter, seed: int) -> Counts:
    """Take a folio out, unwatched, and put it in again."""
    subject, found = counter.subject, []
    folios = subject.folios
    for k in sample(subject, seed):
        one = slice(k, k + 1)
        subject.indexes[folios.file[k]].remove_folio(int(folios.index[k]))
        given = folios.file[one], folios.index[one], folios.order[one], subject.truth.pfn[one]
        put_in = partial(subject.batch.populate, *given)
        found.append(counter.sums(counter.watched(put_in)))
    return Counts(*np.mean(found, axis=0).tolist())


def count_whole(counter: Counter, event: Event) -> Counts:
    """Scan of files whose folios are all dirty, or their truncation: a folio's share of it."""
    subject = counter.subject
    folios = subject.folios
    if event == SCAN:
        subject.batch.mark(folios.file, folios.index)
    loop = subject.batch.truncate if event == TRUNCATE else subject.batch.scan
    counts = counter.sums(counter.watched(loop)) / len(folios)
    if event == TRUNCATE:
        subject.populate()
    return Counts(*counts.tolist())
