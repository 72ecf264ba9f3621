"""Folio orders over a file, as a strip: a box a folio, darker the larger it is.

Of many folios the boxes have no edges, and neighbours of one order flow into one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pagecache import __version__
from pagecache.report.figures.style import (
    caption_of,
    check_plot,
    new_figure,
    number_axis,
    styled,
    tell,
    write_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAGE_KIB = 4
Folios = Sequence[tuple[int, int]]
MOST_BOXES = 200  # a strip; white edges and titles of more would hide what they are of
KIB_A_MIB = 1024


class HasFolios(Protocol):
    """A mapping, say."""

    def folios(self) -> list[tuple[int, int]]: ...


def plot_folios(
    strips: Mapping[str, HasFolios | Folios], path: str | Path, title: str = "Folios over the file"
) -> None:
    """Draw the folio orders over files, a strip for each name, as PNG or SVG.

    Parameters
    ----------
    strips : dict
        By name: a `pagecache.Mapping`, or (index, order) of the folios in file order.
    path : str or Path
        Ends in ``.png`` or ``.svg``.
    title : str

    Raises
    ------
    InputError
        Another ending, matplotlib is not installed, or the file cannot be written.

    Examples
    --------
    >>> import pagecache as pc
    >>> mapping = pc.Mapping(file="4M")
    >>> mapping.read(0, "4M")
    4194304
    >>> pc.plot_folios({"read once": mapping}, "strip.svg")  # doctest: +SKIP
    """
    check_plot(path)
    found = {
        name: each if isinstance(each, Sequence) else each.folios() for name, each in strips.items()
    }
    with styled():
        write_figure(draw_strip(found, title, f"pagecache {__version__}"), path)


def draw_strip(
    strips: Mapping[str, Folios], title: str, about: str, told: dict[str, str] | None = None
) -> Figure:
    """A strip for each name, (index, order) of its folios in file order; `about` is the caption.

    Examples
    --------
    >>> draw_strip({"6.8": [(0, 2), (4, 2)]}, "two folios", "pagecache")  # doctest: +SKIP
    """
    from matplotlib import colormaps  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    told = {} if told is None else told
    figure = new_figure(1.1 + 0.55 * len(strips))
    axes = figure.subplots()
    orders = sorted({order for folios in strips.values() for _, order in folios})
    shades = colormaps["viridis_r"].resampled(max(len(orders), 2))
    colours = {order: shades(number) for number, order in enumerate(orders)}
    end = max((i * PAGE_KIB for folios in strips.values() for i, _ in folios), default=0)
    unit, kib = ("MiB", KIB_A_MIB) if end > 16 * KIB_A_MIB else ("KiB", 1)
    for row, (name, folios) in enumerate(strips.items()):
        boxes = _separate if len(folios) <= MOST_BOXES else _together
        for box, index, order in boxes(axes, row, folios, colours, kib):
            tell(box, f"{name}: index {index:,}, order {order} ({PAGE_KIB << order} KiB)", told)
    axes.set_xlim(left=0)
    number_axis(axes.xaxis)
    axes.set_yticks(range(len(strips)), list(strips))
    axes.set_ylim(len(strips) - 0.5, -0.5)
    axes.set_xlabel(f"{unit} from the start of the file")
    axes.set_title(title, fontsize=11)
    axes.grid(visible=False)
    handles = [Patch(color=colours[order], label=f"order {order}") for order in orders]
    figure.legend(handles=handles, loc="outside right upper")
    figure.supxlabel(caption_of(about), fontsize=7)
    return figure


def _separate(
    axes: Axes, row: int, folios: Folios, colours: dict[int, Any], kib: int
) -> Iterator[tuple[Any, int, int]]:
    """A box for each folio, with a white edge: (box, index, order)."""
    look: dict[str, Any] = {"height": 0.8, "edgecolor": "white", "linewidth": 0.3}
    for index, order in folios:
        left, width = index * PAGE_KIB / kib, (PAGE_KIB << order) / kib
        (box,) = axes.barh(row, width, left=left, color=colours[order], **look)
        yield box, index, order


def _together(
    axes: Axes, row: int, folios: Folios, colours: dict[int, Any], kib: int
) -> Iterator[tuple[Any, int, int]]:
    """All boxes of an order at once, without edges; none can be pointed at."""
    for order, colour in colours.items():
        spans = [
            (index * PAGE_KIB / kib, (PAGE_KIB << order) / kib)
            for index, folio_order in folios
            if folio_order == order
        ]
        axes.broken_barh(spans, (row - 0.4, 0.8), facecolors=colour, linewidth=0)
    yield from ()
