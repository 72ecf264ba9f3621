"""Pages that clones of a file share: pointers, a copy each, against frame numbers, one for all."""

import numpy as np

import pagecache as pc
from pagecache.measure.loops import Batch

from .common import EVENTS, SEED, Benchmark

ENTRIES = ("pointers", "pfns")
CLONES = ("1", "8", "32")  # beside the file they were made of
SIZE = 16 << 20
BREAKS = 100


def family(entries: str, clones: int) -> list[pc.Mapping]:
    """A file in folios of 2 MiB and its clones, all read whole, over one memory."""
    file = pc.File(SIZE, like="xfs", prefer_order=9)
    first = pc.Mapping(memory=pc.Memory(2 << 30, min_free=0), file=file, entries=entries)
    first.read(0, SIZE)
    if entries == "pfns":  # clones take the folios that there are, and a write only its page
        file.prefer_order = 0
    others = [first.clone() for _ in range(clones)]
    for mapping in others:
        mapping.read(0, SIZE)
    return [first, *others]


class Shared(Benchmark):
    """A file and its clones; one sample a family, which changes."""

    number = 1
    warmup_time = 0.0
    params = (ENTRIES, CLONES)
    param_names = ("entries", "clones")

    def setup(self, entries: str, clones: str) -> None:
        self.family = family(entries, int(clones))
        self.clone = self.family[-1]
        self.pages = np.random.default_rng(SEED).permutation(SIZE >> 12)[:BREAKS].astype(np.uint64)

    def run(self, name: str) -> None:
        self.clone.run([name] * len(self.pages), self.pages, np.ones(len(self.pages), np.uint64))


class Lookup(Shared):
    """What does the step from a frame number to its struct page add to a lookup?"""

    warmup_time = 0.2

    def setup(self, entries: str, clones: str) -> None:
        super().setup(entries, clones)
        drawn = np.random.default_rng(SEED).integers(0, SIZE >> 12, EVENTS)
        self.batch, self.index = Batch([self.clone.index]), drawn.astype(np.uint64)
        self.file = np.zeros(EVENTS, np.uint32)

    def time_get(self, entries: str, clones: str) -> None:
        self.batch.get(self.file, self.index)


class Change(Shared):
    """What do evict, truncate, dirty and breaking the share cost one of them?"""

    def time_evict(self, entries: str, clones: str) -> None:
        self.clone.evict()

    def time_truncate(self, entries: str, clones: str) -> None:
        self.clone.truncate(0)

    def time_dirty(self, entries: str, clones: str) -> None:
        """100 pages; where they are shared, that breaks the share."""
        self.run("dirty")

    def time_write(self, entries: str, clones: str) -> None:
        self.run("write")


class Frames(Shared):
    """How many frames and nodes does the family take?"""

    def track_frames(self, entries: str, clones: str) -> int:
        buddy = self.clone.policy.buddy
        return int(buddy.frames - buddy.free_frames)

    def track_nodes(self, entries: str, clones: str) -> int:
        return sum(mapping.nodes for mapping in self.family)
