"""A trace in memory: events as arrays, and what the page cache holds after them."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs.event import ADD, DEL, GET, MAX_ORDER
from pagecache.inputs.folios import FileNumbers, Folios, Indices, file_order_keys
from pagecache.inputs.input import Accesses, Draw, Input, UniformPages
from pagecache.inputs.leftover import Left, left_by
from pagecache.inputs.runs import pages_of
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE

MAX_ACCESSES = 1 << 31  # 26 GB of arrays
ACCESS_BYTES = 40  # while they are made; a third of it afterwards
MEMORY = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE")
NO_FILE = (1 << 32) - 1
_SUFFIXES = (".gz", ".xz", ".bz2", ".zst", ".csv", ".filemap", ".txt", ".trace")
_FIX = "fix or drop the line"
NOT_ROWS = ("name", "path", "files", "notes", "format")

ACCESSES_ONLY = (
    "nothing in the trace tells when pages enter and leave the cache: each enters alone, when it "
    "is first accessed, and stays."
)
ADDED_AGAIN = (
    "pages that are cached already are added{times}; each addition takes the old one's place "
    "(removals may be missing from the trace)."
)
REMOVED_UNSEEN = (
    "pages that were not added are removed{times}; such removals change nothing "
    "(what was cached before the trace began is not in it)."
)
TIME_BACK = (
    "time runs backwards{times}; events are taken in the order of the file: sort it by t_us if the "
    "times are right."
)
IN_BYTES = (
    "every index is a multiple of 4096, as positions in bytes are; indices count pages of 4 KiB: "
    "divide them by 4096 if they are bytes."
)


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
    line
        Line, or record, of the file that each was read from; None if it was not.
    notes
        What its reader says of it: lines that were left out, what the format cannot tell.
    format
        What it was asked to be read as, with ``--format``; None if it was recognised.
    """

    name: str
    path: str
    files: Sequence[str]
    t_us: NDArray[np.uint64]
    pid: NDArray[np.uint32]
    event: NDArray[np.uint8]
    file: FileNumbers
    index: Indices
    count: NDArray[np.uint64]
    order: NDArray[np.int8]
    line: NDArray[np.uint32] | None = None
    notes: tuple[str, ...] = ()
    format: str | None = None

    def __len__(self) -> int:
        return len(self.event)

    def check(self) -> Self:
        """Hold the rules of all traces, whatever the format; O(n).

        Returns
        -------
        Trace
            Itself.

        Raises
        ------
        InputError
            Names the line, what is wrong there and the remedy, where an add or a del has no order,
            or one above 63; where its index is not a multiple of the folio's size, or its count
            differs from that size; and where pages lie beyond 2**64.
        """
        folio = self.event <= DEL
        order = np.where(folio, self.order, 0)
        self._refuse(order < 0, "order '' is needed on add and del")
        self._refuse(order > MAX_ORDER, f"order {{order}} is above {MAX_ORDER}")
        size = np.uint64(1) << order.astype(np.uint64)
        low = self.index & (size - np.uint64(1)) != 0
        self._refuse(low, "index '{index}' is not a multiple of 2**{order}, the folio's size")
        self._refuse(folio & (self.count != size), "count '{count}' is not 2**{order}, the order's")
        last = self.index + np.maximum(self.count, np.uint64(1)) - np.uint64(1)
        self._refuse(last < self.index, "index '{index}' and count '{count}' reach beyond 2**64")
        return self

    def _refuse(self, wrong: NDArray[np.bool_], what: str) -> None:
        """InputError that names the first row that is wrong."""
        if wrong.any():
            row = int(np.argmax(wrong))
            values = {"index": self.index[row], "count": self.count[row], "order": self.order[row]}
            raise InputError(f"{self.place(row)}: {what.format(**values)}; {_FIX}")

    @cached_property
    def _left(self) -> Left:
        return left_by(self.event, self.file, self.index, self.order)

    def final_folios(self) -> Folios:
        """Replay the adds and dels and give what is cached at the end, in order of insertion.

        A del of what was never added is dropped: that folio is older than the trace. A del, or an
        add, of part of a folio splits it as a kernel does, into the fewest folios that cover the
        rest. Files are those that had an add. O(n log n).

        A trace of accesses alone leaves each page that was accessed, in a folio of its own.
        """
        if self.accesses_only:
            return self._first_accesses()
        left = self._left
        files = self._files_cached()
        number = np.searchsorted(files, self.file[left.row]).astype(np.uint32)
        names = tuple(self.files[file] for file in files)
        return Folios(names, number, left.index, left.order.astype(np.uint8))

    @cached_property
    def accesses_only(self) -> bool:
        """Whether no event says what enters or leaves the page cache."""
        return len(self) > 0 and int(self.event.min()) >= GET

    def _first_accesses(self) -> Folios:
        file, index = self.accesses()
        _, key = file_order_keys(file, index)
        _, first = np.unique(key, return_index=True)
        rows = np.sort(first)
        files = self._files_cached()
        number = np.searchsorted(files, file[rows]).astype(np.uint32)
        names = tuple(self.files[file] for file in files)
        return Folios(names, number, index[rows], np.zeros(len(rows), np.uint8))

    def doubts(self) -> tuple[str, ...]:
        """What its reader says, and what is odd about the events, a sentence each.

        Additions of pages that are cached already, removals of pages that are not, time that runs
        backwards, and indices that look like bytes.
        """
        back = np.flatnonzero(self.t_us[1:] < self.t_us[:-1]) + 1
        found = (
            self._doubt(self._left.again, ADDED_AGAIN),
            self._doubt(self._left.absent, REMOVED_UNSEEN),
            self._doubt(back, TIME_BACK),
            self._doubt(np.flatnonzero(self.index)[:1] if self._in_bytes() else back[:0], IN_BYTES),
        )
        alone = (f"{self.path}: {ACCESSES_ONLY}",) if self.accesses_only else ()
        return (*self.notes, *alone, *(sentence for sentence in found if sentence))

    def _doubt(self, rows: NDArray[np.intp], sentence: str) -> str:
        if not len(rows):
            return ""
        times = f", here and {len(rows) - 1:,} more" if len(rows) > 1 else ""
        return f"{self.place(int(rows[0]))}: {sentence.format(times=times)}"

    def _in_bytes(self) -> bool:
        """Whether every index is a multiple of 4096 though the folios are not as large as that."""
        small = np.where(self.event <= DEL, self.order < PAGE_SHIFT, self.count < PAGE_SIZE)
        return bool(np.any(self.index[small]) and not np.any(self.index % PAGE_SIZE))

    def place(self, row: int) -> str:
        """Where an event was read: "path:line", or its number if it was not read from lines."""
        if self.line is None:
            return f"{self.path}: event {row}"
        return f"{self.path}:{self.line[row]}"

    def _files_cached(self) -> FileNumbers:
        """Files that had an add, or of accesses alone, an access."""
        if self.accesses_only:
            return np.unique(self.file[self.count > 0])
        return np.unique(self.file[self.event == ADD])

    def accesses(self) -> Accesses:
        """Give all pages of get, fault and map events in order: (file numbers, page indices).

        Raises
        ------
        InputError
            More than 2**31 pages, or more than half of the memory holds.
        """
        rows = np.flatnonzero(self.event >= GET)
        total = self.count[rows].sum(dtype=np.float64)
        if total > MAX_ACCESSES:
            raise InputError(
                f"{self.path}: {total:.3g} page accesses are over 2**31; cut the trace"
            )
        if total * ACCESS_BYTES > MEMORY // 2:
            raise InputError(
                f"{self.path}: {total:.3g} page accesses would take over half of the memory; cut "
                "the trace"
            )
        runs = np.column_stack((self.index[rows], self.count[rows]))
        return np.repeat(self.file[rows], self.count[rows].astype(np.int64)), pages_of(runs)

    def input(self) -> Input:
        """Make an input: what is cached at the end, and the recorded accesses to it.

        `draw` gives a window of the accesses whose page is cached at the end, from a random start,
        wrapping. Without any, it draws uniformly over the cached pages.

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
        spec = {"kind": "trace", "path": os.path.abspath(self.path), "format": self.format}
        return Input(self.name, folios, draw, spec, self.doubts())

    def _cached_accesses(self, folios: Folios) -> Accesses:
        file, index = self.accesses()
        number = np.full(len(self.files), NO_FILE, np.uint32)
        number[self._files_cached()] = np.arange(len(folios.files), dtype=np.uint32)
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


def joined(pieces: Iterable[Trace]) -> Trace:
    """One trace of pieces that follow each other; the last one's files are all of them."""
    parts = list(pieces)
    arrays = (spec.name for spec in fields(Trace) if spec.name not in NOT_ROWS)
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
    return Trace(parts[0].name, parts[0].path, tuple(parts[-1].files), **columns)  # type: ignore[arg-type]
