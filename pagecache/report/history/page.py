"""The page of benchmarks over commits: what changed most first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pagecache.report.figures.style import colour
from pagecache.report.history.asv import Commit, History, Series, read_history
from pagecache.report.history.graph import graph, shown, unit_of
from pagecache.report.history.steps import COUNTED, TIMED, WINDOW, Step, steps_of
from pagecache.report.numbers import digits
from pagecache.report.page.tables import Cell
from pagecache.report.page.writer import render, save

HEADS = ("benchmark", "cell", "last", "last / first", "largest step", "since")
MOST_SENTENCES = 5
Group = tuple[list[Series], list[list[Step]]]


@dataclass
class Drawn:
    """A benchmark on one machine: its graph, and what its colours mean."""

    anchor: str
    title: str
    svg: str
    colours: list[tuple[str, str]]


def write_history(folder: str | Path, out: str | Path, title: str) -> Path:
    """Write ``index.html`` from asv's results; where it was written.

    Parameters
    ----------
    folder : str or Path
        ``.asv/results``.
    out : str or Path
        A folder, which is made if needed.
    title : str

    Raises
    ------
    InputError
        There are no results, one is broken, the extra `plot` is not installed, or `out` cannot be
        written.
    """
    history = read_history(folder)
    groups = grouped(history)
    drawn = [drawn_of(number, history, group) for number, group in enumerate(groups)]
    rows = [
        (largest(steps), drawing.anchor, row(series, steps))
        for drawing, group in zip(drawn, groups, strict=True)
        for series, steps in zip(*group, strict=True)
    ]
    rows.sort(key=lambda each: -each[0])
    return save(
        render(
            "history.html.j2",
            title=title,
            sentences=list(sentences(history, groups)),
            heads=HEADS,
            rows=rows,
            drawn=drawn,
            doubts=list(doubts(history)),
            about=about(history),
        ),
        Path(out),
    )


def grouped(history: History) -> list[Group]:
    """The cells of each benchmark on each machine, with their steps; the largest change first."""
    found: dict[tuple[str, str], list[Series]] = {}
    for series in history.series:
        found.setdefault((series.benchmark, series.where), []).append(series)
    groups = [(cells, list(map(steps_of, cells))) for cells in found.values()]
    return sorted(groups, key=lambda group: (-max(map(largest, group[1])), group[0][0].benchmark))


def largest(steps: list[Step]) -> float:
    return max((step.size for step in steps), default=0.0)


def drawn_of(number: int, history: History, group: Group) -> Drawn:
    cells, steps = group
    places = {series.where for series in history.series}
    title = cells[0].benchmark + (f" ({cells[0].where})" if len(places) > 1 else "")
    names = [(colour(place), series.cell) for place, series in enumerate(cells) if series.cell]
    return Drawn(f"b{number}", title, graph(history.commits, cells, steps), names)


def row(series: Series, steps: list[Step]) -> list[Cell]:
    """The row of one cell."""
    first, last = (series.points[each(series.points)] for each in (min, max))
    unit, factor = unit_of([last.value], series.unit)
    ratio = last.value / first.value if first.value else math.nan
    cells = [
        Cell(series.benchmark, series.benchmark),
        Cell(series.cell, series.cell),
        Cell(shown(last.value * factor, unit), last.value),
        Cell("-") if math.isnan(ratio) else Cell(digits(ratio), ratio),
    ]
    if not steps:
        return [*cells, Cell(""), Cell("")]
    step = max(steps, key=lambda each: each.size)
    told = "from 0" if math.isinf(step.ratio) else digits(step.ratio)
    since = Cell(step.commit.name, step.commit.date, day(step.commit))
    return [*cells, Cell(told, step.size), since]


def sentences(history: History, groups: list[Group]) -> Iterator[str]:
    """The answer: over what, how many steps, and the largest of them."""
    first, last = history.commits[0], history.commits[-1]
    span = f"{first.name} ({day(first)})"
    if first != last:
        span = f"{len(history.commits):,} commits, {span} to {last.name} ({day(last)})"
    yield f"{span}: {len(groups):,} benchmarks with {len(history.series):,} cells."
    found = [
        (step, series)
        for group in groups
        for series, steps in zip(*group, strict=True)
        for step in steps
    ]
    found.sort(key=lambda pair: -pair[0].size)
    yield f"Step changes: {len(found):,}." if found else "No value changed and stayed changed."
    for step, series in found[:MOST_SENTENCES]:
        yield f"{series.benchmark}{f' ({series.cell})' if series.cell else ''}: {told_of(step)}."


def doubts(history: History) -> Iterator[str]:
    """What limits the steps."""
    timed = [at for each in history.series if each.unit == "seconds" for at in each.points.values()]
    lone = sum(at.low == at.high for at in timed)
    if lone:
        yield (
            f"{lone:,} of {len(timed):,} times are one sample each, without an interval: their "
            "steps may be noise. Run asv without --quick."
        )


def told_of(step: Step) -> str:
    """A step in words."""
    now = "no more 0" if math.isinf(step.ratio) else f"{digits(step.ratio)} times what it was"
    return f"{now} since {step.commit.name}"


def about(history: History) -> list[str]:
    """How it was measured, and what a step is."""
    said = [*history.machines, "Commits stand in the order of their dates, at equal distances."]
    said.append(
        f"A step is where each of up to {WINDOW} commits from there on is beyond the median of up "
        f"to {WINDOW} before, all one way, by more than {TIMED - 1:.0%} ({COUNTED - 1:.0%} of what "
        "is counted); its first is so beyond the one before, and their intervals, asv's at 99 %, "
        "do not meet."
    )
    if history.outdated:
        said.append(
            f"{history.outdated:,} results of benchmarks that have changed since are left out."
        )
    return said


def day(commit: Commit) -> str:
    return datetime.fromtimestamp(commit.date / 1000, UTC).strftime("%Y-%m-%d")
