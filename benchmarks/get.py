"""Lookups: each body is one batch of 2**18 events, chained, so divide by 262,144 for one."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pagecache.measure.loops import Batch, NullIndex

from . import common
from .common import DESIGNS, HUGE_INPUTS, Benchmark, shared


class Lookup(Benchmark):
    """How long does a caller look for a page?"""

    def setup(self, design: str, source: str) -> None:
        self.built = shared(design, source)

    def time_get(self, design: str, source: str) -> None:
        self.built.batch.get(self.built.file, self.built.index)

    def time_index_load(self, design: str, source: str) -> None:
        self.built.batch.load(self.built.file, self.built.index)

    def time_read_128k(self, design: str, source: str) -> None:
        self.built.batch.read(self.built.file, self.built.index)

    def time_fault_around(self, design: str, source: str) -> None:
        self.built.batch.fault_around(self.built.file, self.built.index)


class HugeFault(Benchmark):
    """How long does a fault look for a huge page, where every folio is one?"""

    params = (DESIGNS, HUGE_INPUTS)

    def setup(self, design: str, source: str) -> None:
        self.built = shared(design, source)
        order, orders = self.built.huge_order, sorted(self.built.folios.order_set())
        if orders != [order]:
            raise NotImplementedError(
                f"{design} holds folios of orders {orders} here; a huge fault needs {order} alone"
            )
        self.huge_index = self.built.index >> np.uint64(order)

    def time_huge_fault(self, design: str, source: str) -> None:
        self.built.batch.huge_fault(self.built.file, self.huge_index)


class Harness(Benchmark):
    """How much of each lookup is the loop itself?  The floor of all the others."""

    params: tuple[str, ...] = ()
    param_names: tuple[str, ...] = ()

    def time_loop_round_nothing(self) -> None:
        batch, file, index = nothing()
        batch.get(file, index)


@cache
def nothing() -> tuple[Batch, NDArray[np.uint32], NDArray[np.uint64]]:
    """A batch with the empty index, and zeros to look up in it."""
    zeros = np.zeros(common.EVENTS, np.uint32)
    return Batch([NullIndex()]), zeros, zeros.astype(np.uint64)
