"""Recorded traces of page-cache activity.

A trace's format is recognised by its first line, gzip by its first bytes; no file name matters.
To add a format: write a recogniser and a reader in a module of their own and list them in FORMATS.
"""

import gzip
import io
import os
import zlib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pagecache.errors import InputError
from pagecache.inputs import filemap_csv
from pagecache.inputs.opening import open_regular
from pagecache.inputs.trace import Trace

_GZIP_MAGIC = b"\x1f\x8b"
_HEADER_LIMIT = 1 << 16  # bytes; a longer first line is no trace's
_SUFFIX = ".filemap.csv.gz"


class Format(NamedTuple):
    """A trace format: its name, whether a first line is its, and its reader."""

    name: str
    recognises: Callable[[str], bool]
    read: Callable[[str, str, io.TextIOBase], Trace]  # (path, first line, the lines after it)


FORMATS = (Format("filemap CSV", filemap_csv.recognises, filemap_csv.read),)


def read_trace(path: str | Path) -> Trace:
    """Read a trace, compressed by gzip or not, in any of `FORMATS`.

    Parameters
    ----------
    path
        A regular file.

    Returns
    -------
    Trace
        About 400,000 events a second.

    Raises
    ------
    InputError
        One line `path:line: what is wrong; remedy`, or `path: ...` where no line is to blame.

    Examples
    --------
    >>> trace = read_trace(bundled_path("sha256sum_400mb"))
    >>> trace.name, len(trace), trace.final_folios().pages
    ('sha256sum_400mb', 13230, 102402)
    """
    path = os.fspath(path)
    with open(open_regular(path), "rb") as file, _decompressed(file) as stream:
        try:
            first = stream.readline(_HEADER_LIMIT).decode("utf-8-sig", "replace")
            form = _format_of(path, first)
            with _text(stream) as lines:
                return form.read(path, first, lines)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise InputError(f"{path}:1: broken gzip; compress the trace again") from None
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); check it") from None


def _decompressed(file: BinaryIO) -> BinaryIO | gzip.GzipFile:
    zipped = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    file.seek(0)
    return gzip.open(file) if zipped else file


def _text(stream: BinaryIO | gzip.GzipFile) -> io.TextIOWrapper:
    # Bytes that are no text become fields that are no numbers, which have a line to report.
    return io.TextIOWrapper(stream, "utf-8", errors="replace", newline="")


def _format_of(path: str, first: str) -> Format:
    if not first:
        raise InputError(f"{path}:1: the file is empty; record the trace again")
    for form in FORMATS:
        if form.recognises(first):
            return form
    known = ", ".join(form.name for form in FORMATS)
    raise InputError(f"{path}:1: this is no trace of a known format; known: {known}")


def bundled() -> list[str]:
    """List the names of the traces that come with the package.

    Examples
    --------
    >>> bundled()
    ['lmdb_stat_random', 'python_import_numpy', 'sha256sum_400mb']
    """
    names = (entry.name for entry in _data_folder().iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


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
        known = ", ".join(bundled())
        raise InputError(f"--trace: no trace {name!r} comes with pagecache; known: {known}")
    return _data_folder() / (name + _SUFFIX)


def _data_folder() -> Path:
    return Path(str(resources.files("pagecache") / "data"))
