"""Reader of strace's output: what a program reads, writes and maps, from outside.

Positions are followed per open description, through lseek, dup and fork; see `strace_files`. What
was open before the trace began is not known, and which pages of a mapping are touched is not seen.
"""

import re
from collections.abc import Iterator

from pagecache.inputs.event import GET, MAP
from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.pieces import Pieces, pages_of_bytes
from pagecache.inputs.formats.source import Source
from pagecache.inputs.formats.strace_files import MMAP, READ, WRITE, Access, Descriptors
from pagecache.inputs.formats.strace_lines import Lines
from pagecache.inputs.trace import Trace

_SEEN = 20  # lines
_CALL = re.compile(
    r"(?:\[pid +\d+\] +|\d+ +)?(?:[\d:.]+ +)?"
    r"(?:\w+\(.*(?:\) += (?:-?\d+|0x[0-9a-f]+|\?).*| <unfinished \.\.\.>)"
    r"|<\.\.\. \w+ resumed>.*)\r?",
    re.ASCII,
)
_Row = tuple[int, int, int, int, int, int, int]


class Strace(Format):
    """See the module."""

    name = "strace"
    holds = "reads, writes and mappings of a program"

    def recognises(self, head: bytes) -> bool:
        """By a call among the first lines."""
        lines = head.decode("utf-8", "replace").split("\n")[:_SEEN]
        return any(map(_CALL.fullmatch, lines))

    def read(self, source: Source) -> Iterator[Trace]:
        """The accesses of each block."""
        pieces, mapped = Pieces(source), 0
        rows: list[_Row] = []
        for line, accesses in self.accesses(source):
            for access in accesses:
                row = _row(pieces, access, line)
                mapped += row[0] == MAP
                rows += [row] if row[3] else []
            if len(rows) >= 1 << 12:
                yield _piece(pieces, rows)
                rows = []
        if rows:
            yield _piece(pieces, rows)
        if mapped:
            source.notes.append(
                f"{source.path}: {mapped:,} mappings are taken for accesses to all of their pages; "
                "strace does not see which are touched."
            )

    def accesses(
        self, source: Source, sizes: dict[str, int] | None = None
    ) -> Iterator[tuple[int, list[Access]]]:
        """(Line, what it does to files) of lines that do something; files' sizes go to `sizes`."""
        lines, descriptors = Lines(), Descriptors({} if sizes is None else sizes)
        for block in source.lines(whole=False):
            for number, line in enumerate(block, source.done + 1):
                try:
                    call = lines.read(line)
                    found = [] if call is None else list(descriptors.follow(call, lines.begun))
                except (ValueError, IndexError):
                    source.unreadable(number, line)
                    continue
                if found:
                    yield number, found
            source.done += len(block)
        if descriptors.unseen:
            source.notes.append(
                f"{source.path}: {descriptors.unseen:,} reads and writes went through descriptors "
                "that were not opened in it; they are left out."
            )


def _row(pieces: Pieces, access: Access, line: int) -> _Row:
    """Event, file, first page, pages, time, process and line; no pages for other than accesses."""
    length = access.done if access.kind in (READ, WRITE, MMAP) else 0
    index, count = pages_of_bytes(access.position, length)
    file, call = pieces.number(access.opened.path), access.call
    return MAP if access.kind == MMAP else GET, file, index, count, call.t_us, call.pid, line


def _piece(pieces: Pieces, rows: list[_Row]) -> Trace:
    names = ("event", "file", "index", "count", "t_us", "pid", "line")
    return pieces.trace(**dict(zip(names, zip(*rows, strict=True), strict=True)))
