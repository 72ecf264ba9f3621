"""``pagecache study layouts``: struct page byte by byte, and who may use which bytes.

Nothing about free bytes is written down: `pagecache.page.fields` works it out from the fields.
"""

import argparse
import sys

from rich.console import Console
from rich.table import Table

from pagecache.page.fields import KINDS, RECORD, TAILS, WORD, Kind, Layout
from pagecache.page.layouts import LAYOUTS, find
from pagecache.studies.columns import aligned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    known = ", ".join(LAYOUTS)
    parser.add_argument("layouts", nargs="*", metavar="LAYOUT", help=f"of {known} (default: all)")


def run(options: argparse.Namespace) -> int:
    """Print the layouts named, or all."""
    names = options.layouts or list(LAYOUTS)
    for number, layout in enumerate([find(name) for name in names]):
        sys.stdout.write("\n" * bool(number))
        render(layout.name)
    return 0


def rows(name: str) -> list[list[str]]:
    """The table of a layout: a line for each offset at which something begins, a column a user.

    The first cell is the offset; a field is given with its size in bytes.

    Examples
    --------
    >>> rows("after-2018")[0][:3]
    ['0', 'flags 8', '']
    """
    layout = find(name)
    offsets = sorted({f.offset for f in layout.fields})
    return [[str(at), *(cell(layout, user, at) for user in layout.users)] for at in offsets]


def cell(layout: Layout, user: str, offset: int) -> str:
    return ", ".join(f"{f.name} {f.size}" for f in layout.of(user) if f.offset == offset)


def sentences(name: str) -> list[str]:
    """What each kind of subsystem may use, and why not the rest."""
    return [sentence(find(name), kind) for kind in KINDS.values()]


def sentence(layout: Layout, kind: Kind) -> str:
    usable = layout.usable(kind.name)
    offset, words = usable.words
    ranges = ", ".join(f"{first}..{end - 1}" for first, end in usable.ranges)
    plural = "words in a row" if words > 1 else "word"
    parts = [f"{len(usable.bytes)} bytes, {ranges}"]
    parts += [f"{words} {plural} ({words * WORD} bytes) from {offset}"]
    if usable.pairs:
        parts += [f"aligned pairs of words at {', '.join(map(str, usable.pairs))}"]
    parts += [f"bit {bit} of byte {byte} stays 0" for byte, bit in usable.clear_bits]
    refused = ", ".join(usable.refused)
    return f"{kind.name} ({kind.summary}): {'; '.join(parts)}. Not: {refused}."


def table(name: str) -> Table:
    """The same as `rows`, for rich."""
    layout = find(name)
    made = Table(title=f"struct page, {layout.name} ({layout.kernels}): {RECORD} bytes")
    made.add_column("byte", justify="right")
    for user in layout.users:
        made.add_column(user, style="dim" if user in TAILS else None)
    for row in rows(name):
        made.add_row(*row)
    return made


def plain(name: str) -> str:
    """The table with columns of spaces: for files, and where there is no terminal."""
    layout = find(name)
    lines = [["byte", *layout.users], *rows(name)]
    return f"struct page, {layout.name} ({layout.kernels})\n{aligned(lines)}"


def render(name: str, console: Console | None = None) -> None:
    """Print a layout and what may be used of it: rich on a terminal, plain text elsewhere."""
    console = console or Console()
    if console.is_terminal:
        console.print(table(name))
    else:
        console.file.write(plain(name) + "\n")
    console.file.write("\nWho may use which bytes:\n")
    for line in sentences(name):
        console.file.write(f"- {line}\n")
