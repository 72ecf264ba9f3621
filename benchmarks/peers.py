"""The XArray beside what a Python user has: called from Python, values compared beforehand.

Divide by the number of entries (524,288 or 4,194,304), loads by 262,144.  See structures.py for
what each does; `tools/xarray-tables` has them side by side in one run.
"""

from functools import cache
from typing import Any

import numpy as np

from . import common
from .common import Benchmark
from .insertion import Once
from .resident import resident_bytes
from .structures import STRUCTURES, Keys

NAMES = ("XArray", "dict", "SortedDict", "LLBTree", "judy", "expanse-trie", "numpy")
SIZES = {"512 Ki": 1 << 19, "4 Mi": 1 << 22}


@cache
def all_keys(size: str) -> Keys:
    return Keys(np.arange(SIZES[size], dtype=np.uint64))


class Held:
    """A filled structure, and random keys to read."""

    def __init__(self, name: str, size: str) -> None:
        structure = STRUCTURES[name]
        self.it = structure.fill(all_keys(size))
        rng = np.random.default_rng(common.SEED)
        self.keys = Keys(rng.integers(0, SIZES[size], common.EVENTS, dtype=np.uint64))
        structure.check(self.it, self.keys)


held = cache(Held)


class Holding(Benchmark):
    params: Any = (NAMES, tuple(SIZES))
    param_names = ("structure", "entries")

    def setup(self, name: str, size: str) -> None:
        self.structure = STRUCTURES[name]
        self.structure.need(name)
        self.held = held(name, size)


class Load(Holding):
    """How long does it take to read 2**18 random keys?"""

    def time_bulk(self, name: str, size: str) -> None:
        self.structure.reads[-1](self.held.it, self.held.keys)

    def time_each(self, name: str, size: str) -> None:
        self.structure.get(self.held.it, self.held.keys.key_list)


class Iteration(Holding):
    """How long does it take to visit all, one by one?"""

    params: Any = (NAMES, ("512 Ki",))

    def time_iterate(self, name: str, size: str) -> None:
        self.structure.visit(self.held.it)


class Filling(Once):
    """How long does it take to make one with all keys, in order?"""

    params: Any = (NAMES, tuple(SIZES))
    param_names = ("structure", "entries")

    def setup(self, name: str, size: str) -> None:
        self.structure = STRUCTURES[name]
        self.structure.need(name)
        self.keys = all_keys(size)
        if not self.structure.takes_arrays:
            self.keys.make_lists()  # here and not in the body

    def time_store_bulk(self, name: str, size: str) -> None:
        self.structure.fill(self.keys)


class Memory(Benchmark):
    """By how much does a fresh process grow when it makes one?"""

    params: Any = (NAMES, tuple(SIZES))
    param_names = ("structure", "entries")
    unit = "bytes/entry"

    def setup(self, name: str, size: str) -> None:
        STRUCTURES[name].need(name)

    def track_resident_bytes_per_entry(self, name: str, size: str) -> float:
        return resident_bytes(name, SIZES[size]) / SIZES[size]
