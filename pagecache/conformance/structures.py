"""Records of structures other than the XArray: which one by the header, then line by line.

Such a header names structure and version; the lines after it are operations, and now and then
the tree, its nodes and its height:

    {"structure": "radix-4.19", "scenario": "small", "seed": 1}
    {"op": "insert", "i": 64, "order": 6, "e": "v7", "r": 0}
    {"tree": "H n m000; ...", "nodes": 2, "height": 2}
"""

import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pagecache.conformance import maple, radix
from pagecache.conformance.outcome import Difference, Replay
from pagecache.conformance.records import (
    INDEX,
    MAX_INDEX,
    TEXT,
    Kind,
    Line,
    check_fields,
    json_lines,
)
from pagecache.errors import InputError


@dataclass(frozen=True)
class Structure:
    """How records of one structure are read and replayed."""

    fields: dict[str, dict[str, Kind]]
    make: Callable[[Line], Any]
    answer: Callable[[Any, Line], object]


STRUCTURES = {
    "radix-4.19": Structure(radix.FIELDS, radix.make, radix.answer),
    "maple-6.16": Structure(maple.FIELDS, maple.make, maple.answer),
}
SHAPE = {"nodes": INDEX, "height": INDEX}


def is_structure(header: object) -> bool:
    """Does a header begin a record of such a structure?"""
    return isinstance(header, dict) and "structure" in header


def read_structure(path: str | Path) -> tuple[Structure, Line, list[Line]]:
    """The structure, the header and the lines of a record; InputError names what is wrong where."""
    header, *lines = json_lines(path)
    name = header["structure"]
    if name not in STRUCTURES:
        known = ", ".join(STRUCTURES)
        raise InputError(f"{path}:1: unknown structure {reprlib.repr(name)}; known: {known}")
    structure = STRUCTURES[name]
    for number, line in enumerate(lines, start=2):
        check_line(f"{path}:{number}", structure, line)
    return structure, header, lines


def check_line(place: str, structure: Structure, line: object) -> None:
    """InputError unless this is a tree, or an operation with all that it needs."""
    if isinstance(line, dict) and "op" not in line and "nodes" in line:
        return check_fields(place, "a tree", line, SHAPE, {"tree": TEXT})
    name = line.get("op") if isinstance(line, dict) else line
    if not isinstance(line, dict) or not isinstance(name, str) or name not in structure.fields:
        known = ", ".join(structure.fields)
        raise InputError(f"{place}: unknown operation {reprlib.repr(name)}; known: {known}")
    check_fields(place, name, line, structure.fields[name], {})
    if line.get("last", MAX_INDEX) < line.get("i", 0):
        raise InputError(f"{place}: last {line['last']} is below i {line['i']}; swap them")
    return None


def replay_structure(path: str | Path) -> Replay:
    """Replay one record on a new structure, up to its end or the first difference.

    An exception where the record has an answer is a difference.  Every tree is checked as well:
    a broken rule is a difference, even where the text agrees.
    """
    structure, header, lines = read_structure(path)
    subject = structure.make(header)
    trees = 0
    for number, line in enumerate(lines, start=2):
        trees += "op" not in line
        try:
            expected, got = answers(structure, subject, line)
        except Exception as error:
            expected, got = recorded(line), f"{type(error).__name__}: {error}"
        if expected != got:
            difference = Difference(str(path), number, line, expected, got, subject.dump())
            return Replay(str(path), number, trees, difference)
    return Replay(str(path), len(lines) + 1, trees)


def recorded(line: Line) -> object:
    """What a line of a record holds as its answer."""
    return line.get("r", line.get("tree"))


def answers(structure: Structure, subject: Any, line: Line) -> tuple[object, object]:
    """What the record says of this line, and what the structure does."""
    if "op" in line:
        got = structure.answer(subject, line)
        if "at" in line:
            return (line["r"], line["at"]), got
        return line["r"], got
    subject.check()
    shape = {"nodes": subject.nodes, "height": subject.height}
    if "tree" in line:
        shape["tree"] = subject.dump()
    return {key: line[key] for key in shape}, shape
