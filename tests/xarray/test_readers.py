"""Readers beside a writer: nodes wait for them, and what they answer was true."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

import pagecache as pc
from pagecache.xarray.grace import Readers, quiet

POISON = 0x5EADBEA7
ABSENT = 2**64 - 1
SPAN = 4096  # indices under one node of shift 6
SECONDS = 0.5


@pytest.fixture
def shared() -> tuple[Readers, pc.XArray]:
    """An array whose pool has readers, and fills what it frees with poison."""
    readers = Readers(4)
    pool = pc.NodePool(readers=readers)
    pool.poison = True
    return readers, pc.XArray(pool=pool)


def test_node_waits_until_each_reader_was_quiescent(shared: tuple[Readers, pc.XArray]) -> None:
    readers, xa = shared
    xa.store(64, 1)
    with readers.reading() as say_quiet:
        xa.erase(64)
        assert (xa.pool.nodes, xa.pool.deferred) == (0, 2)
        xa.store(64, 2)  # asks for nodes, which makes a period number
        assert xa.pool.deferred == 2
        xa.erase(64)
        say_quiet()
        xa.store(64, 3)  # the first two are free: their period is over
        assert xa.pool.deferred == 2
        assert xa.pool.mapped == 65536
    xa.check()
    assert list(xa.items()) == [(64, 3)]


def test_readers_that_end_hold_nothing_up(shared: tuple[Readers, pc.XArray]) -> None:
    readers, xa = shared
    with readers.reading():
        xa.store(64, 1)
    for _ in range(1000):
        xa.store(64, 1)
        xa.erase(64)
    assert xa.pool.deferred <= 64
    assert xa.pool.mapped == 65536


def test_one_reader_that_is_not_quiescent_holds_all_up(shared: tuple[Readers, pc.XArray]) -> None:
    readers, xa = shared
    ready, done = threading.Event(), threading.Event()

    def linger() -> None:
        with readers.reading():
            ready.set()
            done.wait()

    thread = threading.Thread(target=linger)
    thread.start()
    ready.wait()
    with readers.reading() as say_quiet:
        for _ in range(100):
            xa.store(64, 1)
            xa.erase(64)
            say_quiet()
        assert xa.pool.deferred == 200
    done.set()
    thread.join()
    xa.store(64, 1)
    xa.erase(64)
    for _ in range(64):
        xa.store(64, 1)
        xa.erase(64)
    assert xa.pool.deferred <= 64


def test_freed_nodes_are_poisoned_and_used_again_clean(shared: tuple[Readers, pc.XArray]) -> None:
    _, xa = shared
    for _ in range(40):
        xa.store(64, 1)
        xa.erase(64)
    for index in range(64, 128):
        xa.store(index, index)
        xa.check()
    assert [entry for _, entry in xa.items()] == list(range(64, 128))


def test_reading_twice_or_by_too_many_is_refused() -> None:
    readers = Readers(1)
    with readers.reading():
        with pytest.raises(RuntimeError, match="reading already"), readers.reading():
            pass
        failed: list[str] = []

        def read() -> None:
            try:
                with readers.reading():
                    pass
            except RuntimeError as error:
                failed.append(str(error))

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert failed == ["1 threads are reading; make Readers of more"]
    quiet()  # no reader: nothing
    with pytest.raises(ValueError, match="most=0"):
        Readers(0)


# Reads that run without the GIL beside a writer -----------------------------------------------


def replace_subtree(xa: pc.XArray, each: np.ndarray) -> None:
    """Nodes full of entries, then one entry over all of them, which frees the nodes."""
    xa.store_many(each, each)
    xa.store(0, SPAN, order=12)
    xa.erase(0)


def split_and_join(xa: pc.XArray, each: np.ndarray) -> None:
    """An order-9 entry split into pieces and put together again."""
    del each
    xa.store(512, SPAN, order=9)
    xa.split(512, 0)


def erase_and_store(xa: pc.XArray, each: np.ndarray) -> None:
    some = each[::64].copy()  # one in each leaf
    xa.store_many(some, some)
    xa.erase_many(some)


WRITERS: dict[str, Callable[[pc.XArray, np.ndarray], None]] = {
    "replace": replace_subtree,
    "split": split_and_join,
    "erase": erase_and_store,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_what_readers_find_was_there(writer: str, shared: tuple[Readers, pc.XArray]) -> None:
    readers, xa = shared
    each = np.arange(SPAN, dtype=np.uint64)
    at = np.random.default_rng(1).permutation(each)
    xa.store(2 * SPAN, 1)  # the tree keeps its height
    WRITERS[writer](xa, each)
    stop = threading.Event()
    wrong: list[tuple[int, int]] = []

    def read() -> None:
        with readers.reading() as say_quiet:
            while not stop.is_set() and not wrong:
                found = xa.load_many(at)
                say_quiet()
                index, entry = xa.extract(0, SPAN)
                say_quiet()
                for where, what in ((at, found), (index, entry)):
                    fine = (what == where) | (what == SPAN) | (what == ABSENT)
                    wrong.extend(zip(where[~fine].tolist(), what[~fine].tolist(), strict=True))
                if writer == "split" and (found[(at >= 512) & (at < 1024)] == ABSENT).any():
                    wrong.append((512, ABSENT))  # it is there all the time

    thread = threading.Thread(target=read)
    thread.start()
    timer = threading.Timer(SECONDS, stop.set)
    timer.start()
    while not stop.is_set() and not wrong:
        WRITERS[writer](xa, each)
    stop.set()
    timer.cancel()
    thread.join()
    assert not wrong, [(index, hex(entry)) for index, entry in wrong[:3]]
    xa.check()
