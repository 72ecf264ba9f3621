"""A trace against what the kernel held after it: equal, or the first file that differs."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pagecache.errors import InputError
from pagecache.inputs.opening import open_regular, reading
from pagecache.inputs.traces import find_trace
from pagecache.replaying.replay import replay

COMPARED = ("pages", "folios", "orders", "nodes")


@dataclass(frozen=True)
class Verified:
    """How many files were compared, and a sentence for the first that differs."""

    files: int
    difference: str | None


def verify(trace: str | Path, expected: str | Path | None = None) -> Verified:
    """Replay a trace into `thp-multi` and compare with a file of expectations.

    Without `expected`, it is the file beside the trace that ``pagecache record`` wrote. Nodes are
    not compared for a file that holds shadow entries, which no event of a trace tells of.

    Raises
    ------
    InputError
        One of the files cannot be read or is no such file.
    """
    os.close(open_regular(find_trace(trace)))  # one that is not there is named first
    wanted = _read(beside(trace) if expected is None else Path(expected))
    replayed = replay(trace).files
    for name, content in wanted.items():
        difference = _difference(name, content, dict(replayed.get(name, {})))
        if difference is not None:
            return Verified(len(wanted), difference)
    return Verified(len(wanted), None)


def beside(trace: str | Path) -> Path:
    """Where the expectations of a trace lie: NAME.expected.json beside NAME.filemap.csv[.gz]."""
    path = Path(trace)
    name = path.name.removesuffix(".gz").removesuffix(".csv").removesuffix(".filemap")
    return path.with_name(f"{name}.expected.json")


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        with reading(path) as file:
            text = file.read()
    except InputError as error:
        raise InputError(f"{str(error).rpartition('; ')[0]}; name it with --expected") from None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{path}: no JSON; give a file that record wrote") from None
    if not isinstance(found, dict) or not all(
        isinstance(one, dict) and set(COMPARED) <= set(one) for one in found.values()
    ):
        raise InputError(f"{path}: not {', '.join(COMPARED)} of each file; record it again")
    return found


def _difference(name: str, wanted: dict[str, Any], found: dict[str, Any]) -> str | None:
    for what in COMPARED:
        if what == "nodes" and wanted.get("shadows"):
            continue
        if found.get(what) != wanted[what]:
            return f"{name}: {what} {found.get(what)}, and the kernel had {wanted[what]}"
    return None
