"""Readers of two formats of libCacheSim: oracleGeneral records, and CSV of objects.

Both name objects by numbers. An object is taken for the page of that number, and for the pages
behind it if it is larger; where the numbers count sectors or bytes, ``--format NAME:512`` says so.
"""

import re
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.formats.requests import (
    Columns,
    ReadLine,
    Request,
    RequestLines,
    RequestRecords,
)
from pagecache.inputs.sizes import PAGE_SIZE

_SEEN = 256  # records that must hold
_NEVER = (-1, (1 << 63) - 1)  # there is no next request of the object
_MOST_REQUESTS = 1 << 40


class OracleGeneral(RequestRecords):
    """24 bytes: seconds, object, size, and which request of the trace is its next.

    The last is what recognises it: the next request of an object comes after this one.
    """

    name = "oracleGeneral"
    holds = "requests of objects"
    record: ClassVar = np.dtype([("s", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")])
    unit = PAGE_SIZE

    def recognises(self, head: bytes) -> bool:
        """By times that do not fall, sizes, and next requests that are later ones."""
        count = min(len(head) // self.record.itemsize, _SEEN)
        rows = np.frombuffer(head, self.record, count)
        later = (rows["next"] > np.arange(count)) & (rows["next"] < _MOST_REQUESTS)
        ordered = (np.diff(rows["s"].astype(np.int64)) >= 0).all()
        fine = (later | np.isin(rows["next"], _NEVER)) & (rows["size"] > 0)
        return count >= 3 and bool(ordered and fine.all())

    def fields(self, records: NDArray[np.void]) -> tuple[Columns, NDArray[np.uint64]]:
        """Object and time."""
        t_us = records["s"].astype(np.uint64) * np.uint64(1_000_000)
        return {"position": records["id"], "t_us": t_us}, records["size"].astype(np.uint64)


TIME = ("time", "timestamp", "clock_time", "real_time")
OBJECT = ("obj_id", "object_id", "object", "obj", "id", "key", "lba")
SIZE = ("obj_size", "object_size", "size", "bytes")


class LibCacheSimCsv(RequestLines):
    """A time, an object and its size a line, under a header that names them.

    Without a header it must be asked for by name; they are the first three columns then.
    """

    name = "libcachesim-csv"
    holds = "requests of objects"
    unit = PAGE_SIZE

    def recognises(self, head: bytes) -> bool:
        """By a header with a time or a size and an object."""
        names = _names(head)
        others = any(name in names for name in TIME + SIZE)
        return others and any(name in names for name in OBJECT)

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line, which knows the columns."""
        names = _names(head)
        if not self.recognises(head):
            return _CsvReader([], (0, 1, 2), self.unit or PAGE_SIZE)
        places = tuple(_place(names, known) for known in (TIME, OBJECT, SIZE))
        return _CsvReader(names, places, self.unit or PAGE_SIZE)


def _names(head: bytes) -> list[str]:
    return _fields(head.partition(b"\n")[0].decode("utf-8-sig", "replace").lower().lstrip("#"))


def _fields(line: str) -> list[str]:
    return [field.strip() for field in re.split(r"[,\t]", line)]


def _place(names: list[str], known: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


class _CsvReader:
    def __init__(self, names: list[str], places: tuple[int | None, ...], unit: int) -> None:
        self.header, self.unit = names, unit
        self.time, self.object, self.size = places

    def __call__(self, line: str) -> Request | None:
        """One line; None for the header."""
        fields = _fields(line)
        if self.header and [field.lower().lstrip("#").strip() for field in fields] == self.header:
            return None
        assert self.object is not None
        number = int(fields[self.object])
        length = self.unit if self.size is None else int(fields[self.size])
        seconds = 0.0 if self.time is None else float(fields[self.time])
        return Request("objects", number * self.unit, length, int(seconds * 1_000_000))
