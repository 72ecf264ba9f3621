"""Reader of filemap CSV: the kernel's filemap events, a line each, under a header.

| column | holds |
|---|---|
| t_us | microseconds from the first event |
| pid | process |
| ev | `add`, `del` a folio; `get` pages of a buffered read; `fault`, `map` of a mapped file |
| dev, ino | the file: `major:minor` and inode number |
| index, count | first page and number of pages, of 4 KiB |
| order | of the folio; empty on get, fault and map |

The header decides the order of the columns; columns of other names are left alone.
"""

import csv
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs.event import DEL, EVENTS, MAX_ORDER
from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.source import Source
from pagecache.inputs.trace import Trace, trace_name

COLUMNS = ("t_us", "pid", "ev", "dev", "ino", "index", "count", "order")
_LIMITS = {"t_us": (1 << 64) - 1, "pid": (1 << 32) - 1, "index": (1 << 64) - 1}
_LIMITS["count"] = (1 << 64) - 1
_DTYPES = {"t_us": np.uint64, "pid": np.uint32, "index": np.uint64, "count": np.uint64}
_ORDERS = {str(order): order for order in range(MAX_ORDER + 1)} | {"": -1}
_FIX = "fix or drop the line"

Column = tuple[str, ...]
Arrays = dict[str, NDArray[np.generic]]


class FilemapCsv(Format):
    """See the module."""

    name = "filemap-csv"
    holds = "adds and dels of folios, reads and faults"

    def recognises(self, head: bytes) -> bool:
        """Tell whether the first line is this format's header, if need be with columns missing."""
        first = head.partition(b"\n")[0].decode("utf-8-sig", "replace")
        return 2 * len(set(_fields(first)) & set(COLUMNS)) >= len(COLUMNS)

    def read(self, source: Source) -> Iterator[Trace]:
        """Read the header, then the lines of each block."""
        reader = None
        for lines in source.lines():
            events = lines
            if reader is None:
                reader = _Reader(source, _fields(lines[0]))
                source.done, events = 1, lines[1:]
            if events:
                yield reader.trace(events)
                source.done += len(events)
        if source.done <= 1:
            raise source.error(2, "no event follows the header", "record the trace again")


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.split(",")]


class _Reader:
    """Turns lines into arrays, knowing the line it is at and the files so far."""

    def __init__(self, source: Source, header: list[str]) -> None:
        self.source = source
        self.width = len(header)
        self.files: list[str] = []
        self.numbers: dict[tuple[str, str], int] = {}
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            what = f"column {', '.join(missing)} is missing in the header"
            raise source.error(1, what, f"a filemap CSV has {','.join(COLUMNS)}")
        self.places = [header.index(name) for name in COLUMNS]

    def trace(self, lines: list[str]) -> Trace:
        """The events of these lines, which follow those that the source has given out."""
        columns = dict(zip(COLUMNS, self._columns(lines), strict=True))
        arrays: Arrays = {name: self._numbers(name, columns[name]) for name in _LIMITS}
        event = self._events(columns["ev"])
        arrays["event"] = event
        arrays["file"] = self._file_numbers(columns["dev"], columns["ino"])
        arrays["order"] = self._orders(columns["order"], event)
        first = self.source.done + 1
        arrays["line"] = np.arange(first, first + len(columns["ev"]), dtype=np.uint32)
        path = self.source.path
        return Trace(trace_name(path), path, self.files, **arrays)  # type: ignore[arg-type]

    def _columns(self, lines: list[str]) -> list[Column]:
        reader = csv.reader(lines)
        try:
            rows = list(reader)
        except csv.Error as error:
            at = self.source.done + reader.line_num
            raise self.source.error(at, f"not CSV ({error})", _FIX) from None
        if set(map(len, rows)) != {self.width}:
            row = next(row for row, fields in enumerate(rows) if len(fields) != self.width)
            what = f"{len(rows[row])} fields where the header has {self.width}"
            raise self.source.error(self.source.done + row + 1, what, _FIX)
        columns = list(zip(*rows, strict=True))
        return [columns[place] for place in self.places]

    def _numbers(self, name: str, column: Column) -> NDArray[np.generic]:
        if not all(map(str.isdecimal, column)):
            row = next(row for row, text in enumerate(column) if not text.isdecimal())
            raise self._bad(row, name, column[row], "is not a whole number from 0")
        try:
            return np.array(list(map(int, column)), _DTYPES[name])
        except (OverflowError, ValueError):  # ValueError: more digits than int() takes
            row = next(row for row, text in enumerate(column) if not _below(text, _LIMITS[name]))
            raise self._bad(row, name, column[row][:30], f"is above {_LIMITS[name]}") from None

    def _bad(self, row: int, name: str, text: str, what: str) -> InputError:
        what = "is negative" if text.startswith("-") and text[1:].isdecimal() else what
        return self.source.error(self.source.done + row + 1, f"{name} {text!r} {what}", _FIX)

    def _events(self, column: Column) -> NDArray[np.uint8]:
        try:
            return np.array([EVENTS[name] for name in column], np.uint8)
        except KeyError:
            row = next(row for row, name in enumerate(column) if name not in EVENTS)
            raise self._bad(row, "ev", column[row], f"is not one of {', '.join(EVENTS)}") from None

    def _file_numbers(self, dev: Column, ino: Column) -> NDArray[np.generic]:
        numbers = self.numbers
        pairs = zip(dev, ino, strict=True)
        found = np.array([numbers.setdefault(pair, len(numbers)) for pair in pairs], np.uint32)
        new = islice(numbers, len(self.files), None)
        self.files += [f"{dev}/{ino}" for dev, ino in new]
        return found

    def _orders(self, column: Column, event: NDArray[np.uint8]) -> NDArray[np.generic]:
        try:
            order = np.array([_ORDERS[text] for text in column], np.int8)
        except KeyError:
            row = next(row for row, text in enumerate(column) if text not in _ORDERS)
            what = f"is not an order of 0 to {MAX_ORDER}"
            raise self._bad(row, "order", column[row], what) from None
        order[event > DEL] = -1
        return order


def _below(text: str, limit: int) -> bool:
    return len(text) <= 20 and int(text) <= limit
