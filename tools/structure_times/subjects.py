"""What is measured: each structure, the XArray and the bare walk, in the state an operation needs.

Of each structure one is filled once, in order, and read.  For stores and erasures a new one is made
and filled in order first, and emptied before stores: so its pool has all nodes that are needed, and
records of pages lie in the order of their indices when they are erased.
"""

import ctypes
import subprocess
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from xarray_tables.rounds import timed

from benchmarks.arrays import SHAPES
from benchmarks.rivals import STRUCTURES
from pagecache import XArray
from pagecache.xarray.node import NodePool

EVENTS = 1 << 18  # loads of a round
FILLS = {"2 GiB of order 0": "2 GiB", "2 GiB of order 9": "2 GiB of order 9"}
MAKERS: dict[str, Any] = {
    "XArray": (lambda: XArray(pool=NodePool(6, huge=True)), "pagecache.xarray.timed.loops"),
    **STRUCTURES,
}
LARGE_FOLIOS = ("XArray", "radix", "maple", "maple without RCU mode", "maple proposal")


class Subject:
    """One structure under one fill."""

    def __init__(self, name: str, fill: str, seed: int = 1) -> None:
        make, loops = MAKERS[name]
        shape, rng = SHAPES[FILLS[fill]], np.random.default_rng(seed)
        self.loops: Any = import_module(loops)
        self.order, self.indices = shape.order, shape.indices(rng)
        self.shuffled = rng.permutation(self.indices)
        inside = np.uint64((1 << shape.order) - 1)
        self.random = rng.choice(self.indices, EVENTS)
        self.ascending = np.sort(self.random) if len(self.indices) < EVENTS else self.indices
        if shape.order:  # any page of a folio, not its first alone
            self.random = self.random + rng.integers(0, int(inside) + 1, EVENTS, dtype=np.uint64)
        self.make, self.read, self.changed = make, make(), make()
        self.fill(self.read, self.indices)

    def fill(self, tree: Any, indices: Any) -> None:
        assert self.loops.store_each(tree, indices, self.order) == len(indices)

    def erase(self, tree: Any, indices: Any) -> None:
        assert self.loops.erase_each(tree, indices) == len(indices)

    def measure(self, operation: str) -> float:
        """ns an operation."""
        tree, loops = self.read, self.loops
        match operation:
            case "load random (unchained)":
                return timed(lambda: loops.load_each(tree, self.random)) / EVENTS
            case "load random (chained)":
                return timed(lambda: loops.load_chained(tree, self.random)) / EVENTS
            case "load ascending":
                run = timed(lambda: loops.load_each(tree, self.ascending))
                return run / len(self.ascending)
            case "iterate":
                assert loops.iterate(tree) == len(self.indices)
                return timed(lambda: loops.iterate(tree)) / len(self.indices)
        return self.change(operation) / len(self.indices)

    def change(self, operation: str) -> float:
        """ns of all stores or erasures, each after what it begins with."""
        verb, how = operation.split()[:2]
        order = self.indices if how == "ascending" else self.shuffled

        def prepare() -> None:
            self.changed = self.make()
            self.fill(self.changed, self.indices)
            if verb == "store":
                self.changed.destroy()

        run = self.fill if verb == "store" else self.erase
        return timed(lambda: run(self.changed, order), prepare)


class Walker:
    """The bare walk of one fill's pages."""

    def __init__(self, pages: int, seed: int = 1) -> None:
        self.pages = pages
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "walker.so"
            source = Path(__file__).with_name("walker.c")
            subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", path, source], check=True)
            self.code = ctypes.CDLL(str(path))
        self.code.walker_load.restype = ctypes.c_uint64
        if not self.code.walker_begin(ctypes.c_uint64(pages)):
            raise MemoryError(f"no room to walk {pages} pages")
        self.random = np.random.default_rng(seed).integers(0, pages, EVENTS, dtype=np.uint64)
        self.ascending = np.arange(pages, dtype=np.uint64)
        self.fill()

    def fill(self) -> None:
        self.code.walker_fill(ctypes.c_uint64(self.pages))

    def load(self, indices: Any) -> int:
        start = indices.ctypes.data_as(ctypes.c_void_p)
        return int(self.code.walker_load(start, ctypes.c_size_t(len(indices))))

    def measure(self, operation: str) -> float:
        """ns an operation."""
        if operation == "store ascending":
            return timed(self.fill) / self.pages
        indices = self.random if operation == "load random (unchained)" else self.ascending
        return timed(lambda: self.load(indices)) / len(indices)
