"""Reading records: JSON lines whose every field is there and of its kind, or one line of complaint.

A record is a header, which says how the array was made, then one line an operation with its
arguments and what the recorded XArray answered, and now and then a line with its whole tree:

    {"flags": "", "chunk_shift": 6, "kernel": "7.1.3"}
    {"op": "store", "i": 64, "order": 6, "e": "v7", "r": "-"}
    {"tree": "H n m000; ...", "nodes": 2}

`e` and `old` are entries (``-`` for none, ``v5`` a value, ``p7`` a pointer), `i` an index, `m` a
mark, `filter` a mark or 3 for what is present; `r` and the names after it are answers.  A record
without `kernel` is of Linux 5.17.
"""

import gzip
import json
import re
import reprlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pagecache.errors import InputError
from pagecache.inputs.opening import open_regular

Line = dict[str, Any]

MAX_INDEX = 2**64 - 1
ENTRY_UNIT = 16  # bytes between the addresses that p1, p2, ... stand for
FLAGS = ("", "alloc", "alloc1")
KERNEL = re.compile(r"(\d{1,3})\.(\d{1,4})(\.\d{1,4})?")
ENTRY_TEXT = re.compile(r"-|[vp][0-9]{1,20}")
SHIFT = 6  # of a node's slots, unless the header says otherwise


class Kind(NamedTuple):
    """What a field may be, as a test and in words."""

    holds: Callable[[Any], bool]
    words: str


def is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def whole(low: int, high: int) -> Kind:
    top = "2**64 - 1" if high == MAX_INDEX else str(high)
    return Kind(lambda value: is_whole(value, low, high), f"an integer from {low} to {top}")


def is_entry(value: object) -> bool:
    if not isinstance(value, str) or not ENTRY_TEXT.fullmatch(value):
        return False
    limits = {"-": (0, 0), "v": (0, 2**63 - 1), "p": (1, MAX_INDEX // ENTRY_UNIT)}
    low, high = limits[value[0]]
    return low <= int(value[1:] or 0) <= high


def is_entries(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def is_kernel(value: object) -> bool:
    return isinstance(value, str) and KERNEL.fullmatch(value) is not None


def is_pairs(value: object) -> bool:
    """Whether a list holds what a walk saw: an index and an entry in each."""
    return isinstance(value, list) and all(
        isinstance(pair, list) and [type(part) for part in pair] == [int, str] for pair in value
    )


INDEX, ORDER, MARK, FILTER = (whole(0, high) for high in (MAX_INDEX, 63, 2, 3))
ENTRY = Kind(is_entry, "'-', a value as 'v5' or a pointer as 'p7'")
TEXT = Kind(lambda value: isinstance(value, str), "text")
CODE = Kind(lambda value: is_whole(value, -4095, 1), "0, 1 or a negative error number")
BIT = whole(0, 1)
ENTRIES = Kind(is_entries, "a list of entries")
PAIRS = Kind(is_pairs, "a list of [index, entry]")

SEARCH = {"i": INDEX, "max": INDEX, "filter": FILTER}
LIMITED = {"max": INDEX, "filter": FILTER, "limit": INDEX}
SPLITTING = {"i": INDEX, "from": ORDER, "to": ORDER, "r": CODE}
WALKING = {**LIMITED, "r": PAIRS, "more": BIT}
MARKING = {"i": INDEX, "m": MARK, "r": CODE}
ALLOCATION = {"e": ENTRY, "min": INDEX, "max": INDEX, "r": CODE}
FIELDS: dict[str, dict[str, Kind]] = {
    "store": {"i": INDEX, "e": ENTRY, "r": TEXT},
    "erase": {"i": INDEX, "r": TEXT},
    "load": {"i": INDEX, "r": TEXT, "order": ORDER},
    "set_mark": MARKING,
    "clear_mark": MARKING,
    "insert": {"i": INDEX, "e": ENTRY, "r": CODE},
    "cmpxchg": {"i": INDEX, "old": ENTRY, "e": ENTRY, "r": TEXT},
    "find": {**SEARCH, "r": TEXT, "at": INDEX},
    "find_after": {"i": INDEX, "filter": FILTER, "r": TEXT, "at": INDEX},
    "for_each": {"i": INDEX, **LIMITED, "r": PAIRS},
    "extract": {"i": INDEX, **LIMITED, "r": ENTRIES},
    "walk": {"i": INDEX, **WALKING},
    "walk_on": WALKING,
    "reserve": {"i": INDEX, "r": CODE},
    "release": {"i": INDEX},
    "store_range": {"i": INDEX, "last": INDEX, "e": ENTRY, "r": TEXT},
    "split": SPLITTING,
    "try_split": SPLITTING,
    "alloc": ALLOCATION,
    "alloc_cyclic": {**ALLOCATION, "next": INDEX},
    "destroy": {},
}
OPTIONAL = {
    "store": {"order": ORDER},
    "alloc": {"id": INDEX},
    "alloc_cyclic": {"id": INDEX},
    "walk": {"at": INDEX},
    "walk_on": {"at": INDEX},
}
HEADER = {
    "chunk_shift": whole(3, 7),
    "kernel": Kind(is_kernel, "a version as '7.1.3'"),
    "scenario": whole(0, 255),
}
TREE = {"tree": TEXT, "nodes": INDEX}


def read_record(path: str | Path) -> tuple[Line, list[Line]]:
    """The header of a record and its lines after that; InputError names what is wrong where."""
    header, *lines = json_lines(path)
    if not isinstance(header, dict) or header.get("flags") not in FLAGS:
        raise InputError(f"{path}:1: this begins no record; give a record of XArray behaviour")
    check_fields(f"{path}:1", "the header", header, {}, HEADER)
    walked = False
    for number, line in enumerate(lines, start=2):
        check_line(f"{path}:{number}", header, line)
        walked = walked or line.get("op") == "walk"
        if line.get("op") == "walk_on" and not walked:
            raise InputError(f"{path}:{number}: walk_on before any walk; put a walk before it")
    return header, lines


def json_lines(path: str | Path) -> Iterator[Any]:
    """What the lines of a file say, gzip'd or not."""
    try:
        with open(open_regular(path), "rb") as file:
            raw = file.read()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error}); give a record") from None
    if not text.strip():
        raise InputError(f"{path}:1: the file is empty; give a record of XArray behaviour")
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            raise InputError(f"{path}:{number}: no JSON; give a record as recorded") from None


def check_line(place: str, header: Line, line: object) -> None:
    """InputError unless this is a tree, or an operation with all that it needs."""
    if isinstance(line, dict) and "tree" in line:
        return check_fields(place, "a tree", line, TREE, {})
    name = line.get("op") if isinstance(line, dict) else line
    if not isinstance(line, dict) or not isinstance(name, str) or name not in FIELDS:
        known = ", ".join(FIELDS)
        raise InputError(f"{place}: unknown operation {reprlib.repr(name)}; known: {known}")
    check_fields(place, name, line, FIELDS[name], OPTIONAL.get(name, {}))
    if line.get("last", MAX_INDEX) < line.get("i", 0):
        raise InputError(f"{place}: last {line['last']} is below i {line['i']}; swap them")
    if name.startswith("alloc") and not header["flags"]:
        raise InputError(
            f"{place}: {name} in an array without IDs; set the header's flags to alloc"
        )
    return None


def check_fields(
    place: str, what: str, line: Line, needed: dict[str, Kind], optional: dict[str, Kind]
) -> None:
    """InputError unless the line has what is needed, and each field is of its kind."""
    for key in needed:
        if key not in line:
            raise InputError(f"{place}: {what} without '{key}'; it needs {', '.join(needed)}")
    for key, kind in (needed | optional).items():
        if key in line and not kind.holds(line[key]):
            given = reprlib.repr(line[key])
            raise InputError(f"{place}: '{key}' of {what} is {given}; give {kind.words}")
