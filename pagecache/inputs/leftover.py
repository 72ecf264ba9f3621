"""What the adds and dels of a trace leave cached.

Aligned blocks nest or lie apart, so that the events fall into groups: all that lies within one
largest block. In nearly all groups every event names the whole block, and the last one decides;
the others are replayed event by event.

    add  order 2     |- - - -|                 a group of its own: cached
    add  order 1     |- -|                     a group in which orders differ: replayed,
    del  order 0       |-|                     and a page of it stays
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.event import ADD, DEL
from pagecache.inputs.folios import FileNumbers, Indices, file_order_keys, key_at_or_before

Rows = NDArray[np.intp]
Orders = NDArray[np.int8]
Cached = dict[int, tuple[int, int]]  # index: (order, row of the add)


@dataclass(frozen=True, eq=False)
class Left:
    """The folios that are left, in order of insertion, and the events that were odd.

    Attributes
    ----------
    row
        Per folio: the row of the add that it comes from.
    index, order
        Per folio.
    again
        Rows of adds that name a page which is cached already.
    absent
        Rows of dels none of whose pages is cached.
    """

    row: Rows
    index: Indices
    order: Orders
    again: Rows
    absent: Rows


def left_by(event: NDArray[np.uint8], file: FileNumbers, index: Indices, order: Orders) -> Left:
    """Replay adds and dels.  O(n log n)

    A del, or an add, of part of a folio splits it as a kernel does, into the fewest folios that
    cover the rest.
    """
    rows = np.flatnonzero(event <= DEL)
    group, top = _groups(file[rows], index[rows], order[rows])
    mixed = np.zeros(len(top), np.bool_)
    mixed[group[order[rows] != top[group]]] = True
    apart = mixed[group]
    kept, again, absent = _whole(event, rows[~apart], group[~apart])
    replay = _Replay(event, index, order)
    replay.groups(rows[apart], group[apart])
    pieces = np.array(replay.pieces, np.uint64).reshape(-1, 3)
    row = np.concatenate((kept, pieces[:, 0].astype(np.intp)))
    at = np.concatenate((index[kept], pieces[:, 1]))
    place = np.lexsort((at, row))
    return Left(
        row[place],
        at[place],
        np.concatenate((order[kept], pieces[:, 2].astype(np.int8)))[place],
        np.sort(np.concatenate((again, np.array(replay.again, np.intp)))),
        np.sort(np.concatenate((absent, np.array(replay.absent, np.intp)))),
    )


def _whole(event: NDArray[np.uint8], rows: Rows, group: Rows) -> tuple[Rows, Rows, Rows]:
    """Rows that stay, add again and remove what is absent, of groups in which orders are one."""
    place = np.argsort(group, kind="stable")
    rows, group = rows[place], group[place]
    op = event[rows]
    first = np.ones(len(rows), np.bool_)
    first[1:] = group[1:] != group[:-1]
    last = np.roll(first, -1)  # the row before a first one is the last of its group
    cached = np.roll(op, 1) == ADD
    cached[first] = False
    return rows[last & (op == ADD)], rows[cached & (op == ADD)], rows[~cached & (op == DEL)]


class _Replay:
    """Replays groups whose events differ in order, one by one."""

    def __init__(self, event: NDArray[np.uint8], index: Indices, order: Orders) -> None:
        self.event, self.index, self.order = event, index, order
        self.pieces: list[tuple[int, int, int]] = []  # row of the add, index, order
        self.again: list[int] = []
        self.absent: list[int] = []

    def groups(self, rows: Rows, group: Rows) -> None:
        place = np.argsort(group, kind="stable")
        ends = np.flatnonzero(np.diff(group[place])) + 1
        for part in np.split(rows[place], ends) if len(rows) else []:
            self.group(part)

    def group(self, rows: Rows) -> None:
        cached: Cached = {}
        for row in rows.tolist():
            index, order = int(self.index[row]), int(self.order[row])
            held = _cut_out(cached, index, order)
            if self.event[row] == ADD:
                cached[index] = (order, row)
            if held == (self.event[row] == ADD):
                (self.again if held else self.absent).append(row)
        self.pieces += [(row, index, order) for index, (order, row) in cached.items()]


def _groups(file: FileNumbers, index: Indices, order: Orders) -> tuple[Rows, Orders]:
    """Number the largest blocks that events name: each event's block, and each block's order.

    Sorted by place, larger first, a block that begins after the end of all before it is in none
    of them.
    """
    last_page = index + ((np.uint64(1) << order.astype(np.uint64)) - np.uint64(1))
    starts, key = file_order_keys(file, index)
    end = key_at_or_before(starts, file, last_page)
    place = np.lexsort((-order, key))
    reach = np.maximum.accumulate(end[place])
    begins = np.ones(len(place), np.bool_)
    begins[1:] = key[place][1:] > reach[:-1]
    group = np.empty(len(place), np.intp)
    group[place] = np.cumsum(begins) - 1
    return group, order[place][begins]


def _cut_out(cached: Cached, index: int, order: int) -> bool:
    """Remove 2**order pages from `index` on, splitting the folio they are part of.

    Tells whether any of them was cached.
    """
    size, held = 1 << order, len(cached)
    span = range(index, index + size)
    for inside in span if size <= len(cached) else [i for i in cached if i in span]:
        if inside in cached and cached[inside][0] <= order:
            del cached[inside]
    if len(cached) < held:
        return True
    for larger in range(order + 1, 64):
        head = index >> larger << larger
        if head in cached and cached[head][0] == larger:
            row = cached.pop(head)[1]
            # The buddy of each block on the way down from the folio to the pages stays.
            cached.update(((index >> k ^ 1) << k, (k, row)) for k in range(order, larger))
            return True
    return False
