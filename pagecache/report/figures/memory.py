"""Index bytes against the size of the file, both logarithmic; hollow marks are computed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pagecache.report.figures.style import (
    caption_of,
    colour,
    marker,
    new_figure,
    styled,
    tell,
    write_figure,
)
from pagecache.report.numbers import size as shown_size

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

Point = tuple[str, int, int, bool]  # name, bytes of the file, bytes of the index, built?
NEAR = 1.03  # times that two curves are apart where they are drawn as one inside the other
THIN, SMALL = 1.0, 5.0  # points: a line and a mark
THICKER, LARGER = 2.5, 4.5  # by which those that lie below others grow, so that both are seen


def plot_memory(points: Sequence[Point], caption: str, path: str | Path) -> None:
    """Write the plot, PNG or SVG.

    Raises
    ------
    InputError
        matplotlib is not installed, or the file cannot be written.
    """
    with styled():
        write_figure(draw_memory(points, caption), path)


def draw_memory(
    points: Sequence[Point], caption: str, told: dict[str, str] | None = None
) -> Figure:
    """A line for each name; what was built is filled, what was computed is hollow."""
    from matplotlib.lines import Line2D  # noqa: PLC0415

    told = {} if told is None else told
    figure = new_figure(5.6)
    axes = figure.subplots()
    names = list(dict.fromkeys(name for name, *_ in points))
    for number, name in enumerate(names):
        own = [point for point in points if point[0] == name]
        above = [covering(point, points, names[number + 1 :]) for point in own]
        wide = THIN + THICKER * sorted(above)[len(above) // 2]  # if half of it is covered
        axes.plot([at[1] for at in own], [at[2] for at in own], color=colour(number), lw=wide)
        for (_, size, held, built), upon in zip(own, above, strict=True):
            (mark,) = axes.plot(
                size,
                held,
                marker(number),
                color=colour(number),
                markerfacecolor=colour(number) if built else "none",
                markersize=SMALL + LARGER * upon,
            )
            how = "built" if built else "computed"
            tell(mark, f"{name}, {shown_size(size)}: {shown_size(held)}, {how}", told)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    label_sizes(axes.xaxis, [at[1] for at in points])
    label_sizes(axes.yaxis, [at[2] for at in points])
    axes.set_xlabel("size of the file")
    axes.set_ylabel("bytes of the index")
    handles = [
        Line2D([], [], color=colour(number), marker=marker(number), label=textwrap.fill(name, 36))
        for number, name in enumerate(names)
    ]
    handles += [
        Line2D([], [], color="0.5", marker="o", ls="", label="built and counted"),
        Line2D([], [], color="0.5", marker="o", ls="", mfc="none", label="computed"),
    ]
    axes.legend(handles=handles, fontsize=8)
    figure.supxlabel(caption_of(caption), fontsize=7)
    return figure


def covering(point: Point, points: Sequence[Point], later: Sequence[str]) -> int:
    """How many curves that are drawn later lie on a point, and would hide it.

    Examples
    --------
    >>> points = [("a", 1024, 576, True), ("b", 1024, 576, False), ("c", 1024, 640, True)]
    >>> [covering(points[0], points, names) for names in (["b", "c"], ["c"])]
    [1, 0]
    """
    _, size, held, _ = point
    return sum(
        name in later and at == size and held / NEAR <= other <= held * NEAR
        for name, at, other, _ in points
    )


def label_sizes(axis: Axis, values: Sequence[int]) -> None:
    """Ticks of a logarithmic axis as sizes: 64 MiB, 1 GiB, 16 GiB."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator  # noqa: PLC0415

    low, high = min(values).bit_length() - 1, max(values).bit_length()
    ticks = [1 << shift for shift in range(low - low % 4, high + 4, 4)]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    shown = FuncFormatter(lambda value, _: shown_size(value).replace(".00", "").replace(".0 ", " "))
    axis.set_major_formatter(shown)
