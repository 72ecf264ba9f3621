"""Records of the radix tree of Linux 4.19: their fields, and their operations as calls."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from pagecache.conformance.records import (
    ENTRY,
    INDEX,
    MARK,
    ORDER,
    TEXT,
    Kind,
    Line,
    is_pairs,
    is_whole,
    whole,
)
from pagecache.conformance.words import EEXIST, entry_of, text_of
from pagecache.errors import EntryExists
from pagecache.structures.radix.radix import RadixTree

BIT = whole(0, 1)
TAG = Kind(lambda value: is_whole(value, -1, 2), "a tag from 0 to 2, or -1 for all entries")
FAILED = Kind(lambda value: value in (0, EEXIST), "0 or -17")
PAIRS = Kind(is_pairs, "a list of [index, entry]")
ENTRIES = Kind(
    lambda value: isinstance(value, list) and all(isinstance(entry, str) for entry in value),
    "a list of entries",
)

TAGGING = {"i": INDEX, "tag": MARK, "r": TEXT}
FIELDS: dict[str, dict[str, Kind]] = {
    "insert": {"i": INDEX, "order": ORDER, "e": ENTRY, "r": FAILED},
    "delete": {"i": INDEX, "r": TEXT},
    "lookup": {"i": INDEX, "r": TEXT},
    "replace": {"i": INDEX, "e": ENTRY, "r": TEXT},
    "tag_set": TAGGING,
    "tag_clear": TAGGING,
    "tag_get": {"i": INDEX, "tag": MARK, "r": BIT},
    "tagged": {"tag": MARK, "r": BIT},
    "gang_lookup": {"i": INDEX, "max": INDEX, "r": ENTRIES},
    "gang_lookup_tag": {"i": INDEX, "max": INDEX, "tag": MARK, "r": ENTRIES},
    "for_each": {"i": INDEX, "limit": INDEX, "tag": TAG, "r": PAIRS},
    "join": {"i": INDEX, "order": ORDER, "e": ENTRY, "r": FAILED},
    "split": {"i": INDEX, "from": ORDER, "to": ORDER, "e": ENTRY, "r": FAILED, "pieces": INDEX},
}


def pairs_of(items: Iterable[tuple[int, object]]) -> list[list[object]]:
    return [[index, text_of(entry)] for index, entry in items]


def make(header: Line) -> RadixTree:
    """The tree that a record of this header was made with."""
    return RadixTree()


def answer(tree: Any, op: Line) -> object:
    """What the tree gives for `r` of an operation."""
    verb = op["op"]
    if verb in ("insert", "join", "split"):
        return stored(tree, op)
    if verb == "for_each":
        tag = None if op["tag"] < 0 else op["tag"]
        return pairs_of(islice(tree.items(op["i"], tag), op["limit"]))
    if verb.startswith("gang_lookup"):
        found = islice(tree.items(op["i"], op.get("tag")), op["max"])
        return [text_of(entry) for _, entry in found]
    got = getattr(tree, verb)(*arguments(op))
    return int(got) if verb in ("tag_get", "tagged") else text_of(got)


def arguments(op: Line) -> list[object]:
    """Index, tag and entry, those that an operation has."""
    given: list[object] = [op[key] for key in ("i", "tag") if key in op]
    return [*given, entry_of(op["e"])] if "e" in op else given


def stored(tree: Any, op: Line) -> int:
    """The same of the operations that answer 0 or an error number."""
    entry = entry_of(op["e"])
    try:
        if op["op"] == "split":
            pieces = tree.split(op["i"], entry, op["to"])
            return 0 if pieces == op["pieces"] else int(pieces)
        getattr(tree, op["op"])(op["i"], entry, op["order"])
    except EntryExists:
        return EEXIST
    return 0
