"""Lookup and insertion by design: a panel an event, a point a design, its interval as a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pagecache.report.figures.style import caption, colour, marker, new_figure, number_axis, tell
from pagecache.report.numbers import digits
from pagecache.report.table import Panel, Row
from pagecache.report.table import shown as shown_of
from pagecache.results import Interval, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_EVENTS = 6
FEW_DECADES = 1.7
ROW_INCHES = 0.3
WIDE = 20  # times between the least and the greatest above which an axis is logarithmic


def draw_events(results: Results, panel: Panel, told: dict[str, str] | None = None) -> Figure:
    """The events of one input; exact values go to `told`, for `to_svg`.

    Parameters
    ----------
    results : Results
        The run, for the caption.
    panel : Panel
        One input of it.
    """
    told = {} if told is None else told
    events = [event for event in panel.events if any(timed(row, event) for row in panel.designs)]
    events = events[:MOST_EVENTS]
    rows = 1 if len(events) <= 3 else 2
    columns = -(-len(events) // rows)
    figure = new_figure(rows * (1.1 + ROW_INCHES * len(panel.designs)) + 0.7)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, event in zip(grid.flat, events, strict=False):
        draw_event(axes, panel, event, told)
    for axes in list(grid.flat)[len(events) :]:
        axes.set_visible(False)
    figure.suptitle(panel.title, fontsize=11)
    figure.supxlabel(caption(results), fontsize=7)
    return figure


def draw_event(axes: Axes, panel: Panel, event: str, told: dict[str, str]) -> None:
    """One event: designs from the top down, the baseline's median as a line."""
    unit, factor = panel.unit(event)
    shown = [(number, row, timed(row, event)) for number, row in enumerate(panel.designs)]
    found = [(number, row, each.scaled(factor)) for number, row, each in shown if each is not None]
    for number, row, interval in found:
        look: dict[str, Any] = {"color": colour(number), "lw": 4, "alpha": 0.45}
        ends = [interval.low, interval.high]
        axes.plot(ends, [number] * 2, solid_capstyle="butt", **look)  # no longer than it is
        (point,) = axes.plot(interval.median, number, marker(number), color=colour(number))
        tell(point, value(row, event, interval, unit), told)
        if row.title == row.results[event].baseline:
            axes.axvline(interval.median, color="0.5", lw=0.8, ls=":")
    axes.set_yticks(range(len(panel.designs)), [row.title for row in panel.designs])
    axes.set_ylim(len(panel.designs) - 0.5, -0.5)
    axes.set_title(event, fontsize=10)
    axes.set_xlabel(unit, fontsize=9)
    scale(axes, [interval for _, _, interval in found])


def scale(axes: Axes, intervals: list[Interval]) -> None:
    """From zero where the values are near each other, else logarithmic."""
    most = max(interval.high for interval in intervals)
    least = min(interval.low for interval in intervals)
    if most > WIDE * least > 0:
        axes.set_xscale("log")
        plain_ticks(axes, decades=math.log10(most / least))
    else:
        axes.set_xlim(0, most * 1.1)
        number_axis(axes.xaxis)
    axes.tick_params(axis="x", labelsize=8)


def plain_ticks(axes: Axes, decades: float) -> None:
    """Numbers as they are, not powers of ten; 1, 2 and 5 of each decade where few are shown."""
    from matplotlib.ticker import LogLocator, NullFormatter  # noqa: PLC0415

    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < FEW_DECADES else (1,)))
    number_axis(axes.xaxis)
    axes.xaxis.set_minor_formatter(NullFormatter())


def timed(row: Row, event: str) -> Interval | None:
    """What is shown of a row, in nanoseconds: for an event, or for a GiB."""
    return shown_of(row.results.get(event))


def value(row: Row, event: str, interval: Interval, unit: str) -> str:
    """The exact value, as a sentence."""
    text = f"{row.title}, {event}: {digits(interval.median)} {unit}"
    text += f" ({digits(interval.low)} to {digits(interval.high)})"
    ratio = row.results[event].ratio
    return text if ratio is None else f"{text}, {ratio.median:.3g} times the baseline"
