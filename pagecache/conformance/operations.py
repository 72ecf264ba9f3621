"""The operations of a record, each as calls of the plain methods that an XArray has.

Each takes an XArray and a line of a record, and gives its answers by the names they have there.
Walks, which pause and go on later, are in `walks`.
"""

from collections.abc import Callable
from typing import Any

from pagecache.conformance.records import ENTRY_UNIT, Line
from pagecache.errors import EntryExists
from pagecache.pointer import Pointer
from pagecache.xarray.convert import SUBTREE

PRESENT = 3  # the filter of a search that is not by mark
EBUSY, ENOMEM, EINVAL = -16, -12, -22

Answers = dict[str, object]


def parse_entry(text: str) -> object:
    """The entry that a record writes as ``-``, ``v5`` or ``p7``."""
    if text == "-":
        return None
    number = int(text[1:])
    return number if text[0] == "v" else Pointer(number * ENTRY_UNIT)


def entry_text(entry: object) -> str:
    """An entry as a record writes it."""
    if entry is None:
        return "-"
    if entry is SUBTREE:
        return "n"
    return f"p{entry.address // ENTRY_UNIT}" if isinstance(entry, Pointer) else f"v{entry}"


def _store(xa: Any, op: Line) -> Answers:
    return {"r": entry_text(xa.store(op["i"], parse_entry(op["e"]), op.get("order", 0)))}


def _erase(xa: Any, op: Line) -> Answers:
    return {"r": entry_text(xa.erase(op["i"]))}


def _load(xa: Any, op: Line) -> Answers:
    return {"r": entry_text(xa.load(op["i"])), "order": xa.order(op["i"])}


def _set_mark(xa: Any, op: Line) -> Answers:
    xa.set_mark(op["i"], op["m"])
    return {"r": int(xa.get_mark(op["i"], op["m"]))}


def _clear_mark(xa: Any, op: Line) -> Answers:
    xa.clear_mark(op["i"], op["m"])
    return {"r": int(xa.get_mark(op["i"], op["m"]))}


def _insert(xa: Any, op: Line) -> Answers:
    try:
        xa.insert(op["i"], parse_entry(op["e"]))
    except EntryExists:
        return {"r": EBUSY}
    return {"r": 0}


def _cmpxchg(xa: Any, op: Line) -> Answers:
    was = xa.cmpxchg(op["i"], parse_entry(op["old"]), parse_entry(op["e"]))
    return {"r": entry_text(was)}


def word_text(word: int) -> str:
    """An entry that is given as its word: a value's ends in 1."""
    return f"v{word >> 1}" if word & 1 else f"p{word // ENTRY_UNIT}"


def mark_of(op: Line) -> int | None:
    return None if op["filter"] == PRESENT else op["filter"]


def _found(op: Line, found: tuple[int, object] | None) -> Answers:
    index, entry = (op["i"], None) if found is None else found
    return {"r": entry_text(entry), "at": index}


def _find(xa: Any, op: Line) -> Answers:
    return _found(op, xa.find(op["i"], op["max"], mark_of(op)))


def _find_after(xa: Any, op: Line) -> Answers:
    return _found(op, xa.find_after(op["i"], mark=mark_of(op)))


def _for_each(xa: Any, op: Line) -> Answers:
    seen: list[list[object]] = []
    found = xa.find(op["i"], op["max"], mark_of(op))
    while found is not None and len(seen) < op["limit"]:
        seen.append([found[0], entry_text(found[1])])
        found = xa.find_after(found[0], op["max"], mark_of(op))
    return {"r": seen}


def _reserve(xa: Any, op: Line) -> Answers:
    xa.reserve(op["i"])
    return {"r": 0}


def _release(xa: Any, op: Line) -> Answers:
    xa.release(op["i"])
    return {}


def _store_range(xa: Any, op: Line) -> Answers:
    xa.store_range(op["i"], op["last"], parse_entry(op["e"]))
    return {"r": "-"}


def _extract(xa: Any, op: Line) -> Answers:
    options = {"limit": op["limit"], "mark": mark_of(op), "raw": True}
    _, words = xa.extract(op["i"], op["max"] + 1, **options)
    return {"r": [word_text(int(word)) for word in words]}


def _split(xa: Any, op: Line) -> Answers:
    """Linux refuses a split that takes two levels for lack of memory; a `ValueError` here."""
    return _split_by(xa.split, xa, op, ENOMEM)


def _try_split(xa: Any, op: Line) -> Answers:
    return _split_by(xa.try_split, xa, op, EINVAL)


def _split_by(split: Callable[[int, int], None], xa: Any, op: Line, refusal: int) -> Answers:
    order = xa.order(op["i"])
    if order != op["from"]:
        return {"from": order}
    try:
        split(op["i"], op["to"])
    except ValueError:
        return {"r": refusal}
    return {"r": 0}


def _alloc(xa: Any, op: Line) -> Answers:
    try:
        index = xa.alloc(parse_entry(op["e"]), (op["min"], op["max"]))
    except EntryExists:
        return {"r": EBUSY}
    return {"r": 0, "id": index}


def _alloc_cyclic(xa: Any, op: Line) -> Answers:
    try:
        index, wrapped = xa.alloc_cyclic(parse_entry(op["e"]), (op["min"], op["max"]))
    except EntryExists:
        return {"r": EBUSY, "next": xa.next}
    return {"r": int(wrapped), "id": index, "next": xa.next}


def _destroy(xa: Any, op: Line) -> Answers:
    xa.destroy()
    return {}


OPERATIONS: dict[str, Callable[[Any, Line], Answers]] = {
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
    "extract": _extract,
    "split": _split,
    "try_split": _try_split,
    "alloc": _alloc,
    "alloc_cyclic": _alloc_cyclic,
    "destroy": _destroy,
}
