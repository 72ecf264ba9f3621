"""A figure as an `<svg>` element of a page: its ink and font are the page's, and it is small."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from pagecache.report.figures.style import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = re.compile(r' style="([^"]*)"')
RULE = re.compile(r"\.k\w+{[^}]*}")
GROUP = re.compile(r"<g(?: [^>]*)?>|</g>")


def to_svg(figure: Figure, told: dict[str, str]) -> str:
    """The figure as an `<svg>` element for a page: the page's own ink, and exact values."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(
        r"font-family: [^;\"]*", "font-family: inherit", text.replace(INK, "currentColor")
    )
    text = re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r'\1 role="img"', text, count=1)
    text = re.sub(r"(\d\.\d\d)\d+", r"\1", re.sub(r"\s*\n\s*", " ", text))  # smaller, not coarser
    for name, value in told.items():
        title = f'<g class="told"><title>{escaped(value)}</title>'
        text = text.replace(f'<g id="{name}">', title, 1)
    return lean(text)


def lean(text: str) -> str:
    """An SVG without what no page needs: bare groups, turns by 0 degrees, blanks, style twice.

    Examples
    --------
    >>> lean('<svg> <g id="axes_1"> <path style="a"/> <path style="a"/> </g> </svg>')
    '<svg><style>.kca97811{a}</style><path class="kca97811"/><path class="kca97811"/></svg>'
    """
    text = without_bare_groups(re.sub(r'<g id="[^"]*">', "<g>", text).replace("> <", "><"))
    text = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", text)
    styles = {style: "k" + sha256(style.encode()).hexdigest()[:7] for style in STYLE.findall(text)}
    text = STYLE.sub(lambda found: f' class="{styles[found[1]]}"', text)
    rules = "".join(f".{name}{{{style}}}" for style, name in styles.items())
    return text.replace(">", f"><style>{rules}</style>", 1)


def without_bare_groups(text: str) -> str:
    """The same drawing: a group that says nothing of its own draws what it holds.

    Examples
    --------
    >>> without_bare_groups('<g><g class="told"><path/></g><g><text/></g></g>')
    '<g class="told"><path/></g><text/>'
    """
    opened: list[str] = []

    def kept(found: re.Match[str]) -> str:
        if found[0] != "</g>":
            opened.append(found[0])
        return "" if (opened.pop() if found[0] == "</g>" else found[0]) == "<g>" else found[0]

    return GROUP.sub(kept, text)


def share_styles(svgs: Sequence[str]) -> tuple[list[str], str]:
    """Drawings without the rules that `lean` gave each, and the rules of all of them once.

    Examples
    --------
    >>> share_styles(['<svg><style>.k1{a}.k2{b}</style>1</svg>', '<svg><style>.k2{b}</style>'])
    (['<svg>1</svg>', '<svg>'], '.k1{a}.k2{b}')
    """
    rules = [rule for svg in svgs for rule in RULE.findall(svg.partition("</style>")[0])]
    bare = [re.sub(r"<style>\.k.*?</style>", "", svg, count=1) for svg in svgs]
    return bare, "".join(dict.fromkeys(rules))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
