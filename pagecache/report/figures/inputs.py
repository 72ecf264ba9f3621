"""The plot of each input of a run: its events by design, or throughput by number of threads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pagecache.errors import InputError
from pagecache.report.figures.events import draw_events
from pagecache.report.figures.style import styled, write_figure
from pagecache.report.figures.svg import to_svg
from pagecache.report.figures.threads import draw_threads, thread_numbers
from pagecache.report.table import Panel, panels_of
from pagecache.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_panel(results: Results, panel: Panel, told: dict[str, str] | None = None) -> Figure:
    """The figure of one input; exact values go to `told`, for `to_svg`."""
    if len(thread_numbers(panel)) > 1:
        return draw_threads(results, panel, told)
    return draw_events(results, panel, told)


def plot_inputs(results: Results, path: str | Path) -> list[Path]:
    """Write a plot for each input: OUT.png, or OUT-1.png, OUT-2.png where there are several.

    Raises
    ------
    InputError
        matplotlib is not installed, or the file cannot be written.
    """
    panels, whole = panels_of(results), Path(path)
    names = [whole.with_stem(f"{whole.stem}-{number}") for number in range(1, len(panels) + 1)]
    names = [whole] if len(panels) == 1 else names
    with styled():
        for name, panel in zip(names, panels, strict=True):
            write_figure(draw_panel(results, panel), name)
    return names


def inputs_html(results: Results) -> str:
    """The plots of all inputs as HTML; a sentence instead where matplotlib is not installed."""
    try:
        with styled(inked=True):
            return "".join(input_svg(results, panel) for panel in panels_of(results))
    except InputError as error:
        return f"<p>{str(error).removeprefix('--plot: ')}</p>"


def input_svg(results: Results, panel: Panel) -> str:
    told: dict[str, str] = {}
    svg = to_svg(draw_panel(results, panel, told), told)
    # Said in full: pages around it, of mkdocs say, let a figure be as wide as what it holds.
    svg = svg.replace("<svg", '<svg width="100%"', 1)
    return f'<figure style="max-width: 50rem; width: 100%">{svg}</figure>'
