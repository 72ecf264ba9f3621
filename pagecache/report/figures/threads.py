"""Throughput by number of threads: a line a design or protocol, its intervals, and ideal scaling.

Ideal is what one thread does, times the threads: a thin dotted line from each line's own beginning.
Where several designs were measured under several protocols, each design has a panel of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pagecache.measure.case import Row as Named
from pagecache.report.figures.style import caption, colour, marker, new_figure, number_axis, tell
from pagecache.report.numbers import digits
from pagecache.report.table import Panel
from pagecache.report.threads import throughput
from pagecache.results import Interval, Result, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

HIGH = 3.6  # inches of a row of panels
MOST_ABREAST = 2
UNIT = "million events/s"


class Line(NamedTuple):
    """One design under one protocol: millions of events a second, by number of threads."""

    design: str
    how: str  # its protocol and its writer
    points: list[tuple[int, Interval]]

    @property
    def name(self) -> str:
        return f"{self.design} {self.how}".strip()


def thread_numbers(panel: Panel) -> list[int]:
    """The numbers of threads that an input was looked up by."""
    found = {result.threads for row in panel.designs for result in row.results.values()}
    return sorted(number for number in found if number)


def lines_of(panel: Panel, event: str) -> list[Line]:
    """The lines of one event, in the order measured."""
    found: dict[tuple[str, str], Line] = {}
    for row in panel.designs:
        result = row.results.get(event)
        if result is None or result.ns_per_event is None:
            continue
        key = (str(Named(result.design, result.order)), how_of(result))
        line = found.setdefault(key, Line(*key, []))
        line.points.append((result.threads or 1, throughput(result)))
    return [line._replace(points=sorted(line.points)) for line in found.values()]


def how_of(result: Result) -> str:
    """The protocol of references, and what writes beside it."""
    return " ".join(each for each in (result.references, result.writer) if each)


def draw_threads(results: Results, panel: Panel, told: dict[str, str] | None = None) -> Figure:
    """The threads of one input; exact values go to `told`, for `to_svg`.

    Parameters
    ----------
    results : Results
        The run, for the caption.
    panel : Panel
        One input of it.
    """
    told = {} if told is None else told
    groups = [group for event in panel.events for group in groups_of(event, lines_of(panel, event))]
    abreast = min(len(groups), MOST_ABREAST)
    rows = -(-len(groups) // abreast)
    figure = new_figure(rows * HIGH + 0.7)
    grid = list(figure.subplots(rows, abreast, squeeze=False, sharey=len(groups) > 1).flat)
    known = list(dict.fromkeys(name for _, _, names in groups for name in names))
    most = 0.0
    for axes, (title, lines, names) in zip(grid, groups, strict=False):
        most = max(most, draw_group(axes, lines, [known.index(name) for name in names], told))
        axes.set_title(title, fontsize=10)
        axes.set_xticks(thread_numbers(panel))
    for axes in grid[: len(groups)]:
        axes.set_ylim(0, 1.05 * most)
        number_axis(axes.yaxis)
    for axes in grid[len(groups) :]:
        axes.set_visible(False)
    for axes in grid[::abreast]:
        axes.set_ylabel(UNIT)
    figure.legend(handles=legend(known), loc="outside right upper", fontsize=8, frameon=False)
    figure.suptitle(panel.title, fontsize=11)
    figure.supxlabel(caption(results), fontsize=7)
    return figure


def groups_of(event: str, lines: list[Line]) -> list[tuple[str, list[Line], list[str]]]:
    """What stands in one panel each: a title, lines, and what to call them."""
    designs = list(dict.fromkeys(line.design for line in lines))
    hows = {line.how for line in lines}
    if len(hows) == 1:
        title = f"{event} ({hows.pop()})"
        return [(title, lines, [line.design for line in lines])]
    if len(designs) == 1:
        return [(f"{event} of {designs[0]}", lines, [line.how for line in lines])]
    return [
        (f"{event} of {design}", own, [line.how for line in own])
        for design in designs
        for own in ([line for line in lines if line.design == design],)
    ]


def legend(names: list[str]) -> list[Line2D]:
    """What the colours and marks mean."""
    from matplotlib.lines import Line2D  # noqa: PLC0415

    lines = [
        Line2D([], [], color=colour(number), marker=marker(number), markersize=5, label=name)
        for number, name in enumerate(names)
    ]
    return [*lines, Line2D([], [], ls=":", color="0.5", lw=0.8, label="ideal scaling")]


def draw_group(axes: Axes, lines: list[Line], numbers: list[int], told: dict[str, str]) -> float:
    """Lines over the number of threads, each in the colour of its number; how high they reach."""
    most = 0.0
    for line, number in zip(lines, numbers, strict=True):
        at = [threads for threads, _ in line.points]
        values = [interval.median for _, interval in line.points]
        low = [interval.median - interval.low for _, interval in line.points]
        high = [interval.high - interval.median for _, interval in line.points]
        look: dict[str, Any] = {"color": colour(number), "markersize": 5, "capsize": 2}
        axes.errorbar(at, values, (low, high), fmt=f"{marker(number)}-", **look)
        ideal = [values[0] * threads / at[0] for threads in at]
        axes.plot(at, ideal, ":", color=colour(number), lw=0.8)
        for threads, interval in line.points:
            (spot,) = axes.plot(threads, interval.median, marker(number), color="none")
            tell(spot, value(line, threads, interval), told)
        most = max(most, *ideal, *(interval.high for _, interval in line.points))
    axes.margins(x=0.12)
    axes.set_xlabel("threads", fontsize=9)
    return most


def value(line: Line, threads: int, interval: Interval) -> str:
    """The exact value, as a sentence."""
    text = f"{line.name}, {threads} {'thread' if threads == 1 else 'threads'}: "
    text += f"{digits(interval.median)} {UNIT}"
    return f"{text} ({digits(interval.low)} to {digits(interval.high)})"
