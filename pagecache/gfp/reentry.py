"""Allocations that would wait for themselves, found while a program runs.

A program reports what it does, in any order and from any thread:

    with detector.holding("ILOCK"):         a lock, held in this thread
        detector.check_alloc(GFP_KERNEL)    an allocation: may it reclaim, with this held?
    with detector.reclaiming("fs"):         code that reclaim runs
        with detector.holding("ILOCK"): ... so reclaim takes ILOCK

Either half alone is fine.  Whoever does the second of the two, perhaps an hour later in another
thread, is told of both: the deadlock need never happen to be found.  The allocation's mask is
taken after the scopes of its thread, so that a NOFS scope around the lock is an answer.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pagecache.gfp.flags import Gfp, effective
from pagecache.gfp.scope import open_scopes

BITS = {"fs": Gfp.FS, "io": Gfp.IO}  # what a kind of reclaim needs of a mask
DOES = {"fs": "re-enter the filesystem", "io": "start I/O"}
SKIPPED = {__file__, contextmanager.__code__.co_filename}
Edge = tuple[str, str]  # a lock, and a kind of reclaim


class Reentry(RuntimeError):
    """An allocation lets reclaim into code that this task has locked out."""


class Task(threading.local):
    """What one thread holds, and how many kinds of reclaim it is inside of."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.reclaiming: list[tuple[str, int]] = []  # the kind, and how many locks were held before


class Detector:
    """Learns where locks are held over allocations and where reclaim takes them.

    Parameters
    ----------
    fs, io
        Locks known beforehand to be taken by reclaim of that kind.
    raising
        False collects what is found in `findings` alone, each once, and lets the program go on.

    Examples
    --------
    >>> from pagecache.gfp.flags import GFP_KERNEL
    >>> from pagecache.gfp.scope import memalloc_nofs
    >>> detector = Detector(fs=["ILOCK"])
    >>> with memalloc_nofs(), detector.holding("ILOCK"):
    ...     detector.check_alloc(GFP_KERNEL)
    GFP_NOFS
    >>> with detector.holding("ILOCK"):
    ...     detector.check_alloc(GFP_KERNEL)
    Traceback (most recent call last):
    ...
    pagecache.gfp.reentry.Reentry: alloc with GFP_KERNEL under ILOCK at <doctest ...
    """

    def __init__(
        self, fs: Iterable[str] = (), io: Iterable[str] = (), *, raising: bool = True
    ) -> None:
        known = [(lock, "fs") for lock in fs] + [(lock, "io") for lock in io]
        self.taken: dict[Edge, str] = dict.fromkeys(known, "as declared")
        self.allocated: dict[Edge, str] = {}
        self.findings: list[str] = []
        self.raising = raising
        self._task = Task()
        self._mutex = threading.Lock()

    @contextmanager
    def holding(self, lock: str) -> Iterator[None]:
        """Hold a lock in this thread.  Reentry, and not held, if it is taken inside reclaim and an
        allocation was made under it that lets such reclaim in."""
        task = self._task
        if task.reclaiming:
            self._taken_in_reclaim(lock, *task.reclaiming[-1])
        task.held.append(lock)
        try:
            yield
        finally:
            last = len(task.held) - 1 - task.held[::-1].index(lock)
            del task.held[last]

    @contextmanager
    def reclaiming(self, kind: str) -> Iterator[None]:
        """Run what reclaim of a kind runs, ``"fs"`` or ``"io"``.

        Reentry if a scope of this thread forbids just that: then the mask that led here was not
        the effective one.
        """
        bit = BITS.get(kind)
        if bit is None:
            raise ValueError(f"unknown kind of reclaim {kind!r}; use fs or io")
        if not effective(bit):
            scope = open_scopes()[0]
            self._found(f"reclaim would {DOES[kind]} in a {scope} scope at {place()}")
        self._task.reclaiming.append((kind, len(self._task.held)))
        try:
            yield
        finally:
            self._task.reclaiming.pop()

    def check_alloc(self, gfp: int, *, used: int | None = None) -> Gfp:
        """An allocation with this mask; the effective one.  O(locks held).

        Parameters
        ----------
        gfp
            What the caller asks with.
        used
            What the allocator reclaims with, if it looks at no scopes.

        Raises
        ------
        Reentry
            A scope forbids what `used` does, or a lock held is taken by reclaim that it lets in.
        """
        asked, allowed = Gfp(gfp), effective(gfp)
        mask = allowed if used is None else Gfp(used)
        if self._task.reclaiming or not mask & Gfp.DIRECT_RECLAIM:
            return allowed
        beyond = mask & ~effective(mask) & (Gfp.IO | Gfp.FS)
        if beyond:
            scope = open_scopes()[0]
            self._found(f"alloc with {mask} at {place()} has {beyond} in a {scope} scope")
        if not asked & Gfp.NOLOCKDEP:
            self._allocated_under_locks(mask)
        return allowed

    def _allocated_under_locks(self, mask: Gfp) -> None:
        here = place()
        for kind in (kind for kind, bit in BITS.items() if mask & bit):
            for lock in self._task.held:
                what = f"alloc with {mask} under {lock} at {here}"
                with self._mutex:
                    self.allocated.setdefault((lock, kind), what)
                    other = self.taken.get((lock, kind))
                if other:
                    self._found(f"{what} can {DOES[kind]} through reclaim, which takes it {other}")

    def _taken_in_reclaim(self, lock: str, kind: str, held_before: int) -> None:
        here = f"at {place()}"
        if lock in self._task.held[:held_before]:
            self._found(f"reclaim takes {lock} {here} in the thread that holds it")
        with self._mutex:
            self.taken.setdefault((lock, kind), here)
            other = self.allocated.get((lock, kind))
        if other:
            self._found(f"{other} can {DOES[kind]} through reclaim, which takes it {here}")

    def _found(self, text: str) -> None:
        with self._mutex:
            if text not in self.findings:
                self.findings.append(text)
        if self.raising:
            raise Reentry(text)


def place() -> str:
    """File, line and function of the caller outside this module."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename in SKIPPED:
        frame = frame.f_back
    file = os.path.basename(frame.f_code.co_filename)
    return f"{file}:{frame.f_lineno} in {frame.f_code.co_name}"
