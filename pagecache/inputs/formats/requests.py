"""What formats of block devices and caches have in common: a request a line, or a record.

A request becomes the pages that its bytes lie in, which somebody asks for: a read and a write
alike bring them into the page cache.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.pieces import MOST_PAGES, Pieces, pages_of_bytes, pages_of_units
from pagecache.inputs.formats.source import Source
from pagecache.inputs.trace import Trace

SECTOR = 512
MOST_PIDS = 1 << 32
Columns = dict[str, NDArray[np.generic]]


class Request(NamedTuple):
    """Bytes of a file or device that are read or written, when and by whom."""

    file: str
    position: int
    length: int
    t_us: int = 0
    pid: int = 0


ReadLine = Callable[[str], Request | None]


class RequestLines(Format):
    """A format of text, a request a line."""

    holds = "requests of a device"

    @abstractmethod
    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line: its request, or None for a line that is another thing.

        It raises ValueError or IndexError for what is no line of this format.
        """

    def read(self, source: Source) -> Iterator[Trace]:
        """The requests of each block."""
        pieces, read_line = Pieces(source), self.line_reader(source.head())
        for lines in source.lines(whole=False):
            rows = list(_rows(pieces, read_line, lines))
            source.done += len(lines)
            if rows:
                names = ("file", "index", "count", "t_us", "pid", "line")
                yield pieces.trace(**dict(zip(names, zip(*rows, strict=True), strict=True)))


def _rows(
    pieces: Pieces, read_line: ReadLine, lines: list[str]
) -> Iterator[tuple[int, int, int, int, int, int]]:
    source = pieces.source
    for number, line in enumerate(lines, source.done + 1):
        try:
            request = read_line(line) if line.strip() else None
            if request is None:
                continue
            index, count = pages_of_bytes(request.position, request.length)
            if not (0 <= request.t_us < MOST_PAGES and 0 <= request.pid < MOST_PIDS):
                raise ValueError(request)
        except (ValueError, IndexError, OverflowError):
            source.unreadable(number, line)
            continue
        yield pieces.number(request.file), index, count, request.t_us, request.pid, number


class RequestRecords(Format):
    """A binary format, a request a record of fixed size."""

    holds = "requests of a device"
    record: ClassVar[np.dtype[np.void]]
    unit = SECTOR

    @abstractmethod
    def fields(self, records: NDArray[np.void]) -> tuple[Columns, NDArray[np.uint64]]:
        """Columns of a trace with `position` in units in place of pages, and lengths in bytes."""

    def read(self, source: Source) -> Iterator[Trace]:
        """The requests of each block."""
        pieces = Pieces(source)
        pieces.number("device")
        for block in source.records(self.record.itemsize):
            records = np.frombuffer(block, self.record)
            columns, length = self.fields(records)
            line = np.arange(source.done + 1, source.done + 1 + len(records))
            position = columns.pop("position").astype(np.uint64)
            index, count, fits = pages_of_units(position, length, self.unit or 1)
            for row in np.flatnonzero(~fits).tolist():
                source.unreadable(int(line[row]), f"position {position[row]}")
            columns |= {"index": index, "count": count, "line": line}
            source.done += len(records)
            if fits.any():
                yield pieces.trace(**{name: column[fits] for name, column in columns.items()})
