"""The manifest: a log of what was asked for, by whom cells were run, and what failed.

A line of JSON for each record, appended and brought to the disk:

    {"kind": "sweep", ...}   once: version, build, table, the grid's values, its traces
    {"kind": "run", ...}     for each start: host, process, workers, time
    {"kind": "cell", ...}    for each attempt: cell, seconds, host, worker, error

An attempt is logged before its row is written, so that no row lacks one.  A line that a kill cut
short is dropped when the log is opened again.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from pagecache.errors import InputError
from pagecache.sweep.task import Outcome

FORMAT = 1
NAME = "manifest.jsonl"
Record = dict[str, Any]


class Manifest:
    """The log in a folder; `records` is all of it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Manifest(Path(folder)).add([{"kind": "run", "host": "a"}])
    ...     Manifest(Path(folder)).records
    [{'kind': 'run', 'host': 'a'}]
    """

    def __init__(self, folder: Path, *, write: bool = True) -> None:
        self.path = folder / NAME
        self.records = self._read(write)
        self.attempts = Counter(each["cell"] for each in self.of_kind("cell"))

    def _read(self, write: bool) -> list[Record]:
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if write and len(whole) < len(content):
            os.truncate(self.path, len(whole))
        try:
            return [json.loads(line) for line in whole.splitlines()]
        except ValueError:
            raise InputError(f"{self.path}: this is no manifest of a sweep; check DIR") from None

    def of_kind(self, kind: str) -> list[Record]:
        return [record for record in self.records if record.get("kind") == kind]

    @property
    def about(self) -> Record:
        """The record of the sweep; empty before it began."""
        found = self.of_kind("sweep")
        return found[0] if found else {}

    def failed(self) -> dict[int, str]:
        """The error of each cell whose last attempt failed."""
        last = {record["cell"]: record["error"] for record in self.of_kind("cell")}
        return {cell: error for cell, error in last.items() if error is not None}

    def timed(self) -> dict[int, int]:
        """Nanoseconds of the fastest fill of each cell that was timed: the last time it was."""
        return {each["cell"]: each["fill_ns"] for each in self.of_kind("cell") if "fill_ns" in each}

    def add(self, records: list[Record]) -> None:
        """Append records; all of them, or nothing if the disk is full."""
        text = "".join(json.dumps(record) + "\n" for record in records)
        length = self.path.stat().st_size if self.path.exists() else 0
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            if self.path.exists():
                os.truncate(self.path, length)
            raise
        self.records += records

    def add_outcomes(self, outcomes: list[Outcome]) -> None:
        """A record for each."""
        records = []
        for each in outcomes:
            self.attempts[each.cell] += 1
            attempt = self.attempts[each.cell]
            fields = {name: getattr(each, name) for name in ("seconds", "host", "worker", "error")}
            if each.fill_ns is not None:
                fields["fill_ns"] = each.fill_ns
            records.append({"kind": "cell", "cell": each.cell, "attempt": attempt, **fields})
        self.add(records)
