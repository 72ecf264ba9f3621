"""The XArray itself: single calls in a compiled loop, batches, and memory's own limits.

A loop's body is 2**18 events or one pass over all entries; divide by their number for one:
524,288 and 16,777,216 (2 and 64 GiB), 1,024 and 32,768 (of order 9), 262,144 (a page in 64).
Pages of the nodes are huge where the kernel grants it: `track_huge_page_share` is 1 if all are.
"""

from functools import cache
from typing import Any

from pagecache.xarray.timed import loops

from .arrays import Limits, own, read_only
from .common import Benchmark
from .insertion import Once

SHAPES = (
    "2 GiB",
    "64 GiB",
    "2 GiB of order 9",
    "64 GiB of order 9",
    "64 GiB, a page in 64",
)
EXTRACTED = 1 << 20  # entries at most


class Reading(Benchmark):
    params: Any = (SHAPES,)
    param_names = ("shape",)

    def setup(self, shape: str) -> None:
        self.read = read_only(shape)
        self.xa = self.read.held.xa


class Load(Reading):
    """How long does it take to find 2**18 pages?"""

    def time_each_random(self, shape: str) -> None:
        loops.load_each(self.xa, self.read.random)

    def time_each_sequential(self, shape: str) -> None:
        loops.load_each(self.xa, self.read.sequential)

    def time_batch_random(self, shape: str) -> None:
        self.xa.load_many(self.read.random)

    def time_batch_sequential(self, shape: str) -> None:
        self.xa.load_many(self.read.sequential)


class Walk(Reading):
    """How long does it take to visit all entries, or (in a batch) the first 2**20?"""

    def time_each(self, shape: str) -> None:
        loops.iterate(self.xa)

    def time_each_marked(self, shape: str) -> None:
        loops.iterate_marked(self.xa)

    def time_batch(self, shape: str) -> None:
        self.xa.extract(limit=EXTRACTED)

    def time_batch_marked(self, shape: str) -> None:
        self.xa.extract(limit=EXTRACTED, mark=0)


class Memory(Reading):
    """What do the nodes take, and what backs them?"""

    def track_node_bytes_per_entry(self, shape: str) -> float:
        return self.xa.node_bytes / len(self.read.held.indices)

    def track_huge_page_share(self, shape: str) -> float:
        return self.read.held.huge_page_share


class Changing(Once):
    params: Any = (SHAPES,)
    param_names = ("shape",)

    def setup(self, shape: str) -> None:
        self.held = own(shape)
        self.xa, self.order = self.held.xa, self.held.shape.order
        self.indices = self.held.indices
        self.held.empty()


class Store(Changing):
    """How long does it take to store all entries in order, into nodes that the pool has?"""

    def time_each(self, shape: str) -> None:
        loops.store_each(self.xa, self.indices, self.order)

    def time_batch(self, shape: str) -> None:
        self.xa.store_many(self.indices, self.indices, self.order)


class StoreRandom(Changing):
    """How long does it take to store all entries in a random order?"""

    def setup(self, shape: str) -> None:
        super().setup(shape)
        self.shuffled = self.held.shuffled

    def time_each(self, shape: str) -> None:
        loops.store_each(self.xa, self.shuffled, self.order)

    def time_batch(self, shape: str) -> None:
        self.xa.store_many(self.shuffled, self.shuffled, self.order)


class Erase(Changing):
    """How long does it take to erase all entries in order?"""

    def setup(self, shape: str) -> None:
        super().setup(shape)
        self.held.fill()

    def time_each(self, shape: str) -> None:
        loops.erase_each(self.xa, self.indices)

    def time_batch(self, shape: str) -> None:
        self.xa.erase_many(self.indices)


class Mark(Erase):
    """How long does it take to mark all entries in order?"""

    def time_each(self, shape: str) -> None:
        loops.mark_each(self.xa, self.indices)

    def time_batch(self, shape: str) -> None:
        self.held.mark(on=True)


@cache
def limits(shape: str) -> Limits:
    return Limits(read_only(shape).held.xa.node_bytes)


class MachineLimits(Benchmark):
    """What does memory take for 2**18 reads from as many bytes, and for all of them in order?"""

    params: Any = (("2 GiB", "64 GiB"),)
    param_names = ("shape",)

    def setup(self, shape: str) -> None:
        self.limits = limits(shape)

    def time_dependent_reads(self, shape: str) -> None:
        loops.chase(self.limits.words, self.limits.steps)

    def time_independent_reads(self, shape: str) -> None:
        loops.gather(self.limits.words, self.limits.places)

    def time_streaming(self, shape: str) -> None:
        loops.stream(self.limits.words)
