"""What scattered memory costs, rung by rung: a panel for each block and number, a line a policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from pagecache.report.figures.style import (
    caption_of,
    colour,
    marker,
    new_figure,
    number_axis,
    styled,
    tell,
    write_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

APART = 0.09  # of a rung, between policies, so that none hides another


class Rung(NamedTuple):
    """The values of one policy at one rung: a list, one a seed, for each number drawn."""

    block: str
    policy: str
    scattered: str
    values: dict[str, list[float]]


def plot_ladder(rungs: Sequence[Rung], title: str, about: str, path: str | Path) -> None:
    """Write the plot, PNG or SVG; `about` is its caption.

    Raises
    ------
    InputError
        matplotlib is not installed, or the file cannot be written.
    """
    with styled():
        write_figure(draw_ladder(rungs, title, about), path)


def draw_ladder(
    rungs: Sequence[Rung], title: str, about: str, told: dict[str, str] | None = None
) -> Figure:
    """Rows are numbers, columns blocks; a bar reaches from the least of the seeds to the most."""
    told = {} if told is None else told
    numbers = list(rungs[0].values)  # one a row
    blocks = list(dict.fromkeys(rung.block for rung in rungs))
    figure = new_figure(1.6 + 1.9 * len(numbers))
    grid = figure.subplots(len(numbers), len(blocks), sharex=True, sharey="row", squeeze=False)
    for row, number in zip(grid, numbers, strict=True):
        row[0].set_ylabel(number)
        most = max(max(rung.values[number]) for rung in rungs) or 1.0
        row[0].set_ylim(-0.05 * most, 1.08 * most)
        number_axis(row[0].yaxis)
        for axes, block in zip(row, blocks, strict=True):
            draw_panel(axes, [rung for rung in rungs if rung.block == block], number, told)
    for axes, block in zip(grid[0], blocks, strict=True):
        axes.set_title(f"blocks of {block}", fontsize=10)
    handles, labels = grid[0][0].get_legend_handles_labels()
    low: dict[str, Any] = {"loc": "outside lower center", "ncols": len(labels), "frameon": False}
    # Under a plot there is room for one thing: the caption is the legend's title.
    figure.legend(handles, labels, title=caption_of(about), title_fontsize=7, **low)
    figure.suptitle(title, fontsize=11)
    return figure


def draw_panel(axes: Axes, rungs: Sequence[Rung], number: str, told: dict[str, str]) -> None:
    """One number of one block."""
    names = list(dict.fromkeys(rung.scattered for rung in rungs))
    policies = list(dict.fromkeys(rung.policy for rung in rungs))
    for place, policy in enumerate(policies):
        own = {rung.scattered: rung.values[number] for rung in rungs if rung.policy == policy}
        at = [names.index(name) + APART * (place - (len(policies) - 1) / 2) for name in own]
        means = [fmean(each) for each in own.values()]
        pairs = list(zip(means, own.values(), strict=True))
        low = [max(mean - min(each), 0) for mean, each in pairs]  # 0 where rounding says less
        high = [max(max(each) - mean, 0) for mean, each in pairs]
        look: dict[str, Any] = {"color": colour(place), "markersize": 5}
        axes.errorbar(at, means, (low, high), fmt=f"{marker(place)}-", lw=1, label=policy, **look)
        for x, name, mean in zip(at, own, means, strict=True):
            (spot,) = axes.plot(x, mean, marker(place), color="none")
            tell(spot, f"{policy}, {name}: {mean:,.1f} {number}", told)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right", fontsize=8)
