"""Arrays of a format's events made traces, whose files are numbered as they come."""

from itertools import islice
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.event import GET
from pagecache.inputs.formats.source import Source
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE
from pagecache.inputs.trace import MEMORY, Trace, trace_name

MOST_PAGES = 1 << 64
MOST = MOST_PAGES << PAGE_SHIFT  # bytes
EVENT_BYTES = 80  # while a trace is made; half of it afterwards


class Pieces:
    """Makes the traces of one source.

    Attributes
    ----------
    files
        Names in order of first appearance; all traces share the list.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.files: list[str] = []
        self.numbers: dict[object, int] = {}
        self.start: int | None = None

    def number(self, name: str) -> int:
        """The number of a file, a new one for a new name."""
        found = self.numbers.setdefault(name, len(self.numbers))
        if found == len(self.files):
            self.files.append(name)
        return found

    def check_room(self, events: int, line: int) -> None:
        """InputError if one line stands for more events than memory should hold."""
        if events * EVENT_BYTES > MEMORY // 2:
            what = f"{events:,} cached pages would take over half of the memory"
            raise self.source.error(line, what, "read it on a machine with more")

    def trace(self, **columns: object) -> Trace:
        """A piece of the given columns, which follow the names of `Trace`.

        Where it is left out `event` is GET, `order` -1, and `pid`, `file` and `t_us` are 0. Times
        are made relative to the first.
        """
        size = len(columns["line"])  # type: ignore[arg-type]
        usual = {"event": GET, "order": -1, "pid": 0, "file": 0, "t_us": 0}
        arrays = {name: np.full(size, value) for name, value in usual.items()} | columns
        made = {name: np.asarray(array, DTYPES[name]) for name, array in arrays.items()}
        made["t_us"] = self._from_start(made["t_us"])
        path = self.source.path
        return Trace(trace_name(path), path, self.files, **made)  # type: ignore[arg-type]

    def _from_start(self, t_us: NDArray[np.uint64]) -> NDArray[np.uint64]:
        if self.start is None:
            self.start = int(t_us[0]) if len(t_us) else None
        start = np.uint64(self.start or 0)
        return t_us - np.minimum(start, t_us)

    def name_new(self) -> None:
        """Names of the (major, minor, inode) that were numbered since the last call."""
        for key in islice(self.numbers, len(self.files), None):
            device, inode = cast(tuple[int, int], key)
            self.files.append(f"{device >> 32}:{device & 0xFFFFFFFF}/{inode}")


DTYPES = {
    "t_us": np.uint64,
    "pid": np.uint32,
    "event": np.uint8,
    "file": np.uint32,
    "index": np.uint64,
    "count": np.uint64,
    "order": np.int8,
    "line": np.uint32,
}


def pages_of_bytes(first: int, length: int) -> tuple[int, int]:
    """First page and number of pages that some bytes lie in; ValueError beyond 2**64 pages.

    Examples
    --------
    >>> pages_of_bytes(4000, 200), pages_of_bytes(8192, 4096), pages_of_bytes(8192, 0)
    ((0, 2), (2, 1), (2, 0))
    """
    if first < 0 or length < 0 or first + length > MOST:
        raise ValueError("beyond 2**64 pages")
    index = first >> PAGE_SHIFT
    return index, -(-(first + length) >> PAGE_SHIFT) - index if length else 0


def pages_of_units(
    position: NDArray[np.uint64], length: NDArray[np.uint64], unit: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.bool_]]:
    """The same of arrays, positions in units of some bytes and lengths in bytes.

    Returns
    -------
    tuple
        First pages, numbers of pages, and which of them lie below 2**64.

    Examples
    --------
    >>> found = pages_of_units(np.array([7, 8], np.uint64), np.array([1024, 0], np.uint64), 512)
    >>> [array.tolist() for array in found]
    [[0, 1], [2, 0], [True, True]]
    """
    shift, low = np.uint64(PAGE_SHIFT), np.uint64(PAGE_SIZE - 1)
    high = position >> shift  # units of a page each, so many pages
    rest = (position & low) * np.uint64(unit)
    fits = high < np.uint64((MOST_PAGES - 1) // unit)
    index = high * np.uint64(unit) + (rest >> shift)
    count = ((rest & low) + length + low) >> shift
    return index, np.where(length > 0, count, np.uint64(0)), fits & (index + count >= index)
