"""struct page: what a layout costs a lookup, and a guard a mapping.

A body of lookups is one batch of 2**18 events, chained, so divide by 262,144 for one; so is a
body of mappings.  All layouts run the same code except for the offsets of their fields.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.designs import struct_page_layouts
from pagecache.measure.loops import Batch
from pagecache.page.mapcount import MappedPage
from pagecache.page.struct_pages import StructPages
from pagecache.replaying.fitting import assign_frames

from . import common
from .common import DESIGNS, SOURCES, Benchmark, fitted, frame_sum

LAYOUTS = ("before-2018", "after-2018", "folio")
GUARDS = ("none", "kill", "saturate", "leak", "refuse")
INPUT = "2 GiB uniform"
SAMPLE = 4096  # events of which the lines are counted


class Laid:
    """A design's lookups over struct pages of a layout, filled with the input's folios."""

    def __init__(self, name: str, layout: str, by_page: bool) -> None:
        design, made = designs.find(name), SOURCES[INPUT].make()
        if not design.on_xarray:
            raise NotImplementedError(f"{name} is no XArray; the layouts are for those alone")
        self.folios = fitted(design, made.folios, SOURCES[INPUT])
        self.pfn, count = assign_frames(self.folios.order)
        self.pages, self.pool = StructPages(count, layout), design.make_pool(huge=True)
        self.pages.make_folios(self.pfn, self.folios.order)
        self.indexes = [
            struct_page_layouts.make(design, self.pages, self.pool, by_page=by_page)
            for _ in self.folios.files
        ]
        self.batch = Batch(self.indexes)
        folios = self.folios
        self.batch.populate(folios.file, folios.index, folios.order, self.pfn)
        self.file, self.index = made.draw(np.random.default_rng(common.SEED), common.EVENTS)
        self.check()

    def check(self) -> None:
        """AssertionError unless every access is answered with the frame of its page."""
        expected = frame_sum(self.folios, self.pfn, self.file, self.index)
        assert self.batch.get(self.file, self.index) == expected, "a layout answers wrong"

    @property
    def sample(self) -> list[tuple[int, int]]:
        """(file, index) of some events."""
        pairs: NDArray[np.uint64] = np.stack([self.file[:SAMPLE], self.index[:SAMPLE]], axis=1)
        return [(int(file), int(index)) for file, index in pairs]

    def mean_lines(self) -> float:
        return float(np.mean([self.indexes[f].lines(index) for f, index in self.sample]))

    def mean_lines_read(self) -> float:
        return float(np.mean([self.indexes[f].lines_read(index) for f, index in self.sample]))


@cache
def laid(design: str, layout: str, by_page: bool = False) -> Laid:
    return Laid(design, layout, by_page)


class Get(Benchmark):
    """What does a layout cost a lookup?"""

    params = (DESIGNS, LAYOUTS)
    param_names = ("design", "layout")

    def setup(self, design: str, layout: str) -> None:
        self.laid = laid(design, layout)

    def time_get(self, design: str, layout: str) -> None:
        self.laid.batch.get(self.laid.file, self.laid.index)

    def time_read_128k(self, design: str, layout: str) -> None:
        self.laid.batch.read(self.laid.file, self.laid.index)

    def track_lines_get(self, design: str, layout: str) -> float:
        return self.laid.mean_lines()

    def track_lines_read_128k(self, design: str, layout: str) -> float:
        return self.laid.mean_lines_read()

    track_lines_get.unit = "lines"  # type: ignore[attr-defined]
    track_lines_read_128k.unit = "lines"  # type: ignore[attr-defined]


class GetByPage(Benchmark):
    """The same where each step after the lookup finds the head again, as before folios."""

    params = (DESIGNS, LAYOUTS)
    param_names = ("design", "layout")

    def setup(self, design: str, layout: str) -> None:
        self.laid = laid(design, layout, by_page=True)

    def time_get(self, design: str, layout: str) -> None:
        self.laid.batch.get(self.laid.file, self.laid.index)

    def track_lines_get(self, design: str, layout: str) -> float:
        return self.laid.mean_lines()

    track_lines_get.unit = "lines"  # type: ignore[attr-defined]


class Mapping(Benchmark):
    """What does a guard cost each mapping (and unmapping) of a page that nobody attacks?"""

    params = (GUARDS,)
    param_names = ("guard",)

    def setup(self, guard: str) -> None:
        self.page = mapped_page(guard)

    def time_map_and_unmap(self, guard: str) -> None:
        self.page.churn(0, common.EVENTS)


@cache
def mapped_page(guard: str) -> MappedPage:
    """A page at full width that is mapped a few times already."""
    page = MappedPage(guard, width=32, processes=8)
    for process in range(8):
        page.map_many(process, 3)
    return page
