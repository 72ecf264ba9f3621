"""Spatial sampling of a trace: some blocks of 2 MiB are followed whole, all others not at all.

    hash(file, index >> 9) < rate x 2^64        as SHARDS (Waldspurger and others, FAST 2015) does

A block is in the sample or not for all of the trace, in every run and on every machine, since the
hash is of the file's name and of the block alone.  A memory of M bytes is simulated by one of
rate x M.

Each block is drawn by itself with probability p = rate.  If y pages of a sampled block were cached,
the sum of y / p over the sample estimates the pages of all blocks without bias, and

    standard error = sqrt(sum of (1 - p) / p^2 x y^2)

is estimated from the sample itself.  What crosses blocks is not in it: reading ahead begins again
in each sampled block, so that misses are counted too high.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs import Trace

BLOCK_ORDER = 9
Indices = NDArray[np.uint64]
Hashes = NDArray[np.uint64]


def parse_rate(text: str | float) -> float:
    """A rate as written, 1% or 0.01; above 0 and up to 1.

    Examples
    --------
    >>> parse_rate("0.1%")
    0.001
    """
    given = str(text).strip()
    try:
        rate = float(given.removesuffix("%")) / (100 if given.endswith("%") else 1)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1:
        raise InputError(f"--sample: {text!r} is no rate; give 100% or less, above 0: 1%")
    return rate


def mix(values: Indices) -> Hashes:
    """64 bits of hash for each value: the finalizer of splitmix64.

    Examples
    --------
    >>> [hex(value) for value in mix(np.array([1, 2], np.uint64)).tolist()]
    ['0x5692161d100b05e5', '0xdbd238973a2b148a']
    """
    hashed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashed = (hashed ^ (hashed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashed ^ (hashed >> np.uint64(31))


@dataclass
class Sampler:
    """Which blocks of which files are followed.

    Examples
    --------
    >>> sampler = Sampler(0.25)
    >>> index = np.arange(4000, dtype=np.uint64) << np.uint64(9)
    >>> int(sampler.chosen(["a"], np.zeros(4000, np.uint32), index).sum())
    1015
    """

    rate: float
    keys: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))

    @property
    def limit(self) -> int:
        """Hashes below this are in the sample."""
        return min(int(self.rate * 2.0**64), (1 << 64) - 1)

    def chosen(
        self, files: Sequence[str], file: NDArray[np.uint32], index: Indices
    ) -> NDArray[np.bool_]:
        """For each (number of a file, page) whether its block is in the sample."""
        if self.rate == 1:
            return np.ones(len(index), np.bool_)
        if len(self.keys) < len(files):
            new = [key_of(name) for name in files[len(self.keys) :]]
            self.keys = np.append(self.keys, np.array(new, np.uint64))
        block = (index >> np.uint64(BLOCK_ORDER)) * np.uint64(0x9E3779B97F4A7C15)
        return mix(self.keys[file] ^ block) < np.uint64(self.limit)


def key_of(name: str) -> int:
    """64 bits of a file's name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def in_blocks(piece: Trace) -> tuple[NDArray[np.intp], Indices, Indices]:
    """The events of a trace cut where blocks end: (row, first page, pages) of each part.

    Examples
    --------
    >>> from pagecache.inputs import read_trace
    >>> piece = read_trace("lmdb_stat_random")
    >>> row, index, count = in_blocks(piece)
    >>> bool((index // 512 == (index + count - 1) // 512).all())
    True
    >>> int(count.sum() - np.maximum(piece.count, 1).sum())
    0
    """
    order = np.uint64(BLOCK_ORDER)
    count = np.maximum(piece.count, np.uint64(1))
    first = piece.index >> order
    parts = (((piece.index + count - np.uint64(1)) >> order) - first + np.uint64(1)).astype(np.intp)
    if (parts == 1).all():
        return np.arange(len(piece)), piece.index, count
    row = np.repeat(np.arange(len(piece)), parts)
    step = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    start = (first[row] + step.astype(np.uint64)) << order
    begin = np.maximum(start, piece.index[row])
    last = np.minimum(
        start + np.uint64((1 << BLOCK_ORDER) - 1), (piece.index + count)[row] - np.uint64(1)
    )
    return row, begin, last - begin + np.uint64(1)


def estimate(pages: Sequence[int], rate: float) -> tuple[float, float]:
    """Pages of all blocks, and the standard error, from the pages of each sampled one.

    Examples
    --------
    >>> estimate([512, 512], 0.5)
    (2048.0, 1024.0)
    >>> estimate([512, 512], 1.0)
    (1024.0, 0.0)
    """
    squares = sum(count * count for count in pages)
    return sum(pages) / rate, math.sqrt((1 - rate) / rate**2 * squares)
