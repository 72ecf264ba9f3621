"""Holes: what reading one costs, and the first write into it."""

import numpy as np

import pagecache as pc

from .common import SEED, Benchmark

HOLE_POLICIES = ("zero-pages", "zero-entries", "no-entry")
DESIGNS = ("base-4k", "thp-multi")
SIZE = 256 << 20
WRITES = 1000


def sparse(policy: str, design: str) -> pc.Mapping:
    """An empty cache of a file that is one hole."""
    return pc.Mapping(design, holes=policy, file=pc.File(SIZE, holes=[(0, SIZE)]))


class Hole(Benchmark):
    """One sample a mapping: it changes."""

    number = 1
    warmup_time = 0.0
    params = (HOLE_POLICIES, DESIGNS)
    param_names = ("policy", "design")

    def setup(self, policy: str, design: str) -> None:
        self.mapping = sparse(policy, design)


class Read(Hole):
    """What does it take to read a hole of 256 MiB whole?"""

    def time_read(self, policy: str, design: str) -> None:
        self.mapping.read(0, SIZE)

    def track_pages(self, policy: str, design: str) -> int:
        self.mapping.read(0, SIZE)
        return self.mapping.pages

    def track_nodes(self, policy: str, design: str) -> int:
        self.mapping.read(0, SIZE)
        return self.mapping.nodes


class ReadAgain(Hole):
    """And a second time, when all is cached that ever will be?"""

    def setup(self, policy: str, design: str) -> None:
        self.mapping = sparse(policy, design)
        self.mapping.read(0, SIZE)

    def time_read_again(self, policy: str, design: str) -> None:
        self.mapping.read(0, SIZE)


class FirstWrite(Hole):
    """What does the first write to each of 1,000 pages cost, after the hole was read?"""

    def setup(self, policy: str, design: str) -> None:
        self.mapping = sparse(policy, design)
        self.mapping.read(0, SIZE)
        pages = np.random.default_rng(SEED).permutation(SIZE >> 12)[:WRITES]
        self.pages = pages.astype(np.uint64)
        self.op = ["write"] * len(pages)

    def time_first_write(self, policy: str, design: str) -> None:
        self.mapping.run(self.op, self.pages, np.ones(len(self.pages), np.uint64))
