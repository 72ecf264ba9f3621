"""Designs in shared objects: one is described by a process of its own, so that none ends this one.

A path instead of a name, ``./mine.so``, asks for one: whatever has a slash in it or ends in .so.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from pagecache.apart import ending
from pagecache.designs import c_header
from pagecache.designs.c_design import CDesign
from pagecache.designs.contract import PageIndex
from pagecache.errors import InputError

SECONDS = 20  # for a shared object to be loaded and described


def include() -> str:
    """The folder of pagecache_design.h, for a compiler's -I.

    Examples
    --------
    >>> import pagecache as pc
    >>> "pagecache_design.h" in os.listdir(pc.designs.include())
    True
    """
    return str(Path(__file__).parents[1] / "include")


def is_path(name: str) -> bool:
    """Whether a design's name is the path of a shared object.

    Examples
    --------
    >>> is_path("./mine.so"), is_path("thp-multi")
    (True, False)
    """
    return os.sep in name or name.endswith(".so")


@cache
def fields_of(name: str, written: int) -> dict[str, Any]:
    """The fields of a `Design` for the shared object at a path, as it was `written` (ns)."""
    said = ask(name)
    own = {
        "library": os.path.abspath(name),
        "provides": frozenset(said["provides"]),
        "needs_struct_pages": said["needs_struct_pages"],
        "__doc__": said["summary"],
    }
    if not said["tells_walk"]:
        own["walk"] = PageIndex.walk
    layout = type(Path(name).stem, (CDesign,), own)
    return {
        "name": name,
        "layout": layout,
        "family": "thp" if len(said["orders"]) > 1 else "base",
        "summary": said["summary"],
        "limits": f"Loaded from {name}.",
        "orders": tuple(said["orders"]),
        "folio_bytes": said["folio_bytes"],
    }


def find(name: str) -> dict[str, Any]:
    """The same as it is now; InputError says why it cannot be used."""
    try:
        written = os.stat(name).st_mtime_ns
    except OSError as error:
        raise InputError(f"design {name}: {error.strerror}; build it first") from None
    return fields_of(name, written)


def ask(name: str) -> dict[str, Any]:
    """What a process that loads it says."""
    command = [sys.executable, "-I", "-S", c_header.__file__, os.path.abspath(name)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise InputError(f"design {name}: it was not loaded within {SECONDS} s") from None
    if ran.returncode:
        raise InputError(f"design {name}: it crashed when it was loaded ({ending(ran.returncode)})")
    said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    if "wrong" in said:
        raise InputError(f"design {name}: {said['wrong']}")
    return said
