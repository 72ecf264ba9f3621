"""Every registered design as a variant to test, and an index beside the table of its folios."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pagecache import designs
from pagecache.designs import Design
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

from .c_designs import built_example

BLOCKS = 24  # folios of the largest order that the frames of one test have room for
FILE_BLOCKS = 4  # blocks of the largest order that the file of one test has
ABSENT = 2**64 - 1
FREE_ALONE = {"pctrie-4k"}  # a lone page takes no memory: the file's own pointer names it


@pytest.fixture(scope="module")
def example() -> str:
    """The worked example, built."""
    path = built_example()
    if path is None:
        pytest.skip("no C compiler is installed")
    return path


@dataclass(frozen=True)
class Variant:
    """A design with the options it is tested under."""

    name: str
    huge_order: int = 9
    options: dict[str, str] = field(default_factory=dict)

    @property
    def design(self) -> Design:
        return designs.find(self.name)

    @property
    def free_alone(self) -> bool:
        return self.name in FREE_ALONE

    @property
    def orders(self) -> tuple[int, ...]:
        return self.design.orders_for(self.huge_order)

    @property
    def top(self) -> int:
        """Order of the blocks that its test file and frames are laid out in."""
        return max(*self.orders, self.huge_order)

    def cache(self) -> "Cache":
        return Cache(self)

    def __str__(self) -> str:
        huge = "1G" if self.huge_order == 18 else ""
        return " ".join(filter(None, (Path(self.name).name, huge, *self.options.values())))


class Cache:
    """One file's index, and the folio table that says what it is to hold.

    The table is a dict of first page -> (order, first frame).
    """

    def __init__(self, variant: Variant) -> None:
        self.top, self.pages = variant.top, FILE_BLOCKS << variant.top
        self.tails = variant.design.names_subpages
        self.frames = Frames(BLOCKS << variant.top)
        self.pool = variant.design.make_pool()
        self.index = variant.design.make(
            self.frames, self.pool, huge_order=variant.huge_order, **variant.options
        )
        self.empty_bytes = self.index.index_bytes
        self.batch = Batch([self.index])
        self.table: dict[int, tuple[int, int]] = {}
        self.made: list[int] = []

    def new_folio(self, order: int) -> int:
        """First frame of a fresh folio, at a place in its block that changes each time."""
        number = len(self.made)
        pfn = (number << self.top) + ((number << order) & ((1 << self.top) - 1))
        self.frames.make_folios(np.uint64([pfn]), np.uint8([order]), tails=self.tails)
        self.made.append(pfn)
        return pfn

    def overlaps(self, index: int, order: int) -> bool:
        end = index + (1 << order)
        return any(f < end and index < f + (1 << o) for f, (o, _) in self.table.items())

    def insert(self, index: int, order: int) -> None:
        pfn = self.new_folio(order)
        self.index.insert_folio(index, order, pfn)
        self.table[index] = (order, pfn)

    def fill(self, orders: tuple[int, ...]) -> None:
        """Cache folios of all the orders in turn, with holes between; a few blocks are left."""
        index = 0
        for k in range(BLOCKS - 4):
            order = orders[k % len(orders)]
            index = -(-index >> order) << order
            if index + (1 << order) > self.pages:
                return
            self.insert(index, order)
            index += (k % 3) << order
            index += 1 << order

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """(first page, first frame, pages) of each cached folio."""
        return ((index, pfn, 1 << order) for index, (order, pfn) in self.table.items())

    def expected_frames(self) -> np.ndarray:
        """For each page of the file its frame, all ones where nothing is cached."""
        frame = np.full(self.pages, ABSENT, np.uint64)
        for index, pfn, pages in self.runs():
            frame[index : index + pages] = np.arange(pfn, pfn + pages, dtype=np.uint64)
        return frame

    def check(self) -> None:
        """Hold everything that can be asked against the table."""
        self.index.check()
        assert self.index.pages == sum(pages for _, _, pages in self.runs())
        for index, pfn, pages in self.runs():
            found = map(self.index.frame, (index, index + pages // 2, index + pages - 1))
            assert list(found) == [pfn, pfn + pages // 2, pfn + pages - 1]
            assert self.frames.refcount(pfn) == 1 + pages
        for index in self.edges():
            assert self.index.frame(index) is None

    def check_empty(self) -> None:
        """Nothing may be left of what was cached: no entry, no memory, no reference."""
        assert self.index.is_empty
        assert (self.index.pages, self.index.index_bytes) == (0, self.empty_bytes)
        assert {self.frames.refcount(pfn) for pfn in self.made} <= {1}

    def edges(self) -> set[int]:
        """Pages beside folios that are not cached, and some far outside."""
        beside = {k for index, _, pages in self.runs() for k in (index - 1, index + pages)}
        far = {0, 63, 64, self.pages, 1 << 40, ABSENT}
        return {k for k in beside | far if 0 <= k <= ABSENT and not self.overlaps(k, 0)}


def slot_fills(name: str) -> list[dict[str, str]]:
    return [{}, {"fill": "per-slot"}] if "slots" in name else [{}]


def variants() -> list[Variant]:
    """Each design; hugetlb with both sizes of page, slots filled in both ways.

    A shared object that PAGECACHE_C_DESIGN names is one of them, and the example in C.
    """
    foreign = filter(None, (built_example(), os.environ.get("PAGECACHE_C_DESIGN")))
    return [
        Variant(name, order, options)
        for name in (*designs.names(), *foreign)
        for order in ((9, 18) if designs.find(name).family == "hugetlb" else (9,))
        for options in slot_fills(name)
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "variant" in metafunc.fixturenames:
        metafunc.parametrize("variant", variants(), ids=str)
