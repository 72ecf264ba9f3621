"""Replay of a trace's additions and removals into the index of a design."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.designs import HUGE_ORDERS, Design, check_order
from pagecache.designs.contract import PageIndex
from pagecache.designs.indexes import Indexes
from pagecache.inputs import ADD, DEL, Folios, Trace, read_trace
from pagecache.page.frames import Frames
from pagecache.printable import counted
from pagecache.replaying.changes import apply, folios_by_order
from pagecache.replaying.fitting import assign_frames


class FileContent(TypedDict):
    """What one file's index holds; `orders` are folios by order, by strings as in JSON."""

    pages: int
    folios: int
    nodes: int
    orders: dict[str, int]


@dataclass(frozen=True)
class Changes:
    """Folios that enter or leave page caches, in order of time; arrays of shape (n,)."""

    files: tuple[str, ...]
    op: NDArray[np.uint8]
    file: NDArray[np.uint32]
    index: NDArray[np.uint64]
    order: NDArray[np.uint8]


@dataclass(frozen=True, repr=False)
class Replayed:
    """What the indexes of a trace's files hold after it.

    Attributes
    ----------
    design : str
    files : dict
        By file: ``pages``, ``folios``, ``nodes`` and ``orders`` (folios by order, as strings, so
        that it equals what JSON gives).  Files that an addition named, emptied ones with zeros.
    doubts : tuple of str
        What limits conclusions from the trace, a sentence each (`Trace.doubts`).
    """

    design: str
    files: dict[str, FileContent]
    doubts: tuple[str, ...] = ()

    def total(self, what: Literal["pages", "folios", "nodes"]) -> int:
        """The sum of ``pages``, ``folios`` or ``nodes`` over all files."""
        return sum(content[what] for content in self.files.values())

    def __repr__(self) -> str:
        counts = ", ".join(
            counted(self.total(what), what[:-1]) for what in ("pages", "folios", "nodes")
        )
        files = counted(len(self.files), "file")
        doubts = f"; {counted(len(self.doubts), 'doubt')}" if self.doubts else ""
        return f"<Replayed into {self.design}: {files}, {counts}{doubts}>"


def replay(
    trace: Trace | str | Path,
    design: str = "thp-multi",
    *,
    order: int | None = None,
    format: str | None = None,
) -> Replayed:
    """Replay a trace's additions and removals into one index a file.

    Of a trace that has accesses alone, each page is added when it is first accessed.

    Parameters
    ----------
    trace : Trace or path
    design : str
        A name of `pagecache.designs.names()`.
    order : int, optional
        Force all folios to this order: a block of that size enters with the first of its pages
        that is cached and leaves with the last.  hugetlb designs force their own.
    format : str, optional
        Of a file of bare numbers, which is not recognised: see `pagecache.inputs.read_trace`.

    Examples
    --------
    >>> import pagecache as pc
    >>> path = pc.inputs.bundled_path("sha256sum_400mb")
    >>> pc.replay(path, design="thp-multi").files["254:0/2220172"]["nodes"]
    37
    >>> pc.replay(path, design="base-4k").files["254:0/2220172"]["nodes"]
    1626
    """
    found = designs.find(design)
    trace = trace if isinstance(trace, Trace) else read_trace(trace, format=format)
    changes = changes_for(found, trace, order)
    adds = changes.op == ADD
    pfn = np.zeros(len(changes.op), np.uint64)
    pfn[adds], count = assign_frames(changes.order[adds])
    frames, pool = Frames(count, huge=False), found.make_pool()
    frames.make_folios(pfn[adds], changes.order[adds], tails=found.names_subpages)
    huge_order = huge_order_of(found, order)
    indexes = [found.make(frames, pool, huge_order=huge_order) for _ in changes.files]
    pieces = piece_orders(found.orders_for(huge_order))
    columns = (changes.op, changes.file, changes.index, changes.order, pfn)
    apply(Indexes(indexes), frames, *columns, pieces)
    contents = dict(zip(changes.files, map(content, indexes), strict=True))
    named = {changes.files[k] for k in np.unique(changes.file[adds])}
    return Replayed(
        design, {name: contents[name] for name in changes.files if name in named}, trace.doubts()
    )


def content(index: PageIndex) -> FileContent:
    """Pages, folios, nodes and orders of one index."""
    orders = folios_by_order(index)
    return {
        "pages": sum(folios << order for order, folios in orders.items()),
        "folios": sum(orders.values()),
        "nodes": index.nodes,
        "orders": {str(order): folios for order, folios in orders.items()},
    }


def changes_for(design: Design, trace: Trace, order: int | None) -> Changes:
    """The additions and removals as `design` would see them."""
    recorded = recorded_changes(trace)
    if design.huge_files and order is None:
        order = 9
    if order is None:
        return limited(recorded, design.orders)
    check_order(design, order, huge_order=huge_order_of(design, order))
    return forced(recorded, order)


def huge_order_of(design: Design, order: int | None) -> int:
    """The order of a huge page where folios are forced to `order`."""
    return order if design.huge_files and order in HUGE_ORDERS else HUGE_ORDERS[0]


def piece_orders(orders: tuple[int, ...]) -> NDArray[np.uint8]:
    """For each order that a piece of a cut folio may have, the one a design caches it in."""
    target = np.zeros(64, np.uint8)
    for order in sorted(orders):
        target[order:] = order
    return target


def recorded_changes(trace: Trace) -> Changes:
    if trace.accesses_only:
        pages = trace.final_folios()
        op = np.full(len(pages), ADD, np.uint8)
        return Changes(pages.files, op, pages.file, pages.index, pages.order)
    rows = np.flatnonzero(trace.event <= DEL)
    op, order = trace.event[rows], trace.order[rows].astype(np.uint8)
    return Changes(tuple(trace.files), op, trace.file[rows], trace.index[rows], order)


def limited(changes: Changes, orders: tuple[int, ...]) -> Changes:
    """Each folio as folios of the largest order allowed that is not above its own."""
    rows = Folios(changes.files, changes.file, changes.index, changes.order)
    pieces = rows.limited(orders)
    counts = np.int64(1) << (changes.order - rows.target_orders(orders)).astype(np.int64)
    return Changes(
        changes.files, np.repeat(changes.op, counts), pieces.file, pieces.index, pieces.order
    )


def forced(changes: Changes, order: int) -> Changes:
    """Blocks of 2**order pages: one enters with its first page and leaves with its last."""
    pages = effective(limited(changes, (0,)))
    block = pages.index >> np.uint64(order)
    place = np.lexsort((block, pages.file))  # stable: in time within a block
    op, starts = pages.op[place], group_starts(pages.file[place], block[place])
    step = np.where(op == ADD, 1, -1)
    total = np.cumsum(step)
    cached = total - (total - step)[starts][np.cumsum(starts) - 1]
    turns = np.sort(place[((op == ADD) & (cached == 1)) | ((op != ADD) & (cached == 0))])
    index = block[turns] << np.uint64(order)
    orders = np.full(len(turns), order, np.uint8)
    return Changes(changes.files, pages.op[turns], pages.file[turns], index, orders)


def effective(pages: Changes) -> Changes:
    """Without additions of what is there and removals of what is not (an older file's)."""
    place = np.lexsort((pages.index, pages.file))
    op = pages.op[place]
    before = np.roll(op, 1)
    before[group_starts(pages.file[place], pages.index[place])] = DEL
    kept = np.sort(place[op != before])
    return Changes(
        pages.files, pages.op[kept], pages.file[kept], pages.index[kept], pages.order[kept]
    )


def group_starts(file: NDArray[np.uint32], key: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Where a new (file, key) begins, in arrays sorted by both."""
    starts = np.ones(len(key), np.bool_)
    starts[1:] = (file[1:] != file[:-1]) | (key[1:] != key[:-1])
    return starts
