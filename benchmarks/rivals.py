"""Other structures than the XArray, called alike: one plain call an event, in a compiled loop.

A body is 2**18 events or one pass over all entries.  The XArray's own rows, in the same shapes,
are in `xarray`; ratios are made between rows of one run.
"""

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from pagecache.structures.maple.maple import MapleTree
from pagecache.structures.maple_proposal.proposal import ProposalTree
from pagecache.structures.page_hash.page_hash import PageHash
from pagecache.structures.pctrie.pctrie import PcTrie
from pagecache.structures.pool import Pool
from pagecache.structures.radix.radix import RadixTree

from . import common
from .arrays import SHAPES, Indices, Shape
from .common import Benchmark
from .insertion import Once

STRUCTURES: dict[str, Any] = {
    "maple": (lambda: MapleTree(pool=Pool(256, 8, huge=True)), "pagecache.structures.maple.loops"),
    "maple without RCU mode": (
        lambda: MapleTree(rcu=False, pool=Pool(256, 8, huge=True)),
        "pagecache.structures.maple.loops",
    ),
    "maple proposal": (
        lambda: ProposalTree(pool=Pool(256, 8, huge=True)),
        "pagecache.structures.maple_proposal.loops",
    ),
    "radix": (lambda: RadixTree(pool=Pool(576, 24, huge=True)), "pagecache.structures.radix.loops"),
    "pctrie": (lambda: PcTrie(pool=Pool(152, 16, huge=True)), "pagecache.structures.pctrie.loops"),
    "page hash": (lambda: PageHash(1 << 19), "pagecache.structures.page_hash.loops"),
}
TIMED = ("2 GiB", "2 GiB of order 9")


class Held:
    """One structure of its own pool, filled with a shape."""

    def __init__(self, structure: str, shape: Shape) -> None:
        make, loops = STRUCTURES[structure]
        self.loops: Any = import_module(loops)
        self.tree, self.shape = make(), shape
        rng = np.random.default_rng(common.SEED)
        self.indices: Indices = shape.indices(rng)
        self.shuffled: Indices = rng.permutation(self.indices)
        self.random: Indices = rng.choice(self.indices, common.EVENTS)
        self.fill()

    def fill(self) -> None:
        stored = self.loops.store_each(self.tree, self.indices, self.shape.order)
        assert stored == len(self.indices)


@cache
def read_only(structure: str, shape: str) -> Held:
    """Built once a process: not in setup(), which asv calls before each sample."""
    return Held(structure, SHAPES[shape])


@cache
def own(structure: str, shape: str) -> Held:
    """For bodies that change it."""
    return Held(structure, SHAPES[shape])


class Load(Benchmark):
    """How long does it take to find 2**18 pages, and to visit all entries?"""

    params: Any = (tuple(STRUCTURES), TIMED)
    param_names = ("structure", "shape")

    def setup(self, structure: str, shape: str) -> None:
        self.held = read_only(structure, shape)

    def time_each_random(self, structure: str, shape: str) -> None:
        self.held.loops.load_each(self.held.tree, self.held.random)

    def time_each_chained(self, structure: str, shape: str) -> None:
        self.held.loops.load_chained(self.held.tree, self.held.random)

    def time_iterate(self, structure: str, shape: str) -> None:
        self.held.loops.iterate(self.held.tree)

    def track_node_bytes_per_entry(self, structure: str, shape: str) -> float:
        return float(self.held.tree.node_bytes / len(self.held.indices))


class Store(Once):
    """How long does it take to store all entries, into nodes that the pool has?"""

    params: Any = (tuple(STRUCTURES), TIMED)
    param_names = ("structure", "shape")

    def setup(self, structure: str, shape: str) -> None:
        self.held = own(structure, shape)
        self.held.tree.destroy()

    def time_in_order(self, structure: str, shape: str) -> None:
        self.held.loops.store_each(self.held.tree, self.held.indices, self.held.shape.order)

    def time_random(self, structure: str, shape: str) -> None:
        self.held.loops.store_each(self.held.tree, self.held.shuffled, self.held.shape.order)


class Erase(Store):
    """How long does it take to erase all entries?"""

    def setup(self, structure: str, shape: str) -> None:
        super().setup(structure, shape)
        self.held.fill()

    def time_in_order(self, structure: str, shape: str) -> None:
        self.held.loops.erase_each(self.held.tree, self.held.indices)

    def time_random(self, structure: str, shape: str) -> None:
        self.held.loops.erase_each(self.held.tree, self.held.shuffled)
