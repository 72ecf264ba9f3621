"""What readahead made of an access pattern, kernel beside kernel: a table, strips, sentences."""

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import IO

import numpy as np
from rich.table import Table

from pagecache.mapping.readahead.folios import ReadFolios
from pagecache.printable import counted
from pagecache.report.screen import Screen

COLUMNS = 64  # of a strip
MOST_NAMED = 3
MOST_SIZES = 6  # of requests that a sentence names
NOTHING, MARK = ".", "^"


def print_readahead(
    found: Sequence[ReadFolios], file: IO[str] | None = None, notes: Sequence[str] = ()
) -> None:
    """Print what each rule set made of the same accesses; equal ones share a row.

    `notes` say what limits that, a sentence each.

    Examples
    --------
    >>> import pagecache as pc
    >>> program = "read 0 4096 x8 4096"
    >>> print_readahead([pc.readahead(name, program, size="1M") for name in ("6.7", "6.8")])
    kernel    folios  order 2  pages  pages a folio  marks  requests  never used  single pages
    6.7, 6.8       7        7     28            4.0      1         2          20             0
    <BLANKLINE>
    6.7, 6.8  2222222222222222222222222222
                          ^
    A character is a page of the file: the order of the folio there, . what is not cached, ^ below a
      folio with the readahead mark.
    <BLANKLINE>
    Requests of 6.7, 6.8: 1 of 4 pages, 1 of 24; 2 in all.
    """
    groups = grouped(found)
    screen = Screen(sys.stdout if file is None else file)
    screen.table(table_of(groups))
    screen.print()
    width = max(len(name) for name, _ in groups) + 2
    for name, one in groups:
        for line in strip_lines(name, one, width):
            screen.print(line, soft_wrap=True)
    screen.text(legend(groups[0][1]))
    screen.print()
    for name, one in groups:
        screen.text(f"Requests of {name}: {requests_text(one)}.")
    for before, after in pairwise(groups):
        screen.text(difference(before, after))
    for note in (*files_note(groups[0][1]), *notes):
        screen.text(f"Note: {note}")


Named = tuple[str, ReadFolios]


def grouped(found: Sequence[ReadFolios]) -> list[Named]:
    """The results with their names, neighbours with the same folios, marks and requests as one."""
    groups: list[list[ReadFolios]] = []
    for one in found:
        if groups and one.same_as(groups[-1][0]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return [(name_of([one.name for one in group]), group[0]) for group in groups]


def name_of(names: list[str]) -> str:
    """Two names as they are, more as a range.

    Examples
    --------
    >>> name_of(["6.6"]), name_of(["6.6", "6.7"]), name_of(["6.2", "6.3", "6.4"])
    ('6.6', '6.6, 6.7', '6.2-6.4')
    """
    return ", ".join(names) if len(names) < 3 else f"{names[0]}-{names[-1]}"


def table_of(groups: list[Named]) -> Table:
    """A row for each, a column for each order that some of them have."""
    orders = sorted({order for _, one in groups for order in one.by_order})
    table = Table(box=None, pad_edge=False)
    table.add_column("kernel")
    right = ["folios", *(f"order {order}" for order in orders)]
    right += ["pages", "pages a folio", "marks", "requests", "never used", "single pages"]
    for title in right:
        table.add_column(title, justify="right")
    for name, one in groups:
        cells = [len(one.order), *(one.by_order.get(order, 0) for order in orders), one.pages]
        rest = [len(one.marked), len(one.sent), one.pages_unused, one.by_order.get(0, 0)]
        numbers = [*map(count_text, cells), f"{one.mean_pages:.1f}", *map(count_text, rest)]
        table.add_row(name, *numbers)
    return table


def count_text(number: int) -> str:
    return f"{number:,}"


def strip_lines(name: str, found: ReadFolios, width: int, columns: int = COLUMNS) -> list[str]:
    """The file from its first page to the last cached one: orders, and below them any marks.

    Examples
    --------
    >>> import pagecache as pc
    >>> found = pc.readahead(accesses="read 0 4096 x10 4096", size="1M")
    >>> print("\\n".join(strip_lines("7.1", found, width=5)))
    7.1  0000222222222222
                     ^
    """
    pages, each = extent(found, columns)
    orders, marks = [NOTHING] * columns, [" "] * columns
    for (index, order), marked in zip(found.folios, found.marks.tolist(), strict=True):
        for column in range(-(-index // each), -(-(index + (1 << order)) // each)):
            orders[column] = f"{order:x}"
        if marked:
            marks[index // each] = MARK
    used = -(-pages // each)
    lines = [f"{name:<{width}s}{''.join(orders[:used])}", " " * width + "".join(marks[:used])]
    return [line.rstrip() for line in lines if line.strip()]


def extent(found: ReadFolios, columns: int) -> tuple[int, int]:
    """Pages up to the last cached one, and pages for each column."""
    if not len(found.index):
        return 1, 1
    pages = int(found.index[-1]) + (1 << int(found.order[-1]))
    return pages, max(-(-pages // columns), 1)


def files_note(found: ReadFolios) -> list[str]:
    """Of a trace of several files, which they are."""
    if len(found.files) < 2:
        return []
    named = ", ".join(name for name, _, _ in found.files[:MOST_NAMED])
    text = (
        f"{len(found.files):,} files, each after the other, first those of which most is read "
        f"({named}); --file NAME takes one."
    )
    return [text]


def legend(found: ReadFolios) -> str:
    _, each = extent(found, COLUMNS)
    pages = f"{each} pages" if each > 1 else "a page"
    which = "files" if len(found.files) > 1 else "file"
    return (
        f"A character is {pages} of the {which}: the order of the folio there, {NOTHING} what is "
        f"not cached, {MARK} below a folio with the readahead mark."
    )


def requests_text(found: ReadFolios) -> str:
    """How many requests of how many pages.

    Examples
    --------
    >>> import pagecache as pc
    >>> requests_text(pc.readahead(accesses="read 0 4096 x40 4096", size="1M"))
    '3 of 8 pages, 2 of 4, 2 of 16; 7 in all'
    """
    sizes = Counter(map(int, found.sent[:, 1]))
    if not sizes:
        return "nothing"
    ranked = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{count:,} of {pages:,}" for pages, count in ranked[:MOST_SIZES]]
    parts[0] += " page" if ranked[0][0] == 1 else " pages"
    if len(ranked) > MOST_SIZES:
        left = sum(count for _, count in ranked[MOST_SIZES:])
        parts.append(f"{left:,} of {len(ranked) - MOST_SIZES} other sizes")
    return f"{', '.join(parts)}; {len(found.sent):,} in all"


def difference(before: Named, after: Named) -> str:
    """What changes from one to the next, in a sentence."""
    (old_name, old), (name, new) = before, after
    text = (
        f"From {old_name} to {name}: {counted(len(old.order), 'folio')} of {old.mean_pages:.1f} "
        f"pages on average become {len(new.order):,} of {new.mean_pages:.1f}"
    )
    differing = orders_that_differ(old, new)
    if differing:
        text += "; " + ", ".join(differing)
    elif np.array_equal(old.index, new.index):
        text += ", the same, with other marks or requests"
    else:
        text += ", at other places"
    if new.pages_unused != old.pages_unused:
        unused = counted(new.pages_unused, "page is", "pages are")
        text += f"; {unused} never used instead of {old.pages_unused:,}"
    return text + "."


def orders_that_differ(old: ReadFolios, new: ReadFolios) -> list[str]:
    """``order 5: 18 -> 0`` for each order whose number of folios is another."""
    orders = sorted(old.by_order.keys() | new.by_order.keys())
    pairs = [(order, old.by_order.get(order, 0), new.by_order.get(order, 0)) for order in orders]
    return [f"order {order}: {a:,} -> {b:,}" for order, a, b in pairs if a != b]
