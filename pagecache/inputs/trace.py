"""A trace in memory: events as arrays, and what the page cache holds after them."""

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs.folios import FileNumbers, Folios, Indices, file_order_keys, key_at_or_before
from pagecache.inputs.input import Accesses, Draw, Input, UniformPages
from pagecache.inputs.runs import pages_of

ADD, DEL, GET, FAULT, MAP = range(5)
EVENTS = {"add": ADD, "del": DEL, "get": GET, "fault": FAULT, "map": MAP}
MAX_ACCESSES = 1 << 31  # 26 GB of arrays
NO_FILE = (1 << 32) - 1
_SUFFIXES = (".gz", ".csv", ".filemap")

Rows = NDArray[np.intp]
Piece = tuple[int, int, int]  # row of the add, index, order
Cached = dict[int, tuple[int, int]]  # index: (order, row of the add)


def trace_name(path: str) -> str:
    """Name a trace after its file.

    Examples
    --------
    >>> trace_name("traces/git_log_p.filemap.csv.gz")
    'git_log_p'
    """
    name = os.path.basename(path)
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix) or name
    return name


@dataclass(frozen=True, eq=False)
class Trace:
    """Events of a trace, one row each, in order of time.

    Attributes
    ----------
    name, path
        What tables call it, and where it was read.
    files
        "dev/ino" of each file, in order of first appearance.
    t_us
        Microseconds from the first event.
    pid
        Process.
    event
        ADD, DEL, GET, FAULT or MAP.
    file
        Number of the file in `files`.
    index, count
        First page and number of pages. On ADD and DEL the order says how many.
    order
        Order of the folio on ADD and DEL, else -1.
    """

    name: str
    path: str
    files: tuple[str, ...]
    t_us: NDArray[np.uint64]
    pid: NDArray[np.uint32]
    event: NDArray[np.uint8]
    file: FileNumbers
    index: Indices
    count: NDArray[np.uint64]
    order: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.event)

    def final_folios(self) -> Folios:
        """Replay the adds and dels and give what is cached at the end, in order of insertion.

        A del of what was never added is dropped: that folio is older than the trace. A del, or an
        add, of part of a folio splits it as a kernel does, into the fewest folios that cover the
        rest. Files are those that had an add. O(n log n).
        """
        rows = np.flatnonzero(self.event <= DEL)
        group, top = _groups(self.file[rows], self.index[rows], self.order[rows])
        mixed = np.zeros(len(top), np.bool_)
        mixed[group[self.order[rows] != top[group]]] = True
        last = np.zeros(len(top), np.intp)
        last[group] = rows  # of equal places the last assignment stays
        kept = last[~mixed & (self.event[last] == ADD)]
        apart = mixed[group]
        pieces = self._replay_groups(rows[apart], group[apart])
        return self._folios(kept, np.array(pieces, np.uint64).reshape(-1, 3))

    def _replay_groups(self, rows: Rows, group: Rows) -> list[Piece]:
        """Replay groups whose events differ in order, one by one."""
        place = np.argsort(group, kind="stable")
        ends = np.flatnonzero(np.diff(group[place])) + 1
        parts = np.split(rows[place], ends) if len(rows) else []
        return [piece for part in parts for piece in self._replay(part)]

    def _replay(self, rows: Rows) -> list[Piece]:
        cached: Cached = {}
        for row in rows.tolist():
            index, order = int(self.index[row]), int(self.order[row])
            _cut_out(cached, index, order)
            if self.event[row] == ADD:
                cached[index] = (order, row)
        return [(row, index, order) for index, (order, row) in cached.items()]

    def _folios(self, rows: Rows, pieces: NDArray[np.uint64]) -> Folios:
        """Make the folios of adds that stay as they were, and of pieces of others."""
        row = np.concatenate((rows, pieces[:, 0].astype(np.intp)))
        index = np.concatenate((self.index[rows], pieces[:, 1]))
        order = np.concatenate((self.order[rows], pieces[:, 2].astype(np.int8)))
        place = np.lexsort((index, row))
        files = self._files_with_adds()
        number = np.searchsorted(files, self.file[row[place]]).astype(np.uint32)
        names = tuple(self.files[file] for file in files)
        return Folios(names, number, index[place], order[place].astype(np.uint8))

    def _files_with_adds(self) -> FileNumbers:
        return np.unique(self.file[self.event == ADD])

    def accesses(self) -> Accesses:
        """Give all pages of get, fault and map events in order: (file numbers, page indices).

        Raises
        ------
        InputError
            More than 2**31 pages.
        """
        rows = np.flatnonzero(self.event >= GET)
        total = self.count[rows].sum(dtype=np.float64)
        if total > MAX_ACCESSES:
            raise InputError(
                f"{self.path}: {total:.3g} page accesses are over 2**31; cut the trace"
            )
        runs = np.column_stack((self.index[rows], self.count[rows]))
        return np.repeat(self.file[rows], self.count[rows].astype(np.int64)), pages_of(runs)

    def input(self) -> Input:
        """Make an input: what is cached at the end, and the recorded accesses to it.

        `draw` gives a window of the accesses whose page is cached at the end, from a random start,
        wrapping. Where there are none, it draws uniformly over the cached pages.

        Raises
        ------
        InputError
            Nothing is cached at the end.
        """
        folios = self.final_folios()
        if len(folios) == 0:
            raise InputError(f"{self.path}: nothing is cached at its end; take a trace with adds")
        file, index = self._cached_accesses(folios)
        draw: Draw = RecordedAccesses(file, index) if len(index) else UniformPages(folios)
        return Input(self.name, folios, draw, {"kind": "trace", "path": os.path.abspath(self.path)})

    def _cached_accesses(self, folios: Folios) -> Accesses:
        file, index = self.accesses()
        number = np.full(len(self.files), NO_FILE, np.uint32)
        number[self._files_with_adds()] = np.arange(len(folios.files), dtype=np.uint32)
        cached = folios.holds(number[file], index)
        return number[file][cached], index[cached]


@dataclass(frozen=True, eq=False)
class RecordedAccesses:
    """Draws windows of recorded accesses.

    Examples
    --------
    >>> draw = RecordedAccesses(np.zeros(3, np.uint32), np.array([7, 8, 9], np.uint64))
    >>> sorted(draw(np.random.default_rng(1), 3)[1].tolist())
    [7, 8, 9]
    """

    file: FileNumbers
    index: Indices

    def __call__(self, rng: np.random.Generator, count: int) -> Accesses:
        """Draw `count` accesses that follow each other, from a random start, wrapping."""
        rows = (rng.integers(len(self.index)) + np.arange(count)) % len(self.index)
        return self.file[rows], self.index[rows]


def _groups(
    file: FileNumbers, index: Indices, order: NDArray[np.int8]
) -> tuple[Rows, NDArray[np.int8]]:
    """Number the largest blocks that events name: each event's block, and each block's order.

    Aligned blocks nest or lie apart: sorted by place, larger first, one that begins after the end
    of all before it is in none of them.
    """
    last_page = index + ((np.uint64(1) << order.astype(np.uint64)) - np.uint64(1))
    starts, key = file_order_keys(file, index)
    end = key_at_or_before(starts, file, last_page)
    place = np.lexsort((-order, key))
    reach = np.maximum.accumulate(end[place])
    begins = np.ones(len(place), np.bool_)
    begins[1:] = key[place][1:] > reach[:-1]
    group = np.empty(len(place), np.intp)
    group[place] = np.cumsum(begins) - 1
    return group, order[place][begins]


def _cut_out(cached: Cached, index: int, order: int) -> None:
    """Remove 2**order pages from `index` on, splitting the folio they are part of."""
    size = 1 << order
    span = range(index, index + size)
    for inside in span if size <= len(cached) else [i for i in cached if i in span]:
        if inside in cached and cached[inside][0] <= order:
            del cached[inside]
    for larger in range(order + 1, 64):
        head = index >> larger << larger
        if head in cached and cached[head][0] == larger:
            row = cached.pop(head)[1]
            # The buddy of each block on the way down from the folio to the pages stays.
            cached.update(((index >> k ^ 1) << k, (k, row)) for k in range(order, larger))
            return
