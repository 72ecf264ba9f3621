"""The tables of an input: cells with the number that they sort by."""

from __future__ import annotations

from dataclasses import dataclass

from pagecache.measure.case import HARNESS
from pagecache.report.numbers import NO_VALUE, digits, size
from pagecache.report.table import Panel, Row, shown
from pagecache.report.threads import (
    HEADS,
    LOCK_HEADS,
    lines_of,
    lock_cells,
    lock_values,
    thread_cells,
    thread_values,
)
from pagecache.results import Result


@dataclass
class Cell:
    """A cell: its text, the number it sorts by, and what is shown while the pointer rests on it."""

    text: str
    value: float | str = ""
    title: str = ""

    @property
    def key(self) -> str:
        """What the page sorts by, where that is not the text: six digits tell rows apart."""
        return f"{self.value:.6g}" if isinstance(self.value, float) else str(self.value)


@dataclass
class Line:
    """A row of a table; `aside` for the rows in parentheses."""

    cells: list[Cell]
    aside: bool = False


@dataclass
class Table:
    """A table that sorts."""

    caption: str
    heads: list[str]
    rows: list[Line]


def tables_of(panel: Panel) -> list[Table]:
    """One table, or those of threads and of the locks that their writers hold."""
    return thread_tables(panel) if panel.kind == "threads" else [timing_table(panel)]


def thread_tables(panel: Panel) -> list[Table]:
    """What each number of threads manages; and how long a writer holds the lock."""
    held = panel.designs[0].any
    caption = f"Times of {held.baseline}; caches {held.caches}."
    lines, locks = [], []
    for row, result in lines_of(panel):
        cells = with_values(thread_cells(panel, row, result), thread_values(result))
        lines.append(Line(cells, aside=not result.is_design))
        if result.lock:
            locks.append(Line(with_values(lock_cells(row, result), lock_values(result))))
    tables = [Table(caption, list(HEADS), lines)]
    if locks:
        tables.append(Table("How long the writer holds the lock, us.", list(LOCK_HEADS), locks))
    return tables


def with_values(texts: list[str], values: list[float | None]) -> list[Cell]:
    """Cells, of which the first sorts by its text, and those without a value not at all."""
    name, *rest = texts
    return [
        Cell(name, name),
        *(
            Cell(text, "" if value is None or text in {"", NO_VALUE} else value)
            for text, value in zip(rest, values, strict=True)
        ),
    ]


def timing_table(panel: Panel) -> Table:
    """The numbers of one input, one unit a column, with the interval of each while pointed at."""
    heads = ["design", "nodes", "index, KiB"]
    for event in panel.events:
        heads += [f"{event}, {panel.unit(event)[0]}", "times"]
    caption = f"Times of {panel.designs[0].any.baseline}; caches {panel.designs[0].any.caches}."
    return Table(caption, heads, [line(row, panel) for row in panel.rows])


def line(row: Row, panel: Panel) -> Line:
    """A row: what the index takes, then each event's time and ratio."""
    held = row.any
    cells = [Cell(row.title, row.title)]
    if held.is_design:
        cells.append(Cell(f"{held.nodes:,}", held.nodes))
        cells.append(Cell(digits(held.slab_bytes / 1024), held.slab_bytes, size(held.slab_bytes)))
    else:
        cells += [Cell(""), Cell("")]
    for event in panel.events:
        cells += timing_cells(row.results.get(event), panel.unit(event)[1])
    return Line(cells, aside=not held.is_design)


def timing_cells(result: Result | None, factor: float) -> tuple[Cell, Cell]:
    """An event's median and its ratio to the baseline."""
    interval = shown(result)
    if result is None or interval is None:
        return Cell("-"), Cell("-")
    scaled = interval.scaled(factor)
    time = Cell(digits(scaled.median), scaled.median, f"{scaled.low:.6g} to {scaled.high:.6g}")
    ratio = result.ratio
    if ratio is None or result.design == HARNESS.design:
        return time, Cell("")
    return time, Cell(digits(ratio.median), ratio.median, f"{ratio.low:.4g} to {ratio.high:.4g}")
