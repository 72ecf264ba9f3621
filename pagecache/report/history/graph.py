"""A benchmark over the commits, as SVG: a line a cell, its intervals, and where it stepped.

Drawn without matplotlib, which takes a third of a second a figure, and there are a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from pagecache.picture.svg import tag
from pagecache.report.figures.style import colour, grouped
from pagecache.report.figures.svg import escaped
from pagecache.report.history.asv import Commit, Series
from pagecache.report.history.steps import Step
from pagecache.report.numbers import digits

WIDTH, HEIGHT = 800, 220
LEFT, RIGHT, TOP, BOTTOM = 70, 780, 14, 185  # of the place for lines
MOST_NAMES = 8  # of commits below
WIDE = 20  # times between the least and the greatest above which the axis is logarithmic
LETTERS = 13  # from a line of letters to the next
INK: dict[str, Any] = {"fill": "currentColor", "font_size": 12}
HALO: dict[str, Any] = {"stroke": "var(--paper)", "stroke_width": 4, "paint_order": "stroke"}
BOLD: dict[str, Any] = {**INK, **HALO, "font_weight": "bold", "text_anchor": "end"}
UNITS = (("ns", 1e9), ("us", 1e6), ("ms", 1e3), ("s", 1.0))


def unit_of(values: Sequence[float], unit: str) -> tuple[str, float]:
    """The unit that suits the greatest, and what asv's numbers are multiplied by.

    Examples
    --------
    >>> unit_of([2e-5, 4e-8], "seconds"), unit_of([8323], "nodes")
    (('us', 1000000.0), ('nodes', 1.0))
    """
    if unit != "seconds":
        return unit, 1.0
    most = max(values)
    return next(each for each in UNITS if most * each[1] < 1000 or each[0] == "s")


def shown(value: float, unit: str) -> str:
    """A value with its unit; what is counted to the last one.

    Examples
    --------
    >>> shown(17.0, "nodes"), shown(59.961, "ns"), shown(8.3333, "bytes")
    ('17 nodes', '60.0 ns', '8.33 bytes')
    """
    whole = float(value).is_integer() and unit not in dict(UNITS)
    return f"{f'{value:,.0f}' if whole else digits(value)} {unit}"


def graph(commits: Sequence[Commit], cells: Sequence[Series], steps: Sequence[list[Step]]) -> str:
    """The drawing, with the exact value of each point while it is pointed at."""
    values = [end for each in cells for at in each.points.values() for end in (at.low, at.high)]
    unit, factor = unit_of(values, cells[0].unit)
    height, ticks = axis([value * factor for value in values])
    inner = "".join(grid(height(tick), grouped(tick)) for tick in ticks)
    inner += tag("text", unit, x=4, y=12, **INK)
    across = {commit: place(number, len(commits)) for number, commit in enumerate(commits)}
    every = max(1, -(-len(commits) // MOST_NAMES))
    for commit in commits[::every]:
        inner += tag(
            "text", commit.name, x=across[commit], y=HEIGHT - 12, text_anchor="middle", **INK
        )
    marked: dict[float, list[tuple[float, str]]] = {}
    for number, (cell, own) in enumerate(zip(cells, steps, strict=True)):
        inner += line(cell, across, lambda value: height(value * factor), colour(number))
        inner += points(cell, across, height, (unit, factor), colour(number))
        for step in own:
            at = across[step.commit], height(cell.points[step.commit].value * factor)
            inner += ring(at, colour(number))
            marked.setdefault(at[0], []).append((at[1], said(step)))
    inner += "".join(names(x, told) for x, told in marked.items())
    view = f"0 0 {WIDTH} {HEIGHT}"
    return tag("svg", inner, viewBox=view, role="img", aria_label=cells[0].benchmark)


def place(number: int, count: int) -> float:
    """Where a commit stands: all at the same distance."""
    inset = 30
    if count == 1:
        return (LEFT + RIGHT) / 2
    return LEFT + inset + number * (RIGHT - LEFT - 2 * inset) / (count - 1)


def axis(values: Sequence[float]) -> tuple[Callable[[float], float], list[float]]:
    """Where a value stands, and which are named: from 0, or by decades where values lie apart."""
    least, most = min(values), max(values) or 1.0
    if least > 0 and most > WIDE * least:
        first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
        return (
            lambda value: BOTTOM - (BOTTOM - TOP) * (math.log10(value) - first) / (last - first),
            [10.0**decade for decade in range(first, last + 1)],
        )
    top = 1.08 * most
    step = next(step for step in steps_from(most) if top / step <= 5)
    ticks = [number * step for number in range(int(top / step) + 1)]
    return lambda value: BOTTOM - (BOTTOM - TOP) * value / top, ticks


def steps_from(most: float) -> list[float]:
    """Distances between ticks, from the least on: 1, 2 and 5 of each decade."""
    decade = math.floor(math.log10(most)) - 1
    return [factor * 10.0**power for power in range(decade, decade + 3) for factor in (1, 2, 5)]


def grid(y: float, text: str) -> str:
    """A line across, and its number."""
    drawn = tag("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, stroke="currentColor", stroke_opacity=0.2)
    return drawn + tag("text", text, x=LEFT - 6, y=y + 4, text_anchor="end", **INK)


def line(
    cell: Series, across: dict[Commit, float], height: Callable[[float], float], shade: str
) -> str:
    """A line through the points."""
    order = sorted(cell.points)
    joined = " ".join(f"{across[at]:.1f},{height(cell.points[at].value):.1f}" for at in order)
    return tag("polyline", points=joined, fill="none", stroke=shade, stroke_width=1.5)


def ring(at: tuple[float, float], shade: str) -> str:
    """Around a point at which a line steps."""
    return tag("circle", cx=at[0], cy=at[1], r=8, fill="none", stroke=shade, stroke_width=2)


def names(x: float, told: Sequence[tuple[float, str]]) -> str:
    """How large the steps of one commit are, beside it, one below the other from the top down."""
    drawn, above = "", float(TOP)
    for y, text in sorted(told):
        above = max(y + 4, above)
        drawn += tag("text", text, x=x - 12, y=above, **BOLD)
        above += LETTERS
    return drawn


def said(step: Step) -> str:
    """How many times what it was."""
    return f"x{step.ratio:.2f}" if step.ratio < math.inf else "from 0"


def points(
    cell: Series,
    across: dict[Commit, float],
    height: Callable[[float], float],
    unit: tuple[str, float],
    shade: str,
) -> str:
    """Intervals, and a mark for each value, which says it."""
    drawn = ""
    for commit, at in cell.points.items():
        x = across[commit]
        low, value, high = (each * unit[1] for each in (at.low, at.value, at.high))
        drawn += tag("line", x1=x, x2=x, y1=height(low), y2=height(high), stroke=shade)
        text = f"{commit.name}{', ' * bool(cell.cell)}{cell.cell}: {shown(value, unit[0])}"
        text += f" ({digits(low)} to {digits(high)})" if low < high else ""
        mark = tag("circle", tag("title", escaped(text)), cx=x, cy=height(value), r=3.5, fill=shade)
        drawn += f'<g class="told">{mark}</g>'
    return drawn
