"""Walks that meet a split half way: they begin again at the head, and never take another piece."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import pagecache as pc
from pagecache.xarray.timed import loops

from .test_check import SLOTS, Node, sibling

SECOND = SLOTS + 8 * 9  # the second of the eight slots that an order-9 entry takes at 512
HERE = 576 + 5  # an index of that slot
AT = np.array([HERE], np.uint64)
APART = np.array([0, HERE, 2**20], np.uint64)
SPINNING = 3  # ticks of processor time, each 10 ms: a walk that ends has ended, if all is quiet
PATIENCE = 1000  # ticks, for one that must end, however busy the machine


def half_split() -> tuple[pc.XArray, Node, int]:
    """An order-9 entry of which one slot has been split and the next still says sibling.

    Both pieces have another entry at offset 5, so that the wrong child gives the wrong answer.  All
    are marked but the first 64, and so is the order-6 entry before them.
    """
    xa = pc.XArray()
    xa.store(448, 6, order=6)
    xa.store(512, 7, order=9)
    top = Node(xa.pool, 0)
    xa.split(512, 0)
    xa.mark_range(448, 1023, 0)
    xa.mark_range(512, 575, 0, on=False)
    xa.store(512 + 5, 100)
    xa.store(HERE, 200)
    child = top.read(SECOND)
    top.write(SECOND, sibling(8))
    return xa, top, child


def insert(xa: pc.XArray) -> None:
    with contextlib.suppress(pc.EntryExists):
        xa.insert(HERE, 1)


WALKS: dict[str, Callable[[pc.XArray], object]] = {
    "load": lambda xa: xa.load(HERE),
    "order": lambda xa: xa.order(HERE),
    "find": lambda xa: xa.find(HERE),
    "find_after": lambda xa: xa.find_after(HERE - 1),
    "items": lambda xa: list(xa.items(512, HERE + 1)),
    "find by mark": lambda xa: xa.find(HERE, mark=0),
    "items by mark": lambda xa: list(xa.items(512, HERE + 1, mark=0)),
    "get_mark": lambda xa: xa.get_mark(HERE, 0),
    "set_mark": lambda xa: xa.set_mark(HERE, 1),
    "clear_mark": lambda xa: xa.clear_mark(HERE, 0),
    "cursor load": lambda xa: xa.cursor(HERE).load(),
    "cursor find": lambda xa: xa.cursor(HERE).find(),
    "cursor next": lambda xa: [cursor := xa.cursor(575), cursor.load(), cursor.next()],
    "cursor prev": lambda xa: [cursor := xa.cursor(640), cursor.load(), cursor.prev()],
    "cursor store": lambda xa: xa.cursor(HERE).store(1),
    "store": lambda xa: xa.store(HERE, 1),
    "store of order 6": lambda xa: xa.store(HERE, 1, order=6),
    "store_range": lambda xa: xa.store_range(HERE, HERE + 1, 1),
    "insert": insert,
    "cmpxchg": lambda xa: xa.cmpxchg(HERE, 200, 1),
    "erase": lambda xa: xa.erase(HERE),
    "split": lambda xa: xa.split(HERE, 0),
    "try_split": lambda xa: xa.try_split(HERE, 0),
    "load_many in one leaf": lambda xa: xa.load_many(np.array([HERE, HERE + 1], np.uint64)),
    "load_many apart": lambda xa: xa.load_many(APART),
    "store_many": lambda xa: xa.store_many(AT, AT),
    "store_many apart": lambda xa: xa.store_many(APART, APART),
    "erase_many": lambda xa: xa.erase_many(AT),
    "extract": lambda xa: xa.extract(HERE),
    "extract from before": lambda xa: xa.extract(512),
    "extract by mark": lambda xa: xa.extract(448, mark=0),
    "mark_range": lambda xa: xa.mark_range(HERE, HERE, 1),
    "mark_range from before": lambda xa: xa.mark_range(512, HERE, 1),
}


def ticks(pid: int) -> int:
    """Processor time of a child in user mode; -1 when it has ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return -1 if fields[0] == "Z" else int(fields[11])


def answers(walk: Callable[[], object], most: int = SPINNING) -> bool:
    """Does it come back?  Tried in a child, which is killed if it goes on and on."""
    pid = os.fork()
    if pid == 0:
        try:
            walk()
        finally:
            os._exit(0)
    before = after = ticks(pid)
    while -1 < after < before + most:
        after = ticks(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return after == -1


@pytest.mark.skipif(sys.platform != "linux", reason="reads processor time from /proc")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("walk", WALKS)
def test_no_walk_answers_while_a_split_is_half_way(walk: str) -> None:
    xa, top, child = half_split()
    assert not answers(lambda: WALKS[walk](xa))
    top.write(SECOND, child)
    assert answers(lambda: WALKS[walk](xa), PATIENCE)
    xa.check()


# Those that run without the GIL, so that the split can be finished beside them, and what they find.
FOUND: dict[str, Callable[[pc.XArray], object]] = {
    "load": lambda xa: loops.load_each(xa, AT) >> 1,
    "load_many": lambda xa: int(xa.load_many(APART)[1]),
    "extract": lambda xa: int(xa.extract(HERE, limit=1)[1][0]),
    "extract by mark": lambda xa: int(xa.extract(HERE, limit=1, mark=0)[1][0]),
}
CHANGED: dict[str, tuple[Callable[[pc.XArray], object], Callable[[pc.XArray], object]]] = {
    "store": (lambda xa: loops.store_each(xa, AT), lambda xa: xa.load(HERE) == HERE),
    "store_many": (lambda xa: xa.store_many(AT, AT), lambda xa: xa.load(HERE) == HERE),
    "erase": (lambda xa: loops.erase_each(xa, AT), lambda xa: xa.load(HERE) is None),
    "erase_many": (lambda xa: xa.erase_many(AT), lambda xa: xa.load(HERE) is None),
    "set_mark": (lambda xa: loops.mark_each(xa, AT, 1), lambda xa: xa.get_mark(HERE, 1)),
    "mark_range": (lambda xa: xa.mark_range(HERE, HERE, 1), lambda xa: xa.get_mark(HERE, 1)),
}


def beside(xa: pc.XArray, top: Node, child: int, walk: Callable[[pc.XArray], object]) -> object:
    """What the walk comes back with when the split is finished while it waits."""
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(walk(xa)))
    thread.start()
    try:
        thread.join(0.02)
        assert not found
    finally:
        top.write(SECOND, child)
        thread.join()
    xa.check()
    return found[0]


@pytest.mark.parametrize("walk", FOUND)
def test_reader_finds_its_own_piece_when_the_split_is_done(walk: str) -> None:
    assert beside(*half_split(), FOUND[walk]) == 200


@pytest.mark.parametrize("walk", CHANGED)
def test_change_meets_its_own_piece_when_the_split_is_done(walk: str) -> None:
    xa, top, child = half_split()
    change, has_changed = CHANGED[walk]
    beside(xa, top, child, change)
    assert has_changed(xa)
    assert xa.load(512 + 5) == 100
    assert not xa.get_mark(512 + 5, 1)


def test_visit_of_all_entries_sees_each_piece_once() -> None:
    assert beside(*half_split(), loops.iterate) == 1 + 512
    assert beside(*half_split(), lambda xa: loops.iterate_marked(xa, 0)) == 1 + 448
