"""Folios of resident pages without a walk: /proc/self/pagemap gives frames, kpageflags their kind.

Both need root.  The file is mapped and its resident pages are made present, which neither reads
nor changes anything; the flags then tell heads and tails of folios apart.
"""

import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.runs import Runs
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE
from pagecache.live.entries import Entries

PAGEMAP, KPAGEFLAGS = Path("/proc/self/pagemap"), Path("/proc/kpageflags")
WINDOW_PAGES = 1 << 18  # 1 GiB mapped at a time
NEAR = 512  # frames: what lies between two as near as that is read along
_POPULATE_READ = 22  # madvise: map what is there
_PRESENT, _FRAME = np.uint64(1 << 63), np.uint64((1 << 55) - 1)
_TAIL = np.uint64(1 << 16)

U64 = NDArray[np.uint64]


def readable() -> bool:
    """Whether this process may read the flags of frames."""
    try:
        with KPAGEFLAGS.open("rb") as file:
            return len(file.read(8)) == 8
    except OSError:
        return False


def folios_of(fd: int, size: int, resident: Runs) -> Entries:
    """The folios of the resident pages of an open file; OSError if the flags may not be read."""
    parts = []
    for start in range(0, -(-size // PAGE_SIZE), WINDOW_PAGES):
        end = start + WINDOW_PAGES
        inside = resident[(resident[:, 0] < end) & (resident[:, 0] + resident[:, 1] > start)]
        if len(inside):
            first = np.maximum(inside[:, 0], start) - np.uint64(start)
            last = np.minimum(inside[:, 0] + inside[:, 1], end) - np.uint64(start)
            length = min(size - (start << PAGE_SHIFT), WINDOW_PAGES << PAGE_SHIFT)
            frames = _frames(fd, start << PAGE_SHIFT, length, first, last)
            parts.append((np.flatnonzero(frames).astype(np.uint64) + start, frames[frames != 0]))
    if not parts:
        return decode(np.empty(0, np.uint64), np.empty(0, np.bool_))
    index, frames = (np.concatenate(column) for column in zip(*parts, strict=True))
    return decode(index, (_flags(frames) & _TAIL) != 0)


def frames_of(fd: int, size: int) -> U64:
    """The frame of each page of an open file of which all is resident, shape (pages,)."""
    parts = []
    for position in range(0, size, WINDOW_PAGES << PAGE_SHIFT):
        length = min(size - position, WINDOW_PAGES << PAGE_SHIFT)
        every = np.array([-(-length // PAGE_SIZE)], np.uint64)
        parts.append(_frames(fd, position, length, np.zeros(1, np.uint64), every))
    return np.concatenate(parts)


def decode(index: U64, tail: NDArray[np.bool_]) -> Entries:
    """Folios of pages in file order, each a head or a tail: a head has the tails behind it."""
    heads = np.flatnonzero(~tail | (np.diff(index, prepend=index[:1]) > 1))
    sizes = np.diff(heads, append=len(index))
    order = np.log2(np.maximum(sizes, 1)).astype(np.uint8)
    return Entries(np.zeros(len(heads), np.uint32), index[heads], order)


def _frames(fd: int, position: int, length: int, first: U64, last: U64) -> U64:
    """The frame of each page of a window, 0 for those that are not resident."""
    pages = -(-length // PAGE_SIZE)
    with mmap.mmap(fd, length, mmap.MAP_SHARED, mmap.PROT_READ, offset=position) as window:
        window.madvise(mmap.MADV_RANDOM)
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            window.madvise(
                _POPULATE_READ,
                begin << PAGE_SHIFT,
                min(end << PAGE_SHIFT, length) - (begin << PAGE_SHIFT),
            )
        view = np.frombuffer(window, np.uint8)
        at = (view.ctypes.data >> PAGE_SHIFT) * 8
        del view  # a window with a view of it cannot be closed
        with PAGEMAP.open("rb", buffering=0) as file:
            entries = np.frombuffer(os.pread(file.fileno(), pages * 8, at), np.uint64)
    found: U64 = np.where(entries & _PRESENT, entries & _FRAME, np.uint64(0))
    return found


def _flags(frames: U64) -> U64:
    """The flags of frames, read in runs of those that lie near each other."""
    distinct, place = np.unique(frames, return_inverse=True)
    ends = np.append(np.flatnonzero(np.diff(distinct) > NEAR) + 1, len(distinct))
    flags, start = np.empty(len(distinct), np.uint64), 0
    with KPAGEFLAGS.open("rb", buffering=0) as file:
        for end in ends.tolist():
            first, last = int(distinct[start]), int(distinct[end - 1])
            read = np.frombuffer(
                os.pread(file.fileno(), (last - first + 1) * 8, first * 8), np.uint64
            )
            flags[start:end] = read[(distinct[start:end] - np.uint64(first)).astype(np.intp)]
            start = end
    found: U64 = flags[place]
    return found
