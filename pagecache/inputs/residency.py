"""Which pages of an open file are resident, asked of the running kernel.

Two calls answer: cachestat(2) counts the pages of a range (Linux 6.5), mincore(2) tells them one
by one. mincore calls every page of a file resident that the caller neither owns nor may write;
cachestat then either counts truly (6.5 to 6.14) or says EPERM. Where it counts, halving ranges
finds the pages.
"""

import ctypes
import errno
import mmap
import os
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.runs import Runs, as_runs, runs_of
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE

WINDOW_PAGES = 1 << 18  # 1 GiB mapped at a time

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_SYS_CACHESTAT = ctypes.c_long(451)
_libc.mincore.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


class Refusal(Enum):
    """Why cachestat gave no counts."""

    MISSING = "this kernel has no cachestat (Linux 6.5)"
    NOT_ALLOWED = "it is neither yours nor may you write it"
    UNSUPPORTED = "its filesystem, as hugetlbfs, does not count them"


_REFUSALS = {
    errno.ENOSYS: Refusal.MISSING,
    errno.EPERM: Refusal.NOT_ALLOWED,
    errno.EOPNOTSUPP: Refusal.UNSUPPORTED,
}


@dataclass(frozen=True)
class CacheStat:
    """What cachestat(2) counts in a file, in pages of 4 KiB."""

    cached: int
    dirty: int
    writeback: int
    evicted: int
    recently_evicted: int


def cachestat(fd: int, first: int = 0, pages: int = 0) -> CacheStat:
    """Count the cached pages of a range; `pages` 0 reaches to the end of the file.

    Raises
    ------
    OSError
        ENOSYS before Linux 6.5, EPERM for a file one neither owns nor may write, EOPNOTSUPP on
        hugetlbfs.
    """
    wanted = (ctypes.c_uint64 * 2)(first << PAGE_SHIFT, pages << PAGE_SHIFT)
    counts = (ctypes.c_uint64 * 5)()
    _check(_libc.syscall(_SYS_CACHESTAT, fd, ctypes.byref(wanted), ctypes.byref(counts), 0))
    return CacheStat(*counts)


def try_cachestat(fd: int) -> CacheStat | Refusal:
    """Count the cached pages of a file, or tell why the kernel cannot or will not."""
    try:
        return cachestat(fd)
    except OSError as error:
        if error.errno in _REFUSALS:
            return _REFUSALS[error.errno]
        raise


def mincore_is_true(fd: int) -> bool:
    """Tell whether mincore answers for this file: its owner and whoever may write it are told."""
    owned = os.fstat(fd).st_uid == os.geteuid()
    return owned or os.access(f"/proc/self/fd/{fd}", os.W_OK, effective_ids=True)


def by_mincore(fd: int, size: int, skip_empty: bool = False) -> Runs:
    """List the resident pages of a file of `size` bytes with mincore, 1 GiB at a time.

    `skip_empty` asks cachestat first and leaves windows alone in which nothing is cached.
    """
    found: list[tuple[int, int]] = []
    for start in range(0, size, WINDOW_PAGES << PAGE_SHIFT):
        first, length = start >> PAGE_SHIFT, min(WINDOW_PAGES << PAGE_SHIFT, size - start)
        if not skip_empty or cachestat(fd, first, WINDOW_PAGES).cached:
            found += runs_of(_mincore_window(fd, start, length), first)
    return as_runs(found)


def _mincore_window(fd: int, start: int, length: int) -> NDArray[np.bool_]:
    resident = np.empty(-(-length // PAGE_SIZE), np.uint8)
    with mmap.mmap(fd, length, mmap.MAP_SHARED, mmap.PROT_READ, offset=start) as window:
        view = np.frombuffer(window, np.uint8)
        try:
            _check(_libc.mincore(view.ctypes.data, length, resident.ctypes.data))
        finally:
            del view  # a window with a view of it cannot be closed
    return (resident & 1).astype(np.bool_)  # the other bits are undefined


def by_cachestat(fd: int, pages: int) -> Runs:
    """List the resident pages of a file by counting, halving what is partly cached.

    O(runs * log(pages)) calls, each a walk of its range.
    """
    found: list[tuple[int, int]] = []
    ranges = [(0, pages)] if pages else []
    while ranges:
        first, count = ranges.pop()
        cached = cachestat(fd, first, count).cached
        if cached >= count:
            found.append((first, count))
        elif cached:
            half = count // 2
            ranges += [(first + half, count - half), (first, half)]  # the first half comes next
    return as_runs(found)


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
