"""Folio orders over a file, as a strip: a box a folio, darker the larger it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pagecache.report.figures.style import new_figure, tell

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE_KIB = 4


def draw_strip(
    strips: Mapping[str, Sequence[tuple[int, int]]], title: str, told: dict[str, str] | None = None
) -> Figure:
    """A strip for each name: (index, order) of its folios in file order.

    Examples
    --------
    >>> figure = draw_strip({"6.8": [(0, 2), (4, 2), (8, 3)]}, "three folios")  # doctest: +SKIP
    """
    from matplotlib import colormaps  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    told = {} if told is None else told
    figure = new_figure(0.9 + 0.55 * len(strips))
    axes = figure.subplots()
    orders = sorted({order for folios in strips.values() for _, order in folios})
    shades = colormaps["viridis_r"].resampled(max(len(orders), 2))
    colours = {order: shades(number) for number, order in enumerate(orders)}
    for row, (name, folios) in enumerate(strips.items()):
        for index, order in folios:
            box = axes.barh(
                row,
                PAGE_KIB << order,
                left=index * PAGE_KIB,
                height=0.8,
                color=colours[order],
                edgecolor="white",
                linewidth=0.3,
            )
            tell(box[0], f"{name}: index {index:,}, order {order} ({PAGE_KIB << order} KiB)", told)
    axes.set_yticks(range(len(strips)), list(strips))
    axes.set_ylim(len(strips) - 0.5, -0.5)
    axes.set_xlabel("KiB from the start of the file")
    axes.set_title(title, fontsize=11)
    axes.grid(visible=False)
    handles = [Patch(color=colours[order], label=f"order {order}") for order in orders]
    figure.legend(handles=handles, loc="outside right upper")
    return figure
