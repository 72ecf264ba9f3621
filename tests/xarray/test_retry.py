"""A reader that meets a split half way: it begins again at the head, and never takes another piece."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

import pagecache as pc

from .test_check import SLOTS, Node, sibling

SLOT = SLOTS + 8 * 9  # of the second of the eight slots that an order-9 entry takes at 512


def half_split() -> tuple[pc.XArray, Node, int]:
    """An order-9 entry of which one slot has been split and the next still says sibling.

    Both pieces have another entry at offset 5, so that the wrong child gives the wrong answer.
    """
    xa = pc.XArray()
    xa.store(512, 7, order=9)
    top = Node(xa.pool, 0)
    xa.split(512, 0)
    xa.store(512 + 5, 100)
    xa.store(576 + 5, 200)
    child = top.read(SLOT)
    top.write(SLOT, sibling(8))
    return xa, top, child


READERS: dict[str, Callable[[pc.XArray], int]] = {
    "load": lambda xa: int(xa.load_many(np.array([576 + 5], np.uint64))[0]),
    "load_many": lambda xa: int(xa.load_many(np.array([0, 576 + 5, 2**20], np.uint64))[1]),
    "search": lambda xa: int(xa.extract(576 + 5, limit=1)[1][0]),
}


@pytest.mark.parametrize("reader", READERS)
def test_reader_waits_for_the_split_and_finds_its_own_piece(reader: str) -> None:
    xa, top, child = half_split()
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(READERS[reader](xa)))
    thread.start()
    try:
        thread.join(0.05)
        assert not found
    finally:
        top.write(SLOT, child)
    thread.join(10)
    assert found == [200]
    xa.check()
