"""Truncate and punch through a mapping, folios and frames included."""

import numpy as np

import pagecache as pc

from .common import Benchmark

DESIGNS = ("base-4k", "thp-slots-subpage", "thp-slots-head", "thp-multi")
SPLITS = ("non-uniform", "uniform")
SIZE = 256 << 20


class Filled(Benchmark):
    """A cached file of 256 MiB, in folios as large as the design takes up to 2 MiB."""

    number = 1
    warmup_time = 0.0
    params = (DESIGNS, SPLITS)
    param_names = ("design", "split")

    def setup(self, design: str, split: str) -> None:
        file = pc.File(SIZE, prefer_order=9)
        self.mapping = pc.Mapping(design, file=file, non_uniform_split=split == "non-uniform")
        self.mapping.read(0, SIZE)
        self.regions = np.arange(0, SIZE >> 12, 512, dtype=np.uint64)


class Truncate(Filled):
    """How long does it take to truncate it?"""

    def time_truncate(self, design: str, split: str) -> None:
        self.mapping.truncate(0)


class Punch(Filled):
    """How long does it take to punch one page out of every 2 MiB, and what nodes are there then?"""

    def punch(self) -> None:
        ones = np.ones(len(self.regions), np.uint64)
        self.mapping.run(["punch"] * len(self.regions), self.regions + 100, ones)

    def time_punch(self, design: str, split: str) -> None:
        self.punch()

    def track_nodes(self, design: str, split: str) -> int:
        self.punch()
        return self.mapping.nodes


class Writeback(Filled):
    """How long does it take to find every folio dirty and write it back?"""

    def setup(self, design: str, split: str) -> None:
        super().setup(design, split)
        self.mapping.run(["dirty"] * (SIZE >> 12), range(SIZE >> 12), [0] * (SIZE >> 12))

    def time_writeback(self, design: str, split: str) -> None:
        self.mapping.writeback()
