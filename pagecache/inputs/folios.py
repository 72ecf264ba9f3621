"""The folios that the page caches of a set of files hold, as arrays.

A *page* is 4 KiB, an *index* a file offset in pages, and a folio of *order* n is 2**n pages that
start at a multiple of 2**n. Everything here works on whole arrays: a terabyte of 2 MiB folios is
524,288 of them, 100 GiB of single pages 26 million.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs.sizes import PAGE_SIZE

FileNumbers = NDArray[np.uint32]
Indices = NDArray[np.uint64]
Orders = NDArray[np.uint8]

MAX_FOLIOS = 1 << 32  # 56 GB of arrays: beyond it something was asked for by mistake


@dataclass(frozen=True, eq=False)
class Folios:
    """What the page caches of a set of files hold, in order of insertion.

    Attributes
    ----------
    files
        The files' names.
    file
        Per folio: the number of its file in `files`.
    index
        Per folio: its first page, a multiple of 2**order.
    order
        Per folio: log2 of its pages, at most 63.

    Examples
    --------
    >>> folios = Folios.filled("a.img", pages=1024, order=9)
    >>> len(folios), folios.pages, folios.bytes, folios.orders()
    (2, 1024, 4194304, {9: 2})
    """

    files: tuple[str, ...]
    file: FileNumbers
    index: Indices
    order: Orders

    def __len__(self) -> int:
        return len(self.index)

    @classmethod
    def filled(cls, name: str, pages: int, order: int) -> "Folios":
        """Populate one file from 0 with folios of one order.

        The last folio may reach past the size: `pages` is rounded up to whole folios.

        Raises
        ------
        InputError
            More than 2**32 folios.

        Examples
        --------
        >>> Folios.filled("a.img", pages=513, order=9).index.tolist()
        [0, 512]
        """
        count = _fits(-(-pages >> order))
        index = np.arange(count, dtype=np.uint64) << np.uint64(order)
        return cls.one_file(name, index, np.full(count, order, np.uint8))

    @classmethod
    def one_file(cls, name: str, index: Indices, order: Orders) -> "Folios":
        """Make the folios of a single file."""
        return cls((name,), np.zeros(len(index), np.uint32), index, order)

    @property
    def pages(self) -> int:
        """Pages of 4 KiB cached."""
        return sum(count << order for order, count in self.orders().items())

    @property
    def bytes(self) -> int:
        """Bytes cached."""
        return self.pages * PAGE_SIZE

    def orders(self) -> dict[int, int]:
        """Count the folios by order; orders without a folio are left out."""
        counts = np.bincount(self.order)
        return {int(order): int(counts[order]) for order in np.flatnonzero(counts)}

    def order_set(self) -> set[int]:
        """Give the orders that occur."""
        return set(self.orders())

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Folios":
        """Keep some of the folios, in the order of `rows`; the files keep their numbers."""
        return Folios(self.files, self.file[rows], self.index[rows], self.order[rows])

    def at_order(self, order: int) -> "Folios":
        """Give every aligned block of 2**order pages that holds any page.

        A block enters with the first of its pages, as a huge page does where nothing smaller can
        be cached. O(n log n) where the folios are below `order`, else O(blocks).

        Examples
        --------
        >>> Folios.filled("a.img", pages=1024, order=0).at_order(9).index.tolist()
        [0, 512]
        """
        pieces = self._split(np.minimum(self.order, np.uint8(order)))
        if (pieces.order == order).all():
            return pieces
        blocks = pieces.index >> np.uint64(order)
        rows = _first_of_each(pieces.file, blocks)
        index = blocks[rows] << np.uint64(order)
        return Folios(self.files, pieces.file[rows], index, np.full(len(index), order, np.uint8))

    def limited(self, orders: Collection[int]) -> "Folios":
        """Make every folio folios of the largest allowed order that is not above its own.

        The pieces of a folio take its place, in file order. O(pieces).

        Raises
        ------
        ValueError
            A folio is smaller than every allowed order.

        Examples
        --------
        >>> Folios.filled("a.img", pages=512, order=9).limited({0, 6}).orders()
        {6: 8}
        """
        return self._split(self.target_orders(orders))

    def target_orders(self, orders: Collection[int]) -> Orders:
        """Per folio, the order that `limited` would make its pieces; ValueError as there."""
        target = np.full(64, 255, np.uint8)
        for order in sorted(orders):
            target[order:] = order
        if (target[self.order] == 255).any():
            raise ValueError(f"folios of order {self.order.min()} fit none of {sorted(orders)}")
        return target[self.order]

    def _split(self, target: Orders) -> "Folios":
        """Split each folio into pieces of its target order, which is not above its own."""
        cuts = self.order - target
        if not cuts.any():
            return self
        _fits(sum(int(count) << cut for cut, count in enumerate(np.bincount(cuts))))
        counts = np.int64(1) << cuts.astype(np.int64)
        rows = np.repeat(np.arange(len(self)), counts)
        within = (np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]).astype(np.uint64)
        index = self.index[rows] + (within << target[rows].astype(np.uint64))
        return Folios(self.files, self.file[rows], index, target[rows])

    def holds(self, file: FileNumbers, index: Indices) -> NDArray[np.bool_]:
        """Tell for each (file, page index) whether its page is cached. O((n + m) log n).

        Examples
        --------
        >>> Folios.filled("a.img", pages=8, order=2).holds(np.uint32([0, 0]), np.uint64([7, 8]))
        array([ True, False])
        """
        if len(self) == 0:
            return np.zeros(len(index), np.bool_)
        starts, key = file_order_keys(self.file, self.index)
        by_place = np.argsort(key)
        wanted = key_at_or_before(starts, file, index)
        at = by_place[np.searchsorted(key, wanted, "right", sorter=by_place) - 1]
        inside = (index - self.index[at]) >> self.order[at].astype(np.uint64) == 0
        held: NDArray[np.bool_] = (self.file[at] == file) & (self.index[at] <= index) & inside
        return held

    def check(self) -> None:
        """Raise AssertionError unless each folio is aligned and no two share a page."""
        assert len(self.file) == len(self.index) == len(self.order), "arrays of one length"
        low = self.index & ((np.uint64(1) << self.order.astype(np.uint64)) - np.uint64(1))
        assert not low.any(), "a folio starts at a multiple of its size"
        place = np.lexsort((self.index, self.file))
        file, index, order = self.file[place], self.index[place], self.order[place]
        gap = index[1:] - index[:-1]
        apart = (file[1:] != file[:-1]) | (gap >> order[:-1].astype(np.uint64) > 0)
        assert apart.all(), "no two folios share a page"


def file_order_keys(file: FileNumbers, index: Indices) -> tuple[Indices, NDArray[np.int64]]:
    """Give keys that sort as (file, index) does, and the distinct indices they count in.

    A file number and an index of 64 bits do not fit into one integer; the index's rank does.
    """
    starts, rank = np.unique(index, return_inverse=True)
    return starts, _key(file, rank, len(starts))


def key_at_or_before(starts: Indices, file: FileNumbers, index: Indices) -> NDArray[np.int64]:
    """Give the key of the last of `starts` (of `file_order_keys`) that is not above each index."""
    return _key(file, np.searchsorted(starts, index, "right") - 1, len(starts))


def _key(file: FileNumbers, rank: NDArray[np.intp], ranks: int) -> NDArray[np.int64]:
    # One more than the ranks, so that rank -1 (before every index) stays within its file.
    return file.astype(np.int64) * (ranks + 1) + rank + 1


def _first_of_each(file: FileNumbers, blocks: Indices) -> NDArray[np.intp]:
    """Rows where a (file, block) occurs for the first time, ascending."""
    changed = np.ones(len(blocks), np.bool_)  # neighbours first: a file read in order needs no sort
    changed[1:] = (blocks[1:] != blocks[:-1]) | (file[1:] != file[:-1])
    rows = np.flatnonzero(changed)
    if len(rows) and not file.any() and int(blocks.max()) < 4 * len(blocks):
        return _first_of_each_value(rows, blocks)
    _, key = file_order_keys(file[rows], blocks[rows])
    _, first = np.unique(key, return_index=True)
    return rows[np.sort(first)]


def _first_of_each_value(rows: NDArray[np.intp], blocks: Indices) -> NDArray[np.intp]:
    """Do the same with a table instead of a sort, 15 times faster, where values are small."""
    first = np.full(int(blocks.max()) + 1, -1, np.intp)
    first[blocks[rows[::-1]]] = rows[::-1]  # of equal places the last assignment stays
    return np.sort(first[first >= 0])


def _fits(count: int) -> int:
    if count > MAX_FOLIOS:
        raise InputError(f"--size: {count} folios are over 2**32; give a smaller size or an order")
    return count
