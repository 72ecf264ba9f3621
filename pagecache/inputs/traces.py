"""Recorded traces of page-cache activity, read from a file or by the name of a bundled one.

A trace's format is recognised by its first bytes, and so is its compression; no file name
matters. Files of bare numbers, for which any other could be taken, are read in the format that is
asked for. The formats are in `pagecache.inputs.formats`.
"""

import copy
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

from pagecache.errors import InputError, did_you_mean
from pagecache.inputs.formats import FORMATS, Format
from pagecache.inputs.formats.extents import HEADER, Extent, Extents, extents
from pagecache.inputs.formats.source import Progress, Source
from pagecache.inputs.opening import reading
from pagecache.inputs.trace import Trace, joined

BUNDLED = {
    "lmdb_stat_random": "20,000 random gets from a 44 MB LMDB file",
    "python_import_numpy": "python3 -c 'import numpy', cold",
    "sha256sum_400mb": "sha256sum of a 400 MB file, cold",
}
_SUFFIX = ".filemap.csv.gz"
_BARE = ", ".join(form.name for form in FORMATS if form.bare)
_TOLD = ", ".join(form.name for form in FORMATS if not form.bare)
REMEDY = f"known: {_TOLD}; with --format NAME, of bare numbers: {_BARE}"


def read_trace(
    path: str | Path, *, format: str | None = None, progress: Progress | None = None
) -> Trace:
    """Read a trace in any of `pagecache.inputs.formats`, compressed or not.

    Parameters
    ----------
    path
        A regular file, perhaps compressed by gzip, xz, bzip2 or (with the extra `data`) zstd; or
        the name of a bundled trace, where there is no file of that name.
    format
        The name of its format, which must be given for those of bare numbers: "lirs". "arc:512"
        says that positions count 512 bytes, where that format's usual unit is another.
    progress
        A function that is told the bytes read of the file and all that it has, as it is read.

    Returns
    -------
    Trace
        Some 40 bytes for each event are kept, of the text one block at a time. From 400,000 events
        a second (filemap-csv) to some million (ftrace).

    Raises
    ------
    InputError
        One line `path:line: what is wrong; remedy`, or `path: ...` where no line is to blame.

    Examples
    --------
    >>> trace = read_trace("sha256sum_400mb")
    >>> trace.name, len(trace), trace.final_folios().pages
    ('sha256sum_400mb', 13230, 102402)
    """
    name = find_trace(path)
    with reading(name) as file:
        source = Source(name, file, progress)
        form = format_of(source) if format is None else format_named(format)
        made = joined(_checked(form, source))
        return replace(made, notes=source.settle(form.name, known()), format=format)


def trace_pieces(
    path: str | Path, on_bytes: Callable[[int], None] = lambda count: None
) -> Iterator[Trace]:
    """The same trace in pieces that follow each other: memory is bounded whatever its length.

    Parameters
    ----------
    path
        As `read_trace` takes it, of a format that is recognised.
    on_bytes
        Called with how many bytes of the file have been read since the last call.

    Yields
    ------
    Trace
        Some thousand events each. All have one list of files, which may grow.

    Examples
    --------
    >>> sum(len(piece) for piece in trace_pieces("sha256sum_400mb"))
    13230
    """
    name, done = find_trace(path), 0

    def progress(read: int, total: int) -> None:
        nonlocal done
        on_bytes(read - done)
        done = read

    with reading(name) as file:
        source = Source(name, file, progress)
        form = format_of(source)
        yield from _checked(form, source)
        source.settle(form.name, known())


def read_extents(path: str | Path) -> list[Extent]:
    """Where a file has data and holes, of CSV of its extents, in the order of the lines.

    Raises
    ------
    InputError
        It is no such CSV, or has neither data nor a hole.
    """
    name = os.fspath(path)
    with reading(name) as file:
        source = Source(name, file)
        if not Extents().recognises(source.head()):
            raise source.error(1, f"the header is not {HEADER}", "list the extents again")
        found = [extent for extent in extents(source) if extent.kind != "resident"]
        source.settle(Extents.name, Extents.name)
    if not found:
        raise source.error(2, "neither data nor a hole follows", "list the extents again")
    return found


def _checked(form: Format, source: Source) -> Iterator[Trace]:
    """Pieces of a trace, one at least."""
    empty = True
    for piece in form.read(source):
        empty = False
        yield piece.check()
    if empty:
        source.settle(form.name, known())
        told = f"read as {form.name}, nothing in it is cached or accessed"
        raise InputError(f"{source.path}: {told}; record more")


def known() -> str:
    """The names of all formats, with commas between."""
    return ", ".join(form.name for form in FORMATS)


def format_named(text: str) -> Format:
    """The format of that name, perhaps with the bytes that its positions count behind it.

    Examples
    --------
    >>> format_named("arc").unit, format_named("arc:512").unit
    (4096, 512)
    """
    name, colon, unit = text.partition(":")
    found = next((form for form in FORMATS if form.name == name), None)
    if found is None:
        hint = did_you_mean(name, [form.name for form in FORMATS])
        raise InputError(f"--format: unknown format {name!r}; {hint}known: {known()}")
    if not colon:
        return found
    if found.unit is None:
        raise InputError(
            f"--format: positions of {name} count bytes or sectors; leave out ':{unit}'"
        )
    if not (unit.isdecimal() and unit.isascii() and 0 < int(unit[:10]) <= 1 << 30):
        raise InputError(f"--format: {unit!r} is not a number of bytes; write {name}:512")
    made = copy.copy(found)
    made.unit = int(unit)
    return made


def find_trace(path: str | Path) -> str:
    """The path itself, or that of the bundled trace of this name if there is no such file."""
    name = os.fspath(path)
    if os.path.lexists(name) or os.path.basename(name) != name or "." in name:
        return name
    if name in bundled():
        return str(bundled_path(name))
    hint = did_you_mean(name, bundled())
    raise InputError(
        f"{name}: no such file, and no bundled trace of that name; {hint}bundled: "
        f"{', '.join(bundled())}"
    )


def format_of(source: Source) -> Format:
    """The format of a trace; InputError if it is empty or unknown."""
    head = source.head()
    if not head:
        raise source.error(1, "the file is empty", "record the trace again")
    for form in FORMATS:
        if form.recognises(head):
            return form
    raise InputError(f"{source.path}:1: this is not a trace of a known format; {REMEDY}")


def bundled() -> list[str]:
    """List the names of the traces that come with the package.

    Examples
    --------
    >>> bundled()
    ['lmdb_stat_random', 'python_import_numpy', 'sha256sum_400mb']
    """
    return list(BUNDLED)


def bundled_path(name: str) -> Path:
    """Give the path of a trace that comes with the package.

    Raises
    ------
    InputError
        There is no trace of that name.

    Examples
    --------
    >>> bundled_path("sha256sum_400mb").name
    'sha256sum_400mb.filemap.csv.gz'
    """
    if name not in bundled():
        raise InputError(f"--trace: unknown bundled trace {name!r}; known: {', '.join(bundled())}")
    return _data_folder() / (name + _SUFFIX)


def _data_folder() -> Path:
    return Path(str(resources.files("pagecache") / "data"))
