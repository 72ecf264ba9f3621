"""Walks of a record: searches that pause, let the array change, and go on with the same cursor."""

from dataclasses import dataclass
from typing import Any

from pagecache.conformance.operations import OPERATIONS, Answers, entry_text, mark_of
from pagecache.conformance.records import Line


@dataclass
class Subject:
    """The XArray that a record is replayed on, and the cursor of the walk begun last."""

    xa: Any
    cursor: Any = None

    def answer(self, op: Line) -> Answers:
        """Carry out one operation; its answers by the names that a record gives them."""
        if op["op"] in OPERATIONS:
            return OPERATIONS[op["op"]](self.xa, op)
        if op["op"] == "walk":
            self.cursor = self.xa.cursor(op["i"])
        return walk(self.cursor, op)


def walk(cursor: Any, op: Line) -> Answers:
    """Search until `limit` entries are found, and pause there; or until there is no other."""
    seen: list[list[object]] = []
    while len(seen) < op["limit"]:
        entry = cursor.find(op["max"], mark_of(op))
        if entry is None:
            return {"r": seen, "more": 0}
        seen.append([cursor.index, entry_text(entry)])
    cursor.pause()
    return {"r": seen, "more": 1, "at": cursor.index}
