"""Rows on disk: Parquet where pyarrow is installed, else CSV.

    parts/000000.parquet ...   rows as they were finished, each part written whole
    table.parquet              all rows, sorted by cell, once the sweep is done

A part is written beside its place, brought to the disk and renamed, so that whoever is killed
leaves it whole or absent.  A row that is in the table and in a part (a kill between the two) counts
once.  The table of a grid is the same, byte for byte, whatever the order in which cells were
finished.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from pagecache.errors import InputError
from pagecache.sweep.columns import NAMES, Row, kind_of

NEEDS = "this table is Parquet, and pyarrow is not installed; pip install 'pagecache[data]'"


class Format(Protocol):
    """How rows are stored."""

    name: str

    def write(self, rows: list[Row], path: Path) -> None:
        """Rows into a new file."""

    def numbers(self, path: Path) -> set[int]:
        """The cells that a file has."""

    def merge(self, paths: list[Path], path: Path) -> None:
        """All rows of some files into a new one, sorted, each cell once."""


class Parquet:
    """A column for each name, with its type."""

    name = "parquet"

    def write(self, rows: list[Row], path: Path) -> None:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415

        types = {str: pa.string(), float: pa.float64(), int: pa.int64()}
        schema = pa.schema([(name, types[kind_of(name)]) for name in NAMES])
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)

    def numbers(self, path: Path) -> set[int]:
        import pyarrow.parquet as pq  # noqa: PLC0415

        return set(pq.read_table(path, columns=["cell"])["cell"].to_pylist())

    def merge(self, paths: list[Path], path: Path) -> None:
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        if not paths:
            self.write([], path)
            return
        whole = pa.concat_tables([pq.read_table(each) for each in paths])
        _, first = np.unique(whole["cell"].to_numpy(), return_index=True)
        pq.write_table(whole.take(first).combine_chunks(), path)


class Csv:
    """A header, and an empty field for None."""

    name = "csv"

    def write(self, rows: list[Row], path: Path) -> None:
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, NAMES, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def rows(self, path: Path) -> Iterator[Row]:
        """The rows of a file, with their types."""
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield {name: kind_of(name)(text) if text else None for name, text in row.items()}

    def numbers(self, path: Path) -> set[int]:
        return {row["cell"] for row in self.rows(path)}

    def merge(self, paths: list[Path], path: Path) -> None:
        found = {row["cell"]: row for each in paths for row in self.rows(each)}
        self.write([found[cell] for cell in sorted(found)], path)


FORMATS: dict[str, Format] = {"parquet": Parquet(), "csv": Csv()}


def best_format() -> str:
    """Parquet if pyarrow is installed, else CSV."""
    return "parquet" if find_spec("pyarrow") else "csv"


class Table:
    """The rows of a sweep in a folder.

    Parameters
    ----------
    folder : Path
    format : {"parquet", "csv"}

    Raises
    ------
    InputError
        The table is Parquet, and pyarrow is not installed.
    """

    def __init__(self, folder: Path, format: str) -> None:
        if format == "parquet" and best_format() != format:
            raise InputError(f"{folder}: {NEEDS}")
        self.format = FORMATS[format]
        self.folder, self.parts = folder, folder / "parts"
        self.whole = folder / f"table.{format}"

    def files(self) -> list[Path]:
        """All that has rows: the table first, then parts in the order of their writing."""
        whole = [self.whole] if self.whole.exists() else []
        return whole + sorted(self.parts.glob(f"*.{self.format.name}"))

    def numbers(self) -> set[int]:
        """The cells that are done."""
        return {cell for path in self.files() for cell in self.format.numbers(path)}

    def add(self, rows: list[Row]) -> None:
        """Append rows as a part of their own: all of them, or nothing if the disk is full."""
        self.parts.mkdir(exist_ok=True)
        taken = [int(path.stem) for path in self.parts.glob(f"*.{self.format.name}")]
        path = self.parts / f"{max(taken, default=-1) + 1:06}.{self.format.name}"
        with whole_or_absent(path) as beside:
            self.format.write(rows, beside)

    def seal(self) -> None:
        """Bring all rows together in one sorted table; parts go."""
        paths = self.files()
        if paths != [self.whole]:
            with whole_or_absent(self.whole) as beside:
                self.format.merge(paths, beside)
        for path in paths:
            if path != self.whole:
                path.unlink()
        with suppress(OSError):
            self.parts.rmdir()

    def sweep_up(self) -> None:
        """Remove what a kill left beside its place."""
        for path in (*self.folder.glob(".*.beside"), *self.parts.glob(".*.beside")):
            path.unlink()


class whole_or_absent:
    """``with whole_or_absent(path) as beside``: what is written there appears at `path`, whole.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a"
    ...     with whole_or_absent(path) as beside:
    ...         _ = beside.write_text("all of it")
    ...     path.read_text(), [found.name for found in Path(folder).iterdir()]
    ('all of it', ['a'])
    """

    def __init__(self, path: Path) -> None:
        self.path, self.beside = path, path.with_name(f".{path.name}.beside")

    def __enter__(self) -> Path:
        return self.beside

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            if kind is None:
                sync(self.beside)
                os.replace(self.beside, self.path)
                sync(self.path.parent)
        finally:
            self.beside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rows_in(paths: Iterable[Path], format: str) -> list[Row]:
    """All rows of some files, sorted, each cell once."""
    if format == "csv":
        found = {row["cell"]: row for path in paths for row in Csv().rows(path)}
    else:
        import pyarrow.parquet as pq  # noqa: PLC0415

        found = {row["cell"]: row for path in paths for row in pq.read_table(path).to_pylist()}
    return [found[cell] for cell in sorted(found)]
