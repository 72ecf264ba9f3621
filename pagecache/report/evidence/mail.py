"""Results as plain text for a cover letter: ASCII, at most 72 columns, ready to paste under ---."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from pagecache.measure.case import HARNESS
from pagecache.printable import printable
from pagecache.report.numbers import NO_VALUE, digits, size
from pagecache.report.render import foot, kind_of, left_out
from pagecache.report.table import Panel, Row, panels_of, shown
from pagecache.report.verdicts import verdict_lines
from pagecache.results import Interval, Result, Results

WIDTH = 72
LONGEST_NAME = 20  # a longer name is given below the table
HEADS = ("median", "interval", "ratio", "interval")


def mail_text(results: Results) -> str:
    """All that a reader needs to judge a run, and to run it again.

    What was compared, a table an event with its A/A row, intervals with their level, machine,
    command and seed, and the doubts.
    """
    lines = [line for panel in panels_of(results) for line in panel_lines(panel, results)]
    if not results.results:
        lines = ["Nothing was measured before the run ended.", ""]
    for doubt in results.doubts:
        lines += wrapped(f"Doubt: {doubt}")
    lines += ["", *wrapped(foot(results))]
    command = results.meta.get("command")
    if command:
        lines += wrapped(f"Run again: {command}")
    return "\n".join(lines).lstrip("\n") + "\n"


def wrapped(text: str) -> list[str]:
    """A paragraph."""
    return textwrap.wrap(printable(text), WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def panel_lines(panel: Panel, results: Results) -> Iterator[str]:
    """One input: what it is, what the indexes hold, and a table an event."""
    result = panel.rows[0].any
    yield from wrapped(f"{panel.title}; ratios are to {result.baseline}; caches {result.caches}")
    yield from wrapped(levels(panel))
    yield ""
    names = short_names(panel)
    for name, row in names:
        yield from wrapped(f"{name}: {row.title}") if name != row.title else ()
    yield from held_lines(panel, names)
    for event in panel.events:
        yield ""
        yield from event_lines(panel, event, names)
    yield ""
    kind = kind_of(panel)
    said = *kind.lines(panel), *left_out(panel), *kind.sentences(panel)
    for text in (*said, *verdict_lines(panel, results)):
        yield from wrapped(text)
    yield ""


def levels(panel: Panel) -> str:
    """How sure the intervals are."""
    found = sorted(
        {
            (result.level, result.processes)
            for row in panel.rows
            for result in row.results.values()
            if result.processes
        }
    )
    told = (f"{level:.1%} of {processes} processes" for level, processes in found)
    return f"intervals cover the true median with {', '.join(told) or 'no known chance'}"


def short_names(panel: Panel) -> list[tuple[str, Row]]:
    """What each row is called: its title, or a letter where that is too long."""
    found = []
    for number, row in enumerate(panel.rows):
        title = printable(row.title)
        found.append((title if len(title) <= LONGEST_NAME else f"[{number + 1}]", row))
    return found


def held_lines(panel: Panel, names: list[tuple[str, Row]]) -> Iterator[str]:
    """Nodes and bytes of each design's index."""
    rows = [
        (name, f"{row.any.nodes:,}", size(row.any.slab_bytes))
        for name, row in names
        if row.any.is_design
    ]
    yield from aligned([("", "nodes", "index"), *rows])


def event_lines(panel: Panel, event: str, names: list[tuple[str, Row]]) -> Iterator[str]:
    """One event: every row that was timed."""
    unit, factor = panel.unit(event)
    rows = [(name, *cells(row.results.get(event), factor)) for name, row in names]
    kept = [row for row in rows if row[1] != NO_VALUE]
    yield from aligned([(f"{event}, {unit}", *HEADS), *kept])


def cells(result: Result | None, factor: float) -> tuple[str, ...]:
    """The median and its interval, then the same of the ratio."""
    interval = shown(result)
    if result is None or interval is None:
        return (NO_VALUE,) * len(HEADS)
    ratio = None if result.design == HARNESS.design else result.ratio
    return (*spread_cells(interval.scaled(factor)), *(spread_cells(ratio) if ratio else ("", "")))


def spread_cells(interval: Interval) -> tuple[str, str]:
    return digits(interval.median), f"{digits(interval.low)}-{digits(interval.high)}"


def aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Cells in columns, the first to the left and all others to the right."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first = f"{row[0]:{wide[0]}}"
        rest = "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], wide[1:], strict=True))
        yield f"  {first}{rest}".rstrip()
