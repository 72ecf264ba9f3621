"""Replays recorded XArray behaviour and holds every result and tree against the record.

A record is a file of JSON lines (gzip'd or not): a header, then one operation a line with what the
recorded XArray answered, and now and then the text of its whole tree.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pagecache.errors import EntryExists, InputError
from pagecache.index.convert import SUBTREE, Pointer
from pagecache.index.xarray import XArray
from pagecache.inputs.opening import open_regular

MAX_INDEX = 2**64 - 1
PRESENT = 3  # the filter of a search that is not by mark
EBUSY = -16
ALLOC: dict[str, dict[str, int]] = {"": {}, "alloc": {"alloc": 0}, "alloc1": {"alloc": 1}}


@dataclass(frozen=True)
class Difference:
    """The first line of a record that an XArray answered otherwise."""

    path: str
    line: int
    operation: dict[str, Any]
    expected: object
    got: object
    tree: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {json.dumps(self.operation)}: "
            f"expected {self.expected}, got {self.got}\ntree: {self.tree}"
        )


@dataclass(frozen=True)
class Replay:
    """What came of one record: the lines replayed and the first difference, if there is one.

    `skipped` is the reason why it was not replayed at all.
    """

    path: str
    lines: int
    trees: int
    difference: Difference | None = None
    skipped: str | None = None

    def __str__(self) -> str:
        if self.difference:
            return str(self.difference)
        if self.skipped:
            return f"{self.path}: skipped, {self.skipped}"
        return f"{self.path}: {self.lines:,} lines and {self.trees} trees, no difference"


def parse_entry(text: str) -> object:
    """The entry that a record writes as ``-``, ``v5`` or ``p7``."""
    if text == "-":
        return None
    number = int(text[1:])
    return number if text[0] == "v" else Pointer(number * 16)


def entry_text(entry: object) -> str:
    """An entry as a record writes it."""
    if entry is None:
        return "-"
    if entry is SUBTREE:
        return "n"
    return f"p{entry.address // 16}" if isinstance(entry, Pointer) else f"v{entry}"


def _store(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    return {"r": entry_text(xa.store(op["i"], parse_entry(op["e"]), op.get("order", 0)))}


def _erase(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    return {"r": entry_text(xa.erase(op["i"]))}


def _load(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    return {"r": entry_text(xa.load(op["i"])), "order": xa.order(op["i"])}


def _set_mark(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    xa.set_mark(op["i"], op["m"])
    return {"r": int(xa.get_mark(op["i"], op["m"]))}


def _clear_mark(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    xa.clear_mark(op["i"], op["m"])
    return {"r": int(xa.get_mark(op["i"], op["m"]))}


def _insert(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    try:
        xa.insert(op["i"], parse_entry(op["e"]))
    except EntryExists:
        return {"r": EBUSY}
    return {"r": 0}


def _cmpxchg(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    was = xa.cmpxchg(op["i"], parse_entry(op["old"]), parse_entry(op["e"]))
    return {"r": entry_text(was)}


def _mark(op: dict[str, Any]) -> int | None:
    return None if op["filter"] == PRESENT else op["filter"]


def _found(op: dict[str, Any], found: tuple[int, object] | None) -> dict[str, object]:
    index, entry = (op["i"], None) if found is None else found
    return {"r": entry_text(entry), "at": index}


def _find(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    return _found(op, xa.find(op["i"], op["max"], _mark(op)))


def _find_after(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    return _found(op, xa.find_after(op["i"], mark=_mark(op)))


def _for_each(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    seen: list[list[object]] = []
    found = xa.find(op["i"], op["max"], _mark(op))
    while found is not None and len(seen) < op["limit"]:
        seen.append([found[0], entry_text(found[1])])
        found = xa.find_after(found[0], op["max"], _mark(op))
    return {"r": seen}


def _reserve(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    xa.reserve(op["i"])
    return {"r": 0}


def _release(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    xa.release(op["i"])
    return {}


def _store_range(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    xa.store_range(op["i"], op["last"], parse_entry(op["e"]))
    return {"r": "-"}


def _split(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    assert xa.order(op["i"]) == op["from"]
    xa.split(op["i"], op["to"])
    return {"r": 0}


def _alloc(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    try:
        index = xa.alloc(parse_entry(op["e"]), (op["min"], op["max"]))
    except EntryExists:
        return {"r": EBUSY}
    return {"r": 0, "id": index}


def _alloc_cyclic(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    try:
        index, wrapped = xa.alloc_cyclic(parse_entry(op["e"]), (op["min"], op["max"]))
    except EntryExists:
        return {"r": EBUSY, "next": xa.next}
    return {"r": int(wrapped), "id": index, "next": xa.next}


def _destroy(xa: Any, op: dict[str, Any]) -> dict[str, object]:
    xa.destroy()
    return {}


OPERATIONS: dict[str, Callable[[Any, dict[str, Any]], dict[str, object]]] = {
    "store": _store,
    "erase": _erase,
    "load": _load,
    "set_mark": _set_mark,
    "clear_mark": _clear_mark,
    "insert": _insert,
    "cmpxchg": _cmpxchg,
    "find": _find,
    "find_after": _find_after,
    "for_each": _for_each,
    "reserve": _reserve,
    "release": _release,
    "store_range": _store_range,
    "split": _split,
    "alloc": _alloc,
    "alloc_cyclic": _alloc_cyclic,
    "destroy": _destroy,
}


def read_record(path: str | Path) -> Iterator[dict[str, Any]]:
    """The lines of a record as dicts; InputError names a line that is none."""
    try:
        with open(open_regular(str(path)), "rb") as file:
            raw = file.read()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error}); give a record") from None
    if not text.strip():
        raise InputError(f"{path}:1: the file is empty; give a record of XArray behaviour")
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            yield json.loads(line)
        except ValueError:
            raise InputError(f"{path}:{number}: no JSON; give a record as recorded") from None


def replay_record(path: str | Path, make: Callable[[], Any] = XArray) -> Replay:
    """Replay one record on a new XArray, up to its end or the first difference.

    Parameters
    ----------
    path : path
        A file of JSON lines.
    make : callable
        Gives the XArray to test: any object with the method names of `pagecache.XArray`.
    """
    header, *ops = read_record(path)
    check_record(path, header, ops)
    reason = missing(make, header, ops)
    if reason is not None:
        return Replay(str(path), 0, 0, skipped=reason)
    xa = make(**ALLOC[header["flags"]])
    trees = 0
    for number, op in enumerate(ops, start=2):
        expected, got = _answers(xa, op)
        trees += "tree" in op
        if expected != got:
            tree = xa.dump() if hasattr(xa, "dump") else "(it has no dump())"
            difference = Difference(str(path), number, op, expected, got, tree)
            return Replay(str(path), number, trees, difference)
    return Replay(str(path), len(ops) + 1, trees)


def check_record(path: str | Path, header: dict[str, Any], ops: list[dict[str, Any]]) -> None:
    """InputError unless this is a record, whose operations are all known."""
    if not isinstance(header, dict) or header.get("flags") not in ALLOC:
        raise InputError(f"{path}:1: this begins no record; give a record of XArray behaviour")
    for number, op in enumerate(ops, start=2):
        if not isinstance(op, dict) or ("tree" not in op and op.get("op") not in OPERATIONS):
            name = op.get("op") if isinstance(op, dict) else op
            known = ", ".join(OPERATIONS)
            raise InputError(f"{path}:{number}: unknown operation {name!r}; known: {known}")


def missing(make: Any, header: dict[str, Any], ops: list[dict[str, Any]]) -> str | None:
    """Why an XArray that says what it cannot do is not asked this record.

    It says so in an attribute `cannot`: reasons by operation, or ``alloc`` for allocating arrays.
    """
    cannot: dict[str, str] = getattr(make, "cannot", {})
    wanted = dict.fromkeys([header["flags"], *(op.get("op", "") for op in ops)])
    reasons = [f"no {name}: {cannot[name]}" for name in wanted if name in cannot]
    return reasons[0] if reasons else None


def _answers(xa: Any, op: dict[str, Any]) -> tuple[object, object]:
    """What the record says of this line, and what this XArray does."""
    if "tree" in op:
        if not hasattr(xa, "dump"):
            return None, None
        return (op["tree"], op["nodes"]), (xa.dump(), xa.nodes)
    got = OPERATIONS[op["op"]](xa, op)
    return {key: op[key] for key in got}, got


def xarrays() -> dict[str, Callable[..., Any]]:
    """The XArrays that can be tested: ours, and those of the entry-point group."""
    others = {point.name: point.load() for point in entry_points(group="pagecache.xarrays")}
    return {"pagecache": XArray, **others}
