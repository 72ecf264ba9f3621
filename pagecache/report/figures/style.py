"""What all plots share: colours, sizes, and how they are written.

The colours are Okabe and Ito's, which differ for readers with any kind of colour blindness; marks
differ in shape too. In a page, text and axes take the colour of the text around them, so that a
plot suits a light page and a dark one: matplotlib is given `INK`, which is replaced.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pagecache.errors import InputError
from pagecache.report.render import foot
from pagecache.results import Results
from pagecache.writing import write_bytes

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
MARKERS = "osD^vP*X"
INK = "#123457"
WIDTH = 8.0  # inches; at 100 dots an inch, 800 pixels
SETTINGS: dict[Any, Any] = {
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "font.size": 10,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.axisbelow": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "pagecache",  # the same plot is the same file
}
INKED = tuple(f"{of}.color" for of in ("text", "xtick", "ytick", "grid"))
INKED += ("axes.edgecolor", "axes.labelcolor")


def require_matplotlib() -> None:
    """InputError with the remedy if the extra is not installed."""
    try:
        import matplotlib  # noqa: F401, PLC0415
    except ImportError:
        raise InputError(
            "--plot: matplotlib is not installed; run: pip install 'pagecache[plot]'"
        ) from None


@contextmanager
def styled(*, inked: bool = False) -> Iterator[None]:
    """matplotlib with our settings, and no window; as before afterwards."""
    require_matplotlib()
    import matplotlib  # noqa: PLC0415

    ink: dict[Any, Any] = dict.fromkeys(INKED, INK) if inked else {}
    with matplotlib.rc_context({**SETTINGS, **ink}):
        yield


def new_figure(height: float) -> Figure:
    """A figure 800 pixels wide that no window manager knows of."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    return Figure(figsize=(WIDTH, height), layout="constrained")


def number_axis(axis: Axis) -> None:
    """Ticks as tables show numbers, 0.5, 20, 1,500, and no powers of ten."""
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415

    axis.set_major_formatter(FuncFormatter(lambda value, _: grouped(value)))


def grouped(value: float) -> str:
    """A number with its thousands grouped, and without what floating point adds.

    Examples
    --------
    >>> grouped(1500.0), grouped(2e6), grouped(0.1 + 0.2)
    ('1,500', '2,000,000', '0.3')
    """
    return f"{value:,.10g}"


def caption_of(text: str) -> str:
    """Lines that fit under a plot."""
    return "\n".join(textwrap.wrap(text, 130))


def caption(results: Results) -> str:
    """The machine, and how sure the bars are, in lines that fit under a plot."""
    text = foot(results).partition("; a round")[0]
    levels = [result.level for result in results if result.level]
    if levels:
        text += f"; bars are intervals at {min(levels):.1%}"
    return caption_of(text)


def colour(number: int) -> str:
    """The colour of the design of that number; after eight they begin again."""
    return COLOURS[number % len(COLOURS)]


def marker(number: int) -> str:
    """The shape of its marks."""
    return MARKERS[number % len(MARKERS)]


def tell(artist: Artist, text: str, told: dict[str, str]) -> None:
    """Give an artist an exact value, which a page shows when the pointer rests on it."""
    name = f"told-{len(told)}"
    artist.set_gid(name)
    told[name] = text


def check_plot(path: str | Path) -> None:
    """InputError for a name that is neither a PNG nor an SVG, before anything runs."""
    if Path(path).suffix not in {".png", ".svg"}:
        raise InputError(f"--plot: {path} ends in neither .png nor .svg; name one that does")
    require_matplotlib()


def write_figure(figure: Any, path: str | Path) -> None:
    """Write a PNG or SVG, whole or not at all."""
    check_plot(path)
    form, drawn = Path(path).suffix[1:], io.BytesIO()
    figure.savefig(drawn, format=form, metadata={"Date": None} if form == "svg" else None)
    write_bytes(drawn.getvalue(), path, "--plot")
