"""The cost of a fill along a ladder of fragmentation, and how much of it still lies in 2 MiB."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pagecache.report.figures.style import colour, marker, new_figure, styled, tell, write_figure
from pagecache.report.numbers import digits
from pagecache.results import Interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Point = tuple[str, int, Interval | None, float]  # policy, % scattered, ns/GiB, share in 2 MiB
APART = 0.6  # percent that the policies' marks stand apart, so that none hides another


def plot_ladder(points: Sequence[Point], title: str, caption: str, path: str | Path) -> None:
    """Write the plot, PNG or SVG.

    Raises
    ------
    InputError
        matplotlib is not installed, or the file cannot be written.
    """
    with styled():
        write_figure(draw_ladder(points, title, caption), path)


def draw_ladder(
    points: Sequence[Point], title: str, caption: str, told: dict[str, str] | None = None
) -> Figure:
    """Time above, the share of large folios below; a line and a mark for each policy."""
    told = {} if told is None else told
    figure = new_figure(5.6)
    times, shares = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    for number, name in enumerate(dict.fromkeys(name for name, *_ in points)):
        own = [point for point in points if point[0] == name]
        style = {"color": colour(number), "marker": marker(number), "label": name}
        timed = [(at + APART * number, time.scaled(1e-6)) for _, at, time, _ in own if time]
        times.plot([at for at, _ in timed], [time.median for _, time in timed], lw=1, **style)
        for at, time in timed:
            (line,) = times.plot([at] * 2, [time.low, time.high], color=colour(number), lw=3)
            line.set_alpha(0.45)
            tell(line, f"{name}, {at - APART * number:.0f} %: {shown(time)}", told)
        at_shares = [at + APART * number for _, at, _, _ in own]
        shares.plot(at_shares, [100 * share for *_, share in own], lw=1, **style)
    times.set_ylim(bottom=0)
    times.set_ylabel("ms to fill a GiB")
    times.set_title(title, fontsize=11)
    times.legend(fontsize=9)
    shares.set_ylim(-5, 105)
    shares.set_ylabel("% in folios of 2 MiB")
    shares.set_xlabel("% of memory that is scattered")
    figure.supxlabel("\n".join(textwrap.wrap(caption, 130)), fontsize=7)
    return figure


def shown(time: Interval) -> str:
    """The exact value, in words."""
    return f"{digits(time.median)} ms/GiB ({digits(time.low)} to {digits(time.high)})"
