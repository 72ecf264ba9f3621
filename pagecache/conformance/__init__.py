"""Replays recorded behaviour of an index and holds every result and tree against the record.

records, words       records as they are read: lines of JSON; entries as they are written there
operations, walks    operations of the XArray as calls; walks that pause and go on
structures           records of other structures, named by the header; radix, maple: their calls
outcome              what agreed, or the first difference

Knows nothing of designs, mappings and time.
"""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pagecache.conformance.outcome import Difference as Difference
from pagecache.conformance.outcome import Replay as Replay
from pagecache.conformance.records import KERNEL, SHIFT, Line, json_lines, read_record
from pagecache.conformance.structures import is_structure, replay_structure
from pagecache.conformance.walks import Subject
from pagecache.errors import InputError, unknown
from pagecache.xarray.xarray import XArray

GROUP = "pagecache.xarrays"
OUR_OWN = "pagecache"
ALLOC: dict[str, dict[str, int]] = {"": {}, "alloc": {"alloc": 0}, "alloc1": {"alloc": 1}}
# From which kernel on an XArray behaves like which: `like` of `pagecache.XArray`.
BEHAVIOURS = {(6, 16): "7.1", (6, 14): "6.14", (6, 10): "6.10", (0, 0): "5.17"}
PAUSE_ODD = 10  # the scenario of walks that pause where the kernel's pause goes wrong
DIFFERENT = (
    "its walks pause where Linux still goes wrong: from inside a run of slots a pause passes "
    "entries over, and by a mark a walk begins again after the highest index; a Cursor does neither"
)


def replay_record(path: str | Path, make: Callable[..., Any] = XArray) -> Replay:
    """Replay one record on a new XArray, up to its end or the first difference.

    An exception where the record has an answer is a difference, except for NotImplementedError: an
    XArray that raises it says that it cannot do this, and the rest is skipped.

    Parameters
    ----------
    path : path
        A file of JSON lines.
    make : callable
        Gives the XArray to test: any object with the method names of `pagecache.XArray`.

    Raises
    ------
    InputError
        The file is no record; names the line, what is wrong there and the remedy.
    """
    if is_structure(next(json_lines(path))):
        return replay_other(path, make)
    header, lines = read_record(path)
    reason = missing(make, header, lines)
    if reason is not None:
        return Replay(str(path), 0, 0, skipped=reason)
    number, trees, line, xa = 1, 0, header, None
    try:
        xa = make(**options(make, header))
        subject = Subject(xa)
        for number, line in enumerate(lines, start=2):
            trees += "tree" in line
            expected, got = answers(subject, line)
            if expected != got:
                difference = Difference(str(path), number, line, expected, got, tree_of(xa))
                return Replay(str(path), number, trees, difference)
    except NotImplementedError as error:
        reason = f"from line {number} on: {error or 'not implemented'}"
        return Replay(str(path), number, trees, skipped=reason)
    except Exception as error:  # whatever it is: the arrays are other people's
        got = raised(error)
        difference = Difference(str(path), number, line, recorded(line), got, tree_of(xa))
        return Replay(str(path), number, trees, difference)
    return Replay(str(path), len(lines) + 1, trees)


def replay_other(path: str | Path, make: Callable[..., Any]) -> Replay:
    """Replay a record of another structure, which no XArray can be held to."""
    if make is XArray:
        return replay_structure(path)
    return Replay(str(path), 0, 0, skipped="no XArray: a record of another structure")


def options(make: Any, header: Line) -> dict[str, Any]:
    """What to make the array of this record with."""
    chosen: dict[str, Any] = dict(ALLOC[header["flags"]])
    if header.get("chunk_shift", SHIFT) != SHIFT:
        chosen["chunk_shift"] = header["chunk_shift"]
    if hasattr(make, "likes"):
        chosen["like"] = like_of(header)
    return chosen


def like_of(header: Line) -> str:
    """Whose behaviour this record holds."""
    found = KERNEL.fullmatch(header.get("kernel", "5.17"))
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return next(like for first, like in BEHAVIOURS.items() if version >= first)


def missing(make: Any, header: Line, lines: list[Line]) -> str | None:
    """Why an XArray that says what it cannot do is not asked this record.

    It says so in an attribute `cannot`: reasons by operation, or ``alloc`` and ``alloc1`` for
    arrays that hand out IDs, ``chunk_shift`` for nodes of another width.  One that can behave as
    several kernels do says which in an attribute `likes`, and is made with one of them as `like`.
    """
    if make is XArray and header.get("scenario") == PAUSE_ODD:
        return DIFFERENT
    if like_of(header) not in getattr(make, "likes", BEHAVIOURS.values()):
        return f"it is not like {like_of(header)}"
    cannot = getattr(make, "cannot", {})
    if not isinstance(cannot, dict):
        raise InputError(
            f"--design: `cannot` is {cannot!r}; make it a dict of reasons by operation"
        )
    wanted = dict.fromkeys(
        [header["flags"], *options(make, header), *(op.get("op") for op in lines)]
    )
    reasons = [f"no {name}: {cannot[name]}" for name in wanted if name in cannot]
    return reasons[0] if reasons else None


def answers(subject: Subject, line: Line) -> tuple[object, object]:
    """What the record says of this line, and what this XArray does."""
    xa = subject.xa
    if "tree" in line:
        return (recorded(line), (xa.dump(), xa.nodes)) if hasattr(xa, "dump") else (None, None)
    got = subject.answer(line)
    return {key: line.get(key) for key in got}, got


def recorded(line: Line) -> object:
    """The answer that a line of a record holds, where none was given to compare with."""
    if "tree" in line:
        return line["tree"], line["nodes"]
    return {"r": line["r"]} if "r" in line else "no exception"


def tree_of(xa: Any) -> str:
    """The tree of an array that has one to show."""
    try:
        return str(xa.dump()) if hasattr(xa, "dump") else "(it has no dump())"
    except Exception as error:
        return f"(dump() raised {raised(error)})"


def raised(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def others() -> dict[str, EntryPoint]:
    """The XArrays that other packages name, not loaded yet."""
    return {point.name: point for point in entry_points(group=GROUP)}


def find_xarray(name: str) -> Callable[..., Any]:
    """Ours, or the one that another package names so; InputError if none does or it fails."""
    known = others()
    if name == OUR_OWN:
        return XArray
    if name not in known:
        raise InputError(f"--design: {unknown('XArray', name, [OUR_OWN, *known])}")
    try:
        return known[name].load()  # type: ignore[no-any-return]
    except Exception as error:
        place = f"--design: '{name}' is {known[name].value}, which cannot be imported"
        raise InputError(f"{place} ({raised(error)}); repair or reinstall it") from None
