"""Who runs a cell: the package's version, and a hash of the code that it was built from.

The hash is of sources, which are the same on every machine, and not of compiled modules, which
differ with the compiler.
"""

import hashlib
from functools import cache
from pathlib import Path

from pagecache import __version__

SOURCES = {".py", ".pyx", ".pxd", ".pxi"}


@cache
def identity() -> dict[str, str]:
    """``version`` and ``build`` of the package that runs in this process."""
    return {"version": __version__, "build": build(Path(__file__).parents[1])}


def build(folder: Path) -> str:
    """A hash over the sources in a folder, 16 digits of it.

    Examples
    --------
    >>> build(Path("/nowhere"))
    'e3b0c44298fc1c14'
    """
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in SOURCES):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()[:16]


def differs(wanted: dict[str, str]) -> str | None:
    """What differs between this process's package and the wanted one, in a few words; or None.

    Examples
    --------
    >>> differs({**identity(), "version": "0"}).startswith("version ")
    True
    >>> differs(identity())
    """
    mine = identity()
    for name, value in wanted.items():
        if mine[name] != value:
            return f"{name} {mine[name]} where the sweep has {value}"
    return None
