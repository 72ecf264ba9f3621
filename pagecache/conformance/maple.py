"""Records of the maple tree of Linux 6.16: their fields, and their operations as calls."""

from itertools import islice
from typing import Any

from pagecache.conformance.records import (
    ENTRY,
    INDEX,
    TEXT,
    Kind,
    Line,
)
from pagecache.conformance.words import EEXIST, entry_of, text_of
from pagecache.errors import EntryExists
from pagecache.structures.maple.maple import MapleTree


def is_ranges(value: object) -> bool:
    """Whether a list holds what `for_each` saw: first, last and entry in each."""
    return isinstance(value, list) and all(
        isinstance(each, list) and [type(part) for part in each] == [int, int, str]
        for each in value
    )


STORING = {"i": INDEX, "last": INDEX, "e": ENTRY}
FIELDS: dict[str, dict[str, Kind]] = {
    "store_range": {**STORING, "r": Kind(lambda value: value == 0, "0")},
    "insert_range": {**STORING, "r": Kind(lambda value: value in (0, EEXIST), "0 or -17")},
    "erase": {"i": INDEX, "r": TEXT},
    "load": {"i": INDEX, "r": TEXT},
    "find": {"i": INDEX, "max": INDEX, "r": TEXT, "at": INDEX},
    "for_each": {
        "i": INDEX,
        "limit": INDEX,
        "r": Kind(is_ranges, "a list of [first, last, entry]"),
    },
}


def make(header: Line) -> MapleTree:
    """The tree that a record of this header was made with."""
    return MapleTree(rcu=header.get("flags", "rcu") == "rcu")


def answer(tree: Any, op: Line) -> object:
    """What the tree gives for `r` of an operation; of `find`, for `at` too."""
    verb, index = op["op"], op["i"]
    if verb in ("erase", "load"):
        return text_of(getattr(tree, verb)(index))
    if verb == "find":
        entry, at = tree.find(index, op["max"]) or (None, index)
        return text_of(entry), at
    if verb == "for_each":
        found = islice(tree.items(index), op["limit"])
        return [[first, last, text_of(entry)] for first, last, entry in found]
    return stored(tree, op)


def stored(tree: Any, op: Line) -> int:
    """The same of the operations that answer 0 or an error number."""
    try:
        getattr(tree, op["op"])(op["i"], op["last"], entry_of(op["e"]))
    except EntryExists:
        return EEXIST
    return 0
