"""The loops whose instructions are counted under callgrind: ``python -m ...called DESIGN...``

Each loop runs three times: once to warm up (the first call binds symbols and cuts nodes from
memory), then over a list, then over twice as much.  A line is printed for each.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.inputs import Folios
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames
from pagecache.replaying.fitting import assign_frames, fit

PAGES = 1 << 14  # 64 MiB: the list; the file is twice as long
SCATTER = 40503  # odd, so that its multiples reach every page of a power of two
LOOPS = {"populate": "populate", "get": "get", "load": "index-load"}  # and their events


def run(name: str) -> None:
    """Fill an index of the design and look its pages up."""
    design = designs.find(name)
    folios = fit(design, Folios.filled("counted", 2 * PAGES, order=9))
    pfn, count = assign_frames(folios.order)
    frames = Frames(count)
    frames.make_folios(pfn, folios.order, tails=design.names_subpages)
    batch = Batch([design.make(frames)])
    populate(name, batch, folios, pfn)
    look_up(name, batch)


def populate(name: str, batch: Batch, folios: Folios, pfn: NDArray[np.uint64]) -> None:
    for n in (len(folios), len(folios) // 2, len(folios)):
        batch.truncate()
        batch.populate(folios.file[:n], folios.index[:n], folios.order[:n], pfn[:n])
        print(name, "populate", n)


def look_up(name: str, batch: Batch) -> None:
    once = np.arange(PAGES, dtype=np.uint64) * np.uint64(SCATTER) % np.uint64(2 * PAGES)
    twice = np.concatenate((once, once))
    file = np.zeros(len(twice), np.uint32)
    for event in ("get", "load"):
        for index in (once, once, twice):
            getattr(batch, event)(file[: len(index)], index)
            print(name, event, len(index))


if __name__ == "__main__":
    list(map(run, sys.argv[1:]))
