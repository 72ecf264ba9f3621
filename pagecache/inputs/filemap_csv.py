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
import io
import zlib
from gzip import BadGzipFile
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs.trace import EVENTS, Trace, trace_name

COLUMNS = ("t_us", "pid", "ev", "dev", "ino", "index", "count", "order")
MAX_ORDER = 63
_CHUNK = 1 << 12  # lines at a time; more of them are slower, for the garbage collector
_LIMITS = {"t_us": (1 << 64) - 1, "pid": (1 << 32) - 1, "index": (1 << 64) - 1}
_LIMITS["count"] = (1 << 64) - 1
_DTYPES = {"t_us": np.uint64, "pid": np.uint32, "index": np.uint64, "count": np.uint64}

Column = tuple[str, ...]
Arrays = dict[str, NDArray[np.generic]]


def recognises(first: str) -> bool:
    """Tell whether a first line is this format's header, if need be with columns missing."""
    return 2 * len(set(_fields(first)) & set(COLUMNS)) >= len(COLUMNS)


def read(path: str, first: str, stream: io.TextIOBase) -> Trace:
    """Read the lines after the header; see `pagecache.inputs.read_trace`."""
    reader = _Reader(path, _fields(first))
    if not first.endswith("\n"):
        raise reader.error(1, "the file ends in mid-line", "record the trace again")
    while lines := reader.lines(stream):
        reader.add(lines)
    return reader.trace()


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.split(",")]


class _Reader:
    """Collects arrays chunk by chunk, knowing the line it is at."""

    def __init__(self, path: str, header: list[str]) -> None:
        self.path = path
        self.done = 1  # lines; the header is one
        self.width = len(header)
        self.files: dict[tuple[str, str], int] = {}
        self.chunks: list[Arrays] = []
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            what = f"column {', '.join(missing)} is missing in the header"
            raise self.error(1, what, f"a filemap CSV has {','.join(COLUMNS)}")
        self.places = [header.index(name) for name in COLUMNS]

    def error(self, line: int, what: str, remedy: str) -> InputError:
        return InputError(f"{self.path}:{line}: {what}; {remedy}")

    def lines(self, stream: io.TextIOBase) -> list[str]:
        """Read the next chunk, whose every line must have its end."""
        taken: list[str] = []
        try:
            for line in islice(stream, _CHUNK):
                taken.append(line)  # one by one: an error must know how many came before it
        except (EOFError, BadGzipFile, zlib.error):
            at = self.done + len(taken) + 1
            raise self.error(
                at, "the gzip data breaks off or is damaged", "copy it again"
            ) from None
        if taken and not taken[-1].endswith("\n"):
            at = self.done + len(taken)
            raise self.error(at, "the file ends in mid-line", "record the trace again")
        return taken

    def add(self, lines: list[str]) -> None:
        """Turn a chunk of lines into arrays."""
        columns = dict(zip(COLUMNS, self._columns(lines), strict=True))
        arrays: Arrays = {name: self._numbers(name, columns[name]) for name in _LIMITS}
        arrays["event"] = self._events(columns["ev"])
        arrays["file"] = self._file_numbers(columns["dev"], columns["ino"])
        arrays["order"] = self._orders(columns["order"], arrays["event"])
        self._check_alignment(arrays)
        self.chunks.append(arrays)
        self.done += len(lines)

    def _columns(self, lines: list[str]) -> list[Column]:
        reader = csv.reader(lines)
        try:
            rows = list(reader)
        except csv.Error as error:
            at = self.done + reader.line_num
            raise self.error(at, f"no CSV ({error})", "mend or drop the line") from None
        if set(map(len, rows)) != {self.width}:
            row = next(row for row, fields in enumerate(rows) if len(fields) != self.width)
            what = f"{len(rows[row])} fields where the header has {self.width}"
            raise self.error(self.done + row + 1, what, "mend or drop the line")
        columns = list(zip(*rows, strict=True))
        return [columns[place] for place in self.places]

    def _numbers(self, name: str, column: Column) -> NDArray[np.generic]:
        if not all(map(str.isdecimal, column)):
            row = next(row for row, text in enumerate(column) if not text.isdecimal())
            raise self._bad(row, name, column[row], "is no whole number from 0")
        try:
            return np.array(list(map(int, column)), _DTYPES[name])
        except (OverflowError, ValueError):  # ValueError: more digits than int() takes
            row = next(row for row, text in enumerate(column) if not _below(text, _LIMITS[name]))
            raise self._bad(row, name, column[row][:30], f"is above {_LIMITS[name]}") from None

    def _bad(self, row: int, name: str, text: str, what: str) -> InputError:
        what = "is negative" if text.startswith("-") and text[1:].isdecimal() else what
        return self.error(self.done + row + 1, f"{name} {text!r} {what}", "mend or drop the line")

    def _events(self, column: Column) -> NDArray[np.generic]:
        try:
            return np.array([EVENTS[name] for name in column], np.uint8)
        except KeyError:
            row = next(row for row, name in enumerate(column) if name not in EVENTS)
            raise self._bad(row, "ev", column[row], f"is none of {', '.join(EVENTS)}") from None

    def _file_numbers(self, dev: Column, ino: Column) -> NDArray[np.generic]:
        files = self.files
        pairs = zip(dev, ino, strict=True)
        return np.array([files.setdefault(pair, len(files)) for pair in pairs], np.uint32)

    def _orders(self, column: Column, event: NDArray[np.generic]) -> NDArray[np.generic]:
        known = {str(order): order for order in range(MAX_ORDER + 1)} | {"": -1}
        try:
            order = np.array([known[text] for text in column], np.int8)
        except KeyError:
            row = next(row for row, text in enumerate(column) if text not in known)
            raise self._bad(row, "order", column[row], f"is no order of 0 to {MAX_ORDER}") from None
        of_folio = np.isin(event, (EVENTS["add"], EVENTS["del"]))
        order[~of_folio] = -1
        empty = np.flatnonzero((order < 0) & of_folio)
        if len(empty):
            raise self._bad(int(empty[0]), "order", "", "is needed on add and del")
        return order

    def _check_alignment(self, arrays: Arrays) -> None:
        index, order = arrays["index"].astype(np.uint64), arrays["order"].astype(np.int8)
        low = (np.uint64(1) << np.maximum(order, 0).astype(np.uint64)) - np.uint64(1)
        wrong = np.flatnonzero(index & low)
        if len(wrong):
            row = int(wrong[0])
            what = f"is no multiple of 2**{order[row]}, the folio's size"
            raise self._bad(row, "index", str(index[row]), what)

    def trace(self) -> Trace:
        """Join the chunks."""
        if not self.chunks:
            raise self.error(2, "no event follows the header", "record the trace again")
        names = ("t_us", "pid", "event", "file", "index", "count", "order")
        joined = {name: np.concatenate([chunk[name] for chunk in self.chunks]) for name in names}
        files = tuple(f"{dev}/{ino}" for dev, ino in self.files)
        return Trace(trace_name(self.path), self.path, files, **joined)


def _below(text: str, limit: int) -> bool:
    return len(text) <= 20 and int(text) <= limit
