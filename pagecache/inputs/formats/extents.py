"""Reader of extents as CSV: where one file has data and holes, and which of its pages are cached.

kind,page,pages
data,0,66            kind: data, hole or resident; from which page on; how many pages

As a trace, resident pages are additions, each a folio of one page: extents tell of no folios. What
is data and what a hole is for `pagecache.File.from_extents`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pagecache.inputs.event import ADD
from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.pieces import Pieces
from pagecache.inputs.formats.source import Source
from pagecache.inputs.trace import Trace

FILE = "file"  # extents do not name theirs
HEADER = "kind,page,pages"
KINDS = ("data", "hole", "resident")
MOST_PAGE = 1 << 51  # 2**63 bytes, where files end


class Extent(NamedTuple):
    """A line and its number."""

    kind: str
    page: int
    pages: int
    line: int


class Extents(Format):
    """See the module."""

    name = "extents"
    holds = "data, holes and pages cached, of one file"

    def recognises(self, head: bytes) -> bool:
        """By its header."""
        return head.partition(b"\n")[0].strip().decode("utf-8-sig", "replace") == HEADER

    def read(self, source: Source) -> Iterator[Trace]:
        """A piece for each run of resident pages."""
        pieces = Pieces(source)
        file, total = pieces.number(FILE), 0
        for extent in extents(source):
            if extent.kind != "resident":
                continue
            total += extent.pages
            pieces.check_room(total, extent.line)
            index = np.arange(extent.page, extent.page + extent.pages, dtype=np.uint64)
            usual = {"event": ADD, "order": 0, "file": file, "count": 1, "line": extent.line}
            columns = {name: np.full(len(index), value) for name, value in usual.items()}
            yield pieces.trace(index=index, **columns)


def extents(source: Source) -> Iterator[Extent]:
    """All lines but the header; those that cannot be read are counted and left out."""
    for lines in source.lines(whole=False):
        for number, line in enumerate(lines, source.done + 1):
            if line.strip() not in ("", HEADER):
                try:
                    yield _extent(line, number)
                except ValueError:
                    source.unreadable(number, line)
        source.done += len(lines)


def _extent(line: str, number: int) -> Extent:
    """One line.

    Examples
    --------
    >>> _extent("hole,66,1", 3)
    Extent(kind='hole', page=66, pages=1, line=3)
    """
    kind, page, pages = line.split(",")
    found = Extent(kind.strip(), int(page), int(pages), number)
    if kind not in KINDS or found.page < 0 or found.pages < 1:
        raise ValueError(line)
    if found.page + found.pages > MOST_PAGE:
        raise ValueError(line)
    return found
