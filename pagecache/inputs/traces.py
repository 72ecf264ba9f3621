"""Recorded traces of page-cache activity, read from a file or by the name of a bundled one.

A trace's format is recognised by its first bytes, and so is its compression; no file name
matters. The formats are in `pagecache.inputs.formats`.
"""

import os
from importlib import resources
from pathlib import Path

from pagecache.errors import InputError, did_you_mean
from pagecache.inputs.formats import FORMATS, Format
from pagecache.inputs.formats.source import Source
from pagecache.inputs.opening import reading
from pagecache.inputs.trace import Trace, joined

BUNDLED = {
    "lmdb_stat_random": "20,000 random gets from a 44 MB LMDB file",
    "python_import_numpy": "python3 -c 'import numpy', cold",
    "sha256sum_400mb": "sha256sum of a 400 MB file, cold",
}
_SUFFIX = ".filemap.csv.gz"


def read_trace(path: str | Path) -> Trace:
    """Read a trace in any of `pagecache.inputs.formats`, compressed by gzip, xz or bzip2 or not.

    Parameters
    ----------
    path
        A regular file; or the name of a bundled trace, where there is no file of that name.

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
    >>> trace = read_trace("sha256sum_400mb")
    >>> trace.name, len(trace), trace.final_folios().pages
    ('sha256sum_400mb', 13230, 102402)
    """
    name = find_trace(path)
    with reading(name) as file:
        source = Source(name, file)
        form = format_of(source)
        return joined(piece.check() for piece in form.read(source))


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
    known = ", ".join(form.name for form in FORMATS)
    raise InputError(f"{source.path}:1: this is not a trace of a known format; known: {known}")


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
        known = ", ".join(bundled())
        raise InputError(f"--trace: unknown bundled trace {name!r}; known: {known}")
    return _data_folder() / (name + _SUFFIX)


def _data_folder() -> Path:
    return Path(str(resources.files("pagecache") / "data"))
