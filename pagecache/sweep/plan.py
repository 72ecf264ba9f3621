"""What a sweep will take, before it runs: seconds and memory, scaled from a few cells that are run.

Of each kind of cell (block, policy, pattern) one is run with a small file, or the first part of its
trace is read; time is taken to grow with pages, or bytes.  Memory is what struct pages, the buddy
allocator, nodes and the lists of what is cached take at most.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from pagecache.inputs import PAGE_SIZE
from pagecache.inputs.traces import trace_pieces
from pagecache.sweep.cell import Cell, frames_for
from pagecache.sweep.counting import count_file
from pagecache.sweep.directory import Question

PROBE_BYTES = 8 << 20  # of a generated file that is tried
PROBE_EVENTS = 50_000  # of a trace
MOST_PROBES = 24
START_SECONDS = 1.5  # of the workers
BASE_BYTES = 100 << 20  # a worker, with numpy and the package
FRAME_BYTES = 2  # of bookkeeping
PAGE_BYTES = 64 + 10 + 8 + 160  # a struct page, its share of nodes, of arrays, and of lists
TRACE_BYTES = 128 << 20  # pieces and operations on their way


@dataclass(frozen=True)
class Plan:
    """Estimates: seconds with so many workers; bytes of all of them."""

    seconds: float
    bytes: int
    workers: int


def plan(question: Question, workers: int) -> Plan:
    """What the cells of a question will take.

    Examples
    --------
    >>> from pagecache.sweep.grid import parse_grid
    >>> found = plan(Question.of(parse_grid('sizes = ["1M"]', "grid.toml")), workers=2)
    >>> found.bytes < 500 << 20, 0 < found.seconds < 60
    (True, True)
    """
    cells = question.grid.cells
    workers = min(workers, len(cells))
    rates = probe(cells, question)
    usual = sum(rates.values()) / len(rates)
    work = sum(rates.get(kind(cell), usual) * amount(cell, question) for cell in cells)
    largest = max(need(cell) for cell in cells)
    return Plan(START_SECONDS + work / workers, workers * largest + BASE_BYTES, workers)


def kind(cell: Cell) -> tuple[object, ...]:
    """What cells have in common that take alike for a page."""
    return (cell.trace, cell.block, cell.alloc, cell.fragment)


def amount(cell: Cell, question: Question) -> float:
    """What its time grows with: pages of a file and of memory, or bytes of a trace."""
    if cell.size is None:
        return question.traces[str(cell.trace)].bytes
    return -(-cell.size // PAGE_SIZE) + 0.1 * frames_for(cell, -(-cell.size // PAGE_SIZE))


def probe(cells: Iterable[Cell], question: Question) -> dict[tuple[object, ...], float]:
    """Seconds for each unit of `amount`, of as many kinds of cells as are worth trying."""
    first: dict[tuple[object, ...], Cell] = {}
    for cell in cells:
        first.setdefault(kind(cell), cell)
    tried = {key: tried_on(cell) for key, cell in islice(first.items(), MOST_PROBES)}
    rates = {}
    for key, cell in tried.items():
        began = time.perf_counter()
        if cell.size is None:
            done = read_some(question.traces[str(cell.trace)].path)
        else:
            count_file(cell)
            done = amount(cell, question)
        rates[key] = (time.perf_counter() - began) / done
    return rates


def tried_on(cell: Cell) -> Cell:
    """The same cell with a small file, and memory in proportion."""
    if cell.size is None or cell.size <= PROBE_BYTES:
        return cell
    unit = PAGE_SIZE << max(10, cell.block_order)
    share = PROBE_BYTES / cell.size
    memory = None if cell.memory is None else max(int(cell.memory * share) // unit, 1) * unit
    return replace(cell, size=max(PROBE_BYTES, PAGE_SIZE << cell.block_order), memory=memory)


def read_some(path: str) -> float:
    """Read the first events of a trace; bytes, where all of it is read twice."""
    read = [0]

    def on_bytes(count: int) -> None:
        read[0] += count

    events = 0
    for piece in trace_pieces(path, on_bytes):
        events += len(piece)
        if events >= PROBE_EVENTS:
            break
    return max(read[0], 1) / 2


def need(cell: Cell) -> int:
    """Bytes of a worker that runs it, at most."""
    if cell.size is None:
        frames = frames_for(cell, 0)
        return BASE_BYTES + TRACE_BYTES + frames * (FRAME_BYTES + PAGE_BYTES)
    pages = -(-cell.size // PAGE_SIZE)
    frames = frames_for(cell, pages)
    return BASE_BYTES + frames * FRAME_BYTES + min(frames, 2 * pages) * 64 + pages * PAGE_BYTES
