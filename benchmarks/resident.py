"""By how many bytes a process grows when it makes a structure and nothing else.

Resident memory of a fresh process, before and after; what was needed on the way is given back.
Structures of Python objects are filled one by one from ranges, so that the ints that they keep
alive are theirs alone.
"""

import contextlib
import ctypes
import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from .structures import BASE, STRUCTURES, Keys

# The checkout comes last: an installed package is the one to measure.
CODE = "import sys; sys.path.append(sys.argv[1]); from benchmarks import resident; resident.main()"


def resident_bytes(name: str, entries: int) -> int:
    """Bytes that a structure of a number of entries takes, found in a process of its own."""
    root = str(Path(__file__).parents[1])
    command = [sys.executable, "-P", "-c", CODE, root, name, str(entries)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    print(grown(sys.argv[2], int(sys.argv[3])))


def grown(name: str, entries: int) -> int:
    """The growth of this process."""
    filled(name, 1000)  # whatever is made once
    before = resident()
    held = filled(name, entries)
    after = resident()
    assert held is not None
    return after - before


def filled(name: str, entries: int) -> Any:
    structure = STRUCTURES[name]
    if structure.takes_arrays:
        return structure.fill(Keys(np.arange(entries, dtype=np.uint64)))
    made = structure.type()
    for key in range(entries):
        made[key] = key + BASE
    return made


def resident() -> int:
    gc.collect()
    with contextlib.suppress(AttributeError):  # a libc without it keeps less, too
        ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss)
