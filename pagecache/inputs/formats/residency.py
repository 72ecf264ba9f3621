"""Readers of what fincore and vmtouch print: pages that are cached, as additions.

Neither tells of folios: each page is one. fincore counts pages and does not say which they are;
they are taken from the file's start. vmtouch draws a bar, of which a character may stand for many
pages; where it is partly filled, its pages are taken from its start.
"""

import json
import re
from collections.abc import Iterator

import numpy as np

from pagecache.inputs.event import ADD
from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.pieces import Pieces
from pagecache.inputs.formats.source import Source
from pagecache.inputs.trace import Trace

_BAR = re.compile(r"\[([ oO]*)\] (\d+)/(\d+)")
_SUMMARY = re.compile(r" +(Files|Directories|Resident Pages|Touched Pages|Elapsed): .*")
Runs = list[tuple[int, int]]


class Fincore(Format):
    """`fincore FILES`, as a table with a header or as JSON."""

    name = "fincore"
    holds = "pages cached, by file"

    def recognises(self, head: bytes) -> bool:
        """By the header's columns, or by what JSON begins with."""
        words = head.partition(b"\n")[0].split()
        return {b"PAGES", b"FILE"} <= set(words) or head.replace(b" ", b"").startswith(
            (b'{\n"fincore"', b'{"fincore"')
        )

    def read(self, source: Source) -> Iterator[Trace]:
        """A piece for each file that has something cached."""
        pieces = Pieces(source)
        lines: list[str] = []
        for block in source.lines(whole=False):
            lines += block
            source.done += len(block)
        for number, (name, pages) in self._rows(source, lines):
            yield from _cached(pieces, name, [(0, pages)], number)
        source.notes.append(
            f"{source.path}: which pages are cached it does not say; the first are."
        )

    def _rows(self, source: Source, lines: list[str]) -> Iterator[tuple[int, tuple[str, int]]]:
        if not lines:
            return
        if lines[0].lstrip().startswith("{"):
            try:
                found = json.loads("\n".join(lines))["fincore"]
                rows = [(str(row["file"]), int(row["pages"])) for row in found]
            except (ValueError, KeyError, TypeError):
                raise source.error(1, "this is not fincore's JSON", "print it again") from None
            yield from enumerate(rows, 1)
            return
        names = lines[0].split()
        if not {"PAGES", "FILE"} <= set(names):
            raise source.error(1, "the header has no columns PAGES and FILE", "print it again")
        for number, line in enumerate(lines[1:], 2):
            fields = line.split(None, len(names) - 1)
            if not fields:
                continue
            try:
                row = dict(zip(names, fields, strict=True))
                yield number, (row["FILE"], _pages(row["PAGES"]))
            except ValueError:
                source.unreadable(number, line)


def _pages(text: str) -> int:
    pages = int(text)
    if not 0 <= pages <= 1 << 32:
        raise ValueError(text)
    return pages


class Vmtouch(Format):
    """`vmtouch -v FILES`."""

    name = "vmtouch"
    holds = "pages cached, by file"

    def recognises(self, head: bytes) -> bool:
        """By a bar."""
        return any(map(_BAR.match, re.split(r"[\r\n]", head.decode("utf-8", "replace"))))

    def read(self, source: Source) -> Iterator[Trace]:
        """A piece for each file that has something cached."""
        pieces, name = Pieces(source), ""
        for lines in source.lines(whole=False):
            for number, line in enumerate(lines, source.done + 1):
                bars = _BAR.findall(line)  # it is printed again and again as pages are looked at
                if bars:
                    bar, cached, pages = bars[-1]
                    yield from _cached(pieces, name, placed(bar, int(cached), int(pages)), number)
                elif line.strip() and not _SUMMARY.fullmatch(line):
                    name = line
            source.done += len(lines)


def placed(bar: str, cached: int, pages: int) -> Runs:
    """Runs of cached pages (first, pages) that a bar shows.

    Examples
    --------
    >>> placed("OOoo  ", 7, 12)
    [(0, 2), (2, 2), (4, 2), (6, 1)]
    >>> placed("O", 3, 3)
    [(0, 3)]
    """
    edges = [k * pages // max(len(bar), 1) for k in range(len(bar) + 1)]
    spans = list(zip(bar, edges[:-1], edges[1:], strict=True))
    left = cached - sum(end - first for one, first, end in spans if one == "O")
    found = []
    for one, first, end in spans:
        if one == "O":
            found.append((first, end - first))
        elif one == "o" and left > 0:
            found.append((first, min(end - first, left)))
            left -= found[-1][1]
    return [run for run in found if run[1]] if left == 0 else [(0, cached)] if cached else []


def _cached(pieces: Pieces, name: str, runs: Runs, line: int) -> Iterator[Trace]:
    """A piece that adds these pages."""
    pieces.check_room(sum(pages for _, pages in runs), line)
    index = [np.arange(first, first + pages, dtype=np.uint64) for first, pages in runs if pages]
    if index:
        all_of_them = np.concatenate(index)
        size = len(all_of_them)
        columns = {"index": all_of_them, "count": np.ones(size), "line": np.full(size, line)}
        file = np.full(size, pieces.number(name))
        yield pieces.trace(event=np.full(size, ADD), order=np.zeros(size), file=file, **columns)
