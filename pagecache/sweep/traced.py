"""A cell of a recorded trace, run for real, and what is counted of it.

What programs asked is run again, reads and faults, through a mapping for each file; the mapping
reads ahead and allocates as the cell's policy lets it.  A trace without any is run by its
additions, as the kernel made them.

    pass 1   sizes of files, and what the trace has; kept for the next cell of this trace
    pass 2   operations in runs of equal length, whatever the pieces that the trace is read in

Where the files are larger than the memory that is free, each run is preceded by reclaim: every file
gives in proportion to what it caches, until there is room for twice what the run asks for.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pagecache.allocation.memory import Memory
from pagecache.inputs import ADD, DEL, FAULT, GET, MAP, PAGE_SIZE, Trace
from pagecache.inputs.event import EVENTS
from pagecache.inputs.trace import NO_FILE
from pagecache.inputs.traces import trace_pieces
from pagecache.mapping.file import File
from pagecache.mapping.loop import OPERATIONS, Loop
from pagecache.mapping.mapping import Mapping
from pagecache.sweep.cell import Cell, make_memory
from pagecache.sweep.columns import Row
from pagecache.sweep.counting import NO_PAGE, counts_of
from pagecache.sweep.sampling import BLOCK_ORDER, Sampler, estimate, in_blocks

RUN = 1 << 16  # operations of a run
SHORT_RUN = 1 << 10  # the same where memory is short
KEPT_EVENTS = 1 << 20  # a trace of so many is kept in memory for the next cell
MOST_FRAMES = 1 << 28  # 1 TiB, of a memory that no cell asked for
ASKED = {GET: "read", FAULT: "fault", MAP: "look"}
OnBytes = Callable[[int], None]
Indices = NDArray[np.uint64]
Rows = NDArray[np.intp] | slice


@dataclass
class Facts:
    """What a first pass finds out.

    Attributes
    ----------
    sizes : uint64 array of shape (files,)
        Pages, up to the last that is named.
    asks : bool
        Whether it has reads or faults.
    pieces : list of Trace
        All of it, if it is small.
    """

    sizes: Indices = field(default_factory=lambda: np.zeros(0, np.uint64))
    asks: bool = False
    events: int = 0
    pieces: list[Trace] = field(default_factory=list)

    def take(self, piece: Trace) -> None:
        self.sizes = np.append(self.sizes, np.zeros(len(piece.files) - len(self.sizes), np.uint64))
        end = piece.index + np.maximum(piece.count, np.uint64(1))
        if (piece.file == piece.file[0]).all():  # as in traces of a disk
            self.sizes[piece.file[0]] = max(self.sizes[piece.file[0]], end.max())
        else:
            np.maximum.at(self.sizes, piece.file, end)
        self.asks |= bool((piece.event >= GET).any())
        self.events += len(piece)
        if self.events <= KEPT_EVENTS:
            self.pieces.append(replace(piece, line=None))
        else:
            self.pieces.clear()


def facts_of(path: str, on_bytes: OnBytes) -> Facts:
    """The facts of a trace; those of the last one that was asked for are kept."""
    found = os.stat(path)
    return _facts(path, found.st_size, found.st_mtime_ns, on_bytes)


class _Kept:
    """The facts of one trace, by its file; assigned at once, since a worker may have threads."""

    pair: tuple[tuple[object, ...], Facts] = ((), Facts())


def _facts(path: str, size: int, time: int, on_bytes: OnBytes) -> Facts:
    key = (path, size, time)
    kept, facts = _Kept.pair
    if kept == key:
        on_bytes(size)
        return facts
    facts = Facts()
    for piece in trace_pieces(path, on_bytes):
        facts.take(piece)
    _Kept.pair = (key, facts)
    return facts


@dataclass
class Operations:
    """Operations in the order of time; arrays of shape (n,)."""

    file: NDArray[np.uint32]
    op: NDArray[np.uint8]
    index: Indices
    count: Indices
    pages: Indices  # that each asks for

    def part(self, start: int, end: int) -> "Operations":
        return Operations(*(getattr(self, name)[start:end] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.op)


def operations(piece: Trace, sampler: Sampler, asks: bool) -> Operations:
    """What of a piece is run: the parts of its reads and faults that lie in sampled blocks."""
    numbers = np.zeros(len(EVENTS), np.uint8)
    for kind, name in (ASKED if asks else {ADD: "add", DEL: "del"}).items():
        numbers[kind] = OPERATIONS[name]
    wanted = piece.event >= GET if asks else piece.event <= DEL
    row: Rows
    if sampler.rate < 1:
        row, index, pages = in_blocks(piece)
        inside = wanted[row] & sampler.chosen(piece.files, piece.file[row], index)
        row, index, pages = row[inside], index[inside], pages[inside]
    else:
        row = slice(None) if wanted.all() else np.flatnonzero(wanted)
        index, pages = piece.index[row], np.maximum(piece.count[row], np.uint64(1))
    op = numbers[piece.event[row]]
    count = pages if asks else np.minimum(piece.order[row], BLOCK_ORDER).astype(np.uint64)
    return Operations(piece.file[row], op, index, count, pages)


class Running:
    """The mappings of a trace's files, made when they are first asked for, over one memory."""

    def __init__(self, cell: Cell, facts: Facts, rate: float) -> None:
        self.cell, self.facts = cell, facts
        pages = int(facts.sizes.sum())
        self.memory = self._memory(pages, rate)
        self.free = self.memory.buddy.free_frames
        self.short = pages * rate > self.free
        self.mappings: list[Mapping] = []
        self.files: list[int] = []
        self.number = np.full(len(facts.sizes), NO_FILE, np.uint32)
        self.asked = self.faults = self.refused = 0

    def _memory(self, pages: int, rate: float) -> Memory:
        """As large as the cell says, times the rate; or room for the files."""
        cell = self.cell
        if cell.memory is not None:
            unit = PAGE_SIZE << max(cell.block_order, 10)
            cell = replace(cell, memory=max(int(cell.memory * rate) // unit, 1) * unit)
        return make_memory(cell, min(pages, MOST_FRAMES))

    def mapping_of(self, file: int) -> Mapping:
        limit = self.free * PAGE_SIZE if self.short else None
        size = File(int(self.facts.sizes[file]) * PAGE_SIZE, block=self.cell.block)
        return Mapping(self.cell.design, self.memory, self.cell.holes, size, limit=limit)

    def numbers(self, file: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The numbers of files' mappings; new ones are made."""
        number = self.number[file]
        unknown = number == NO_FILE
        if not unknown.any():
            return number
        for new in np.unique(file[unknown]).tolist():
            self.number[new] = len(self.mappings)
            self.files.append(new)
            self.mappings.append(self.mapping_of(new))
        return self.number[file]

    def run(self, operations: Operations) -> None:
        """Run operations, after reclaim if memory is short."""
        file = self.numbers(operations.file)
        if self.short:
            self.make_room(2 * int(operations.pages.sum()))
        out, refused = np.zeros(len(file), np.uint64), np.zeros(len(file), np.uint8)
        Loop(self.mappings).run(
            file, operations.op, operations.index, operations.count, out, refused, ahead=True
        )
        faults = operations.op == OPERATIONS["fault"]
        failed = refused.astype(np.bool_) | (faults & ((out & np.uint64(NO_PAGE)) != 0))
        self.asked += int(operations.pages.sum())
        self.faults += int(faults.sum())
        self.refused += int(failed.sum())

    def make_room(self, pages: int) -> None:
        """Evict until so many frames are free: every file gives in proportion to what it caches."""
        missing = min(pages, self.free // 2) - self.memory.buddy.free_frames
        cached = sum(mapping.pages for mapping in self.mappings)
        if missing > 0 and cached:
            for mapping in self.mappings:
                if mapping.pages:
                    mapping.reclaim(-(-missing * mapping.pages // cached))

    def sampled_pages(self, files: Sequence[str], sampler: Sampler) -> list[int]:
        """Cached pages of each sampled block that has any."""
        found: list[int] = []
        for file, mapping in zip(self.files, self.mappings, strict=True):
            folios = np.array(mapping.folios(), np.uint64).reshape(-1, 2)
            inside = sampler.chosen(files, np.full(len(folios), file, np.uint32), folios[:, 0])
            block = folios[inside, 0] >> np.uint64(BLOCK_ORDER)
            pages = np.uint64(1) << folios[inside, 1]
            _, place = np.unique(block, return_inverse=True)
            found += np.bincount(place, pages.astype(np.float64)).astype(int).tolist()
        return found


def count_trace(
    cell: Cell, path: str, rate: float = 1.0, on_bytes: OnBytes = lambda count: None
) -> Row:
    """The counts of a cell with a recorded trace, which lies at `path`; each byte is read twice.

    Parameters
    ----------
    rate : float
        Of the sample, 1 for all of it.
    on_bytes : callable
        Called with bytes read, as they are.

    Examples
    --------
    >>> from pagecache.inputs import bundled_path
    >>> path = str(bundled_path("sha256sum_400mb"))
    >>> counts = count_trace(Cell.of("thp-multi", trace="sha256sum_400mb"), path)
    >>> counts["asked"], counts["pages"], counts["faults"]
    (103400, 102479, 13)
    """
    facts = facts_of(path, on_bytes)
    pieces = iter(facts.pieces) if facts.pieces else trace_pieces(path, on_bytes)
    running, sampler = Running(cell, facts, rate), Sampler(rate)
    files: Sequence[str] = ()
    waiting: list[Operations] = []
    for piece in pieces:
        files = piece.files
        waiting.append(operations(piece, sampler, facts.asks))
        if sum(map(len, waiting)) >= RUN:
            waiting = run_whole(running, waiting)
    if facts.pieces:
        on_bytes(os.stat(path).st_size)
    run_whole(running, waiting, last=True)
    counts = counts_of(cell, running.mappings, running.memory)
    if rate < 1:
        pages, error = estimate(running.sampled_pages(files, sampler), rate)
        counts |= {"sample": rate, "estimated_pages": pages, "error_pages": error}
    found = {"asked": running.asked, "faults": running.faults, "refused": running.refused}
    return {**counts, **found}


def run_whole(
    running: Running, waiting: list[Operations], *, last: bool = False
) -> list[Operations]:
    """Run what makes up whole runs, or all that is left at the end; the rest."""
    if not waiting:
        return []
    names = Operations.__dataclass_fields__
    columns = (np.concatenate([getattr(each, name) for each in waiting]) for name in names)
    whole = Operations(*columns)
    step = SHORT_RUN if running.short else RUN
    end = len(whole) if last else len(whole) // step * step
    for start in range(0, end, step):
        running.run(whole.part(start, min(start + step, end)))
    return [whole.part(end, len(whole))]
