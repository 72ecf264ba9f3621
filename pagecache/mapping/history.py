"""A recorded trace run through mappings: what programs asked, and what the kernel did."""

from typing import Any

import numpy as np

from pagecache.allocation import make
from pagecache.buddy.buddy import Buddy
from pagecache.errors import InputError
from pagecache.inputs import ADD, DEL, FAULT, GET, MAP, PAGE_SIZE, Trace
from pagecache.inputs.event import EVENTS
from pagecache.mapping.file import File
from pagecache.mapping.loop import OPERATIONS, Loop
from pagecache.mapping.mapping import Mapping
from pagecache.mapping.parts import Physical
from pagecache.page.frames import Frames
from pagecache.xarray.node import NodePool

RECORDED = {ADD: "add", DEL: "del", GET: "look", FAULT: "look", MAP: "look"}
ASKED = {GET: "read", FAULT: "fault", MAP: "look"}
SPARE_PAGES = 1 << 14


class History:
    """The events of a trace as operations, ready to run through mappings any number of times.

    Parameters
    ----------
    trace : Trace
    recorded : bool
        True runs the additions and removals as the kernel made them, and reads only look, so that
        the index holds what it held.  False runs what programs asked, and the mapping reads ahead
        itself.

    Examples
    --------
    >>> import pagecache as pc
    >>> trace = pc.inputs.read_trace(pc.inputs.bundled_path("sha256sum_400mb"))
    >>> mappings = History(trace).run("thp-multi")
    >>> max(mapping.nodes for mapping in mappings.values())
    37
    """

    def __init__(self, trace: Trace, *, recorded: bool = True) -> None:
        rows = np.flatnonzero((trace.event > DEL) | recorded)
        if not len(rows):
            raise InputError(f"{trace.path}: no event to run; give a trace with get or add events")
        numbers = np.zeros(len(EVENTS), np.uint8)
        for kind, name in (RECORDED if recorded else ASKED).items():
            numbers[kind] = OPERATIONS[name]
        event, order = trace.event[rows], np.maximum(trace.order[rows], 0).astype(np.uint64)
        changes = event <= DEL
        self.files = trace.files
        self.file, self.op = trace.file[rows], numbers[event]
        self.index = trace.index[rows]
        self.count = np.where(changes, order, trace.count[rows])
        pages = np.where(changes, np.uint64(1) << order, trace.count[rows])
        self.pages = int(pages.sum())  # page operations
        self.sizes = np.zeros(len(trace.files), np.uint64)
        np.maximum.at(self.sizes, self.file, self.index + pages)

    def mappings(self, index: str = "thp-multi", **options: Any) -> list[Mapping]:
        """A mapping for each file, all empty, over one memory that they fit into."""
        if "memory" not in options:
            frames = -(-(int(self.sizes.sum()) + SPARE_PAGES) >> 10 << 10)
            policy = make("fallback", Buddy(frames, min_pages=0))
            options["memory"] = Physical(policy, Frames(frames, huge=False))
        options.setdefault("pool", NodePool())
        sizes = self.sizes.tolist()
        return [Mapping(index, file=File(pages * PAGE_SIZE), **options) for pages in sizes]

    def run(self, index: str = "thp-multi", **options: Any) -> dict[str, Mapping]:
        """Run all events through new mappings made with `options`; the mappings by file."""
        mappings = self.mappings(index, **options)
        self.run_through(mappings)
        return dict(zip(self.files, mappings, strict=True))

    def run_through(self, mappings: list[Mapping]) -> int:
        """Run all events in one compiled loop: the sum of what they answer."""
        total: int = Loop(mappings).run(self.file, self.op, self.index, self.count)
        return total
