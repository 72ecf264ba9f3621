"""DIR: the folder of one sweep, held by a lock while it runs.

DIR/grid.toml        the grid as it was given
DIR/manifest.jsonl   who, when, how often, errors
DIR/table.*, parts/  rows
DIR/lock             held by the process that runs; free once that is dead
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pagecache.errors import InputError
from pagecache.sweep.cell import Cell
from pagecache.sweep.columns import Row
from pagecache.sweep.grid import Grid
from pagecache.sweep.identity import identity
from pagecache.sweep.manifest import FORMAT, NAME, Manifest
from pagecache.sweep.shipping import Shipped, of_file
from pagecache.sweep.table import Table, best_format
from pagecache.sweep.task import Task
from pagecache.writing import write_text

GRID = "grid.toml"


@contextmanager
def opened(folder: Path, question: "Question") -> Iterator["Directory"]:
    """The folder of a sweep, begun or gone on with, and nobody else's until the block ends.

    Raises
    ------
    InputError
        Another sweep runs there, or it holds a sweep of another grid, version or build.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            yield Directory(folder, question)
    except OSError as error:
        raise InputError(
            f"-o: {folder}: {error.strerror or error}; what is done is kept, and the same command "
            "goes on from there"
        ) from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder's lock, which the kernel takes back from the dead."""
    with open(folder / "lock", "a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "another process"
            raise InputError(
                f"-o: {folder}: {owner} sweeps there now; wait for it, or give another -o"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}\n")
        file.flush()
        yield


class Directory:
    """The state of a sweep on disk; only its owner makes one."""

    def __init__(self, folder: Path, question: "Question") -> None:
        self.folder, self.question = folder, question
        self.manifest = Manifest(folder)
        if not self.manifest.about:
            self._begin()
        about = self.manifest.about
        self._check(about)
        self.table = Table(folder, about["table"])
        self.table.sweep_up()
        self.done = self.table.numbers()

    def _begin(self) -> None:
        strangers = {path.name for path in self.folder.iterdir()} - {"lock", GRID, NAME}
        if strangers:
            raise InputError(
                f"-o: {self.folder}: it holds {min(strangers)} and no sweep; give an empty place"
            )
        write_text(self.question.grid.text, self.folder / GRID, "-o")
        about = {"kind": "sweep", "format": FORMAT, **identity(), "table": best_format()}
        self.manifest.add([{**about, **self.question.to_dict()}])

    def _check(self, about: dict[str, Any]) -> None:
        if about.get("format") != FORMAT:
            raise InputError(f"-o: {self.folder}: not of format {FORMAT}; give another -o")
        for name, asked in self.question.to_dict().items():
            if about[name] != asked:
                what = {"values": "grid", "traces": "state of the traces", "sample": "--sample"}
                raise InputError(
                    f"-o: {self.folder}: it holds a sweep of another {what[name]}; give another -o"
                )
        for name, mine in identity().items():
            if about[name] != mine:
                raise InputError(
                    f"-o: {self.folder}: begun by {name} {about[name]}, and this is {mine}, whose "
                    "counts may differ; give another -o"
                )

    def add_rows(self, rows: list[Row]) -> None:
        """Add rows to the table, but those of cells that have one."""
        new = [row for row in rows if row["cell"] not in self.done]
        if new:
            self.table.add(new)
            self.done |= {row["cell"] for row in new}

    @property
    def failed(self) -> dict[int, str]:
        """The error of each cell that has no row and failed when it was last run."""
        failed = self.manifest.failed()
        return {cell: error for cell, error in failed.items() if cell not in self.done}


@dataclass(frozen=True)
class Question:
    """What decides the table: the grid, the bytes of its traces, and the rate of their sample."""

    grid: Grid
    traces: dict[str, Shipped]
    sample: float = 1.0

    @classmethod
    def of(cls, grid: Grid, sample: float = 1.0) -> Self:
        """The question, its traces hashed.  O(bytes of traces)

        Raises
        ------
        InputError
            A trace cannot be read, or there is none to sample.
        """
        if sample != 1 and not grid.traces:
            raise InputError("--sample: it is for traces, and the grid has none; leave it out")
        try:
            traces = {name: of_file(path) for name, path in grid.traces.items()}
        except OSError as error:
            raise InputError(f"{error.filename}: cannot be read ({error.strerror})") from None
        return cls(grid, traces, sample)

    def task(self, cell: Cell, *, timed: bool = False) -> Task:
        trace = None if cell.trace is None else self.traces[cell.trace]
        return Task(cell, identity(), trace, self.sample, timed and trace is None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: comments and spaces do not matter, the order of lists does."""
        return {
            "values": {key: list(values) for key, values in self.grid.values.items()},
            "traces": {name: shipped.sha256 for name, shipped in self.traces.items()},
            "sample": self.sample,
        }
