"""What all suites share: lists, settings, and what a design is built into.

Designs and policies are those of the registries, so that a new one is benchmarked; asv keeps
results by these names.
"""

import os
import time
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.designs import Design
from pagecache.errors import InputError
from pagecache.inputs import Folios, Input, Trace, bundled_path, generate, read_trace
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames
from pagecache.replaying.fitting import assign_frames, fit

DESIGNS = tuple(design.name for design in designs.BUILT_IN)
TRACES = ("sha256sum_400mb", "python_import_numpy")

TWO_GIB = 1 << 19  # pages
GIB_ORDER = 18
HUGE_ORDER = 9
# 2^18 lookups: over a millisecond of the fastest loop, and 32 for each of the 8,192 leaves that
# 2 GiB of 4 KiB entries have.
EVENTS = 1 << 18
SEED = 1


@cache
def trace(name: str) -> Trace:
    """A trace that comes with the package, read once a process."""
    return read_trace(bundled_path(name))


class Source(NamedTuple):
    """How an input is made, and the one order that all its folios must have, if any."""

    make: Callable[[], Input]
    forced: int | None = None

    @property
    def huge_order(self) -> int:
        return GIB_ORDER if self.forced == GIB_ORDER else HUGE_ORDER


SOURCES = {
    "2 GiB": Source(lambda: generate("sequential", TWO_GIB)),
    "2 GiB uniform": Source(lambda: generate("uniform", TWO_GIB)),
    "2 GiB sequential": Source(lambda: generate("sequential", TWO_GIB)),
    "2 GiB in 1 GiB pages": Source(lambda: generate("uniform", TWO_GIB, GIB_ORDER), GIB_ORDER),
    "sha256sum_400mb": Source(lambda: trace("sha256sum_400mb").input()),
    "sha256sum_400mb at order 4": Source(lambda: trace("sha256sum_400mb").input().at_order(4), 4),
}
INPUTS = (  # of lookups
    "2 GiB uniform",
    "2 GiB sequential",
    "sha256sum_400mb",
    "sha256sum_400mb at order 4",
)
HUGE_INPUTS = ("2 GiB uniform", "2 GiB in 1 GiB pages")  # whose folios are huge pages
FILLS = ("2 GiB", "sha256sum_400mb")  # of what depends on the folios alone
COUNTED_FILLS = (*FILLS, "2 GiB in 1 GiB pages", "sha256sum_400mb at order 4")


# What `asv run` measures: few cells that answer the README's questions. All of the grids:
# PAGECACHE_BENCHMARKS=all asv run ...
ALL = os.environ.get("PAGECACHE_BENCHMARKS") == "all"
FEW = {
    "hugetlb-huge",
    "hugetlb-4k-slots",
    "hugetlb-4k-multi",
    "2 GiB uniform",
    "2 GiB",
    "cas",
    "none",
    "1 thread",
    "2 threads",
}


def few(axes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of each axis the values of `FEW`, or its first if none of them is there.

    Examples
    --------
    >>> few((("base-4k", "hugetlb-huge"), ("0 %", "80 %")))
    (('hugetlb-huge',), ('0 %',))
    """
    return tuple(tuple(value for value in axis if value in FEW) or axis[:1] for axis in axes)


class Benchmark:
    """Settings under which two runs of one commit agreed within a few per cent.

    CPU time and four rounds, as neighbours are busy; a warm-up, as the first samples are cold.
    """

    def __init_subclass__(cls) -> None:
        if not ALL and cls.params:
            cls.params = few(cls.params)

    rounds = 4
    repeat: tuple[int, int, float] = (5, 20, 3.0)
    sample_time = 0.02
    warmup_time = 0.2
    timer = time.process_time
    timeout = 120
    params: Any = (DESIGNS, INPUTS)
    param_names: tuple[str, ...] = ("design", "input")


class Built:
    """A design, filled with an input's folios as it would hold them; the accesses to it.

    Raises
    ------
    NotImplementedError
        The design does not take the order that the input forces; says which it takes.
    """

    def __init__(self, named: str | Design, source: Source) -> None:
        design = designs.find(named) if isinstance(named, str) else named
        made = source.make()
        self.huge_order = source.huge_order
        self.folios = fitted(design, made.folios, source)
        self.pfn, count = assign_frames(self.folios.order)
        self.frames, self.pool = Frames(count), design.make_pool(huge=True)
        self.frames.make_folios(self.pfn, self.folios.order, tails=design.names_subpages)
        self.indexes = [
            design.make(self.frames, self.pool, huge_order=self.huge_order)
            for _ in self.folios.files
        ]
        self.batch = Batch(self.indexes)
        self.file, self.index = made.draw(np.random.default_rng(SEED), EVENTS)
        self.fill()

    def fill(self) -> None:
        folios = self.folios
        self.batch.populate(folios.file, folios.index, folios.order, self.pfn)

    def empty(self) -> None:
        self.batch.truncate()

    def check(self) -> None:
        """AssertionError unless every access is answered with the frame of its page."""
        expected = frame_sum(self.folios, self.pfn, self.file, self.index)
        assert self.batch.get(self.file, self.index) == expected, "a design answers wrong"


def fitted(design: Design, folios: Folios, source: Source) -> Folios:
    """The folios as `design` holds them; NotImplementedError says why it cannot."""
    if source.forced is not None:
        try:
            designs.check_order(design, source.forced, source.huge_order)
        except InputError as error:
            raise NotImplementedError(str(error)) from None
    return fit(design, folios, huge_order=source.huge_order)


def frame_sum(
    folios: Folios, pfn: NDArray[np.uint64], file: NDArray[np.uint32], index: NDArray[np.uint64]
) -> int:
    """The sum of the frames of these pages modulo 2**64, found without any index."""
    bits = np.uint64(44)  # indices below it, file numbers above
    key = folios.file.astype(np.uint64) << bits | folios.index
    place = np.argsort(key, kind="stable")
    wanted = file.astype(np.uint64) << bits | index
    row = place[np.searchsorted(key, wanted, "right", sorter=place) - 1]
    return int((pfn[row] + (index - folios.index[row])).sum(dtype=np.uint64))


@cache
def shared(design: str, source: str) -> Built:
    """What suites that only read share: built once a process, its answers checked.

    In a module-level cache and not by setup(): asv calls that before each sample, which would then
    find nothing in the caches.
    """
    built = Built(design, SOURCES[source])
    built.check()
    return built
