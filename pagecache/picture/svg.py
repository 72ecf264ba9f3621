"""SVG without a library: boxes, lines and letters on white, 800 wide.

The colours are Okabe and Ito's, which differ for readers with any kind of colour blindness; what a
box means stands beside it in words as well.
"""

from __future__ import annotations

from html import escape
from itertools import count
from typing import Any

WIDTH = 800
INK, SOFT, PAPER = "#1b1f24", "#57606a", "#ffffff"
COLOURS = {
    "node": "#0072B2",
    "entry": "#E69F00",
    "sibling": "#F3D48A",
    "value": "#009E73",
    "reserved": "#CC79A7",
    "retry": "#D55E00",
    "other": "#56B4E9",
    "nothing": "none",
}
_numbers = count()


def tag(name: str, inner: str = "", **attributes: Any) -> str:
    """One element; an underscore in an attribute's name stands for a hyphen.

    Examples
    --------
    >>> tag("line", x1=0, y1=1.50, stroke_width=2)
    '<line x1="0" y1="1.5" stroke-width="2"/>'
    """
    given = "".join(
        f' {key.strip("_").replace("_", "-")}="{shown(value)}"' for key, value in attributes.items()
    )
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(str(value))


def words(x: float, y: float, text: str, **more: Any) -> str:
    """Letters; grey and smaller with `fill=SOFT, font_size=11`."""
    return tag("text", escape(text), x=x, y=y, **{"fill": INK, "font_size": 13, **more})


def box(x: float, y: float, width: float, height: float, **slot: str) -> str:
    """A slot of a `kind`; what is `told` of it is shown while the pointer rests on it."""
    return tag(
        "rect",
        tag("title", escape(slot["told"])),
        x=x,
        y=y,
        width=width,
        height=height,
        fill=COLOURS[slot["kind"]],
    )


def outline(x: float, y: float, width: float, height: float, **more: Any) -> str:
    given = {"fill": "none", "stroke": INK, **more}
    return tag("rect", x=x, y=y, width=width, height=height, **given)


def arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    """A line that ends in a head."""
    head = f"M{shown(to_x - 4.0)},{shown(to_y - 7.0)} h8 l-4,7 z"
    bend = (y + to_y) / 2
    line = f"M{shown(x)},{shown(y)} V{shown(bend)} H{shown(to_x)} V{shown(to_y - 6.0)}"
    return tag("path", d=line, fill="none", stroke=INK) + tag("path", d=head, fill=INK)


def document(height: float, parts: list[str], title: str) -> str:
    """The whole picture."""
    name = f"picture-{next(_numbers)}"
    return tag(
        "svg",
        tag("title", escape(title), id=name)
        + tag("rect", width=WIDTH, height=height, fill=PAPER)
        + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {shown(height)}",
        width=WIDTH,
        height=height,
        role="img",
        aria_labelledby=name,
        font_family="system-ui, sans-serif",
        style="max-width: 100%; height: auto",
    )
