"""XArrays to measure: shapes of what is stored, an array of each, and what memory can do at most.

A shape is a file of which some pages are stored: all (*dense*), one at a random place in each
stretch of equal length (*sparse*), or all in entries of one order (*multi-index*).  An entry's
value is its first index, so that the sum of what loads give can be told without the array.

Nodes come from a pool that asks for huge pages from its first chunk on; how many the kernel granted
is read back from /proc/self/smaps.
"""

from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pagecache import XArray
from pagecache.measure.conditions import huge_page_share
from pagecache.xarray.node import NodePool
from pagecache.xarray.timed.loops import load_each

from . import common

Indices = NDArray[np.uint64]

LINE = 8  # words: 64 bytes


class Shape(NamedTuple):
    """What is stored: entries of `order` in `pages`, one in each stretch of `one_in`."""

    pages: int
    order: int = 0
    one_in: int = 1

    def indices(self, rng: np.random.Generator) -> Indices:
        """The first index of each entry, ascending."""
        step = self.one_in << self.order
        first = np.arange(0, self.pages, step, dtype=np.uint64)
        if self.one_in == 1:
            return first
        return first + rng.integers(0, self.one_in, len(first), dtype=np.uint64)


SHAPES = {
    "2 GiB": Shape(1 << 19),
    "64 GiB": Shape(1 << 24),
    "2 GiB of order 9": Shape(1 << 19, 9),
    "64 GiB of order 9": Shape(1 << 24, 9),
    "64 GiB, a page in 64": Shape(1 << 24, 0, 64),
}


class Filled:
    """An array of its own pool, filled with a shape.

    Attributes
    ----------
    indices : uint64 array of shape (entries,)
        The first index of each entry, ascending.
    """

    def __init__(self, shape: Shape, chunk_shift: int = 6) -> None:
        self.shape, self.rng = shape, np.random.default_rng(common.SEED)
        self.pool = NodePool(chunk_shift, huge=True)
        self.xa = XArray(pool=self.pool)
        self.indices = shape.indices(self.rng)
        self.fill()

    def fill(self) -> None:
        self.xa.store_many(self.indices, self.indices, self.shape.order)

    def empty(self) -> None:
        """The pool keeps the nodes: no page faults at the next filling."""
        self.xa.destroy()

    def mark(self, on: bool) -> None:
        self.xa.mark_range(0, self.shape.pages - 1, 0, on=on)

    @cached_property
    def shuffled(self) -> Indices:
        return self.rng.permutation(self.indices)

    def random(self, events: int) -> Indices:
        """`events` stored pages, drawn again at each call."""
        first = self.rng.choice(self.indices, events)
        return first + self.rng.integers(0, 1 << self.shape.order, events, dtype=np.uint64)

    def sequential(self, events: int) -> Indices:
        """`events` stored pages in order, from the first on and once more where they end."""
        step = np.uint64(1 << self.shape.order)
        at = np.arange(events, dtype=np.uint64) % np.uint64(len(self.indices) << self.shape.order)
        return self.indices[at // step] + at % step

    def check(self, pages: Indices) -> None:
        """AssertionError unless these pages are answered with the first index of their entry."""
        order = np.uint64(self.shape.order)
        heads = pages >> order << order
        assert load_each(self.xa, pages) == int((2 * heads + 1).sum(dtype=np.uint64))
        assert np.array_equal(self.xa.load_many(pages), heads), "a batch answers otherwise"

    @property
    def huge_page_share(self) -> float:
        """The share of the nodes' resident memory that lies in huge pages."""
        return huge_page_share(self.pool.ranges())


class Read:
    """What loops that only read share: a filled and marked array, and pages to look up."""

    def __init__(self, shape: Shape) -> None:
        self.held = Filled(shape)
        self.held.mark(on=True)
        self.random = self.held.random(common.EVENTS)
        self.sequential = self.held.sequential(common.EVENTS)
        self.held.check(self.random)
        self.held.check(self.sequential)


@cache
def read_only(shape: str) -> Read:
    """Built once a process: not in setup(), which asv calls before each sample."""
    return Read(SHAPES[shape])


@cache
def own(shape: str) -> Filled:
    """For bodies that change it."""
    return Filled(SHAPES[shape])


class Limits:
    """As many bytes as some nodes take, read in the ways that memory allows.

    numpy asks for huge pages for arrays of this size, as the pool does for nodes.
    """

    def __init__(self, size: int) -> None:
        lines = size // 64
        rng = np.random.default_rng(common.SEED)
        order = rng.permutation(lines).astype(np.uint64) * np.uint64(LINE)
        self.words = np.zeros(lines * LINE, np.uint64)
        self.words[order] = np.roll(order, -1)  # one ring through all lines, a word in each
        self.steps = common.EVENTS
        self.places = rng.choice(order, self.steps)

    @property
    def huge_page_share(self) -> float:
        return huge_page_share([(self.words.ctypes.data, self.words.nbytes)])
