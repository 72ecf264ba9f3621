"""Runs of pages, (first page, number of pages): what residency and extents come as.

`largest_folios` turns runs into the fewest aligned folios, the best that large folios could do.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.folios import Folios, Indices, Orders

Runs = NDArray[np.uint64]  # shape (n, 2): first page, pages; ascending, apart


def as_runs(pairs: Iterable[tuple[int, int]]) -> Runs:
    """Make runs of (first, pages) pairs that ascend, joining those that touch or overlap.

    Examples
    --------
    >>> as_runs([(0, 2), (2, 3), (8, 1)]).tolist()
    [[0, 5], [8, 1]]
    """
    joined: list[tuple[int, int]] = []
    for first, pages in pairs:
        if joined and first <= sum(joined[-1]):
            start, length = joined[-1]
            joined[-1] = (start, max(start + length, first + pages) - start)
        else:
            joined.append((first, pages))
    return np.array(joined, np.uint64).reshape(-1, 2)


def runs_of(mask: NDArray[np.bool_], first: int = 0) -> list[tuple[int, int]]:
    """List the runs of True in `mask`, whose first element is page `first`.

    Examples
    --------
    >>> runs_of(np.array([True, True, False, True]), first=10)
    [(10, 2), (13, 1)]
    """
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    starts, ends = edges[0::2].tolist(), edges[1::2].tolist()
    return [(first + start, end - start) for start, end in zip(starts, ends, strict=True)]


def gaps(runs: Runs, pages: int) -> Runs:
    """Give the runs of what lies between `runs` in a file of `pages` pages.

    Examples
    --------
    >>> gaps(as_runs([(2, 3)]), 10).tolist()
    [[0, 2], [5, 5]]
    """
    edges = np.concatenate(([0], np.column_stack((runs[:, 0], ends(runs))).ravel(), [pages]))
    starts, stops = edges[0::2].astype(np.uint64), edges[1::2].astype(np.uint64)
    kept = starts < stops
    return np.column_stack((starts[kept], stops[kept] - starts[kept]))


def ends(runs: Runs) -> Indices:
    """Give the first page after each run."""
    after: Indices = runs.sum(axis=1, dtype=np.uint64)
    return after


def overlap(one: Runs, other: Runs) -> int:
    """Count the pages that lie in runs of both. O(n log n).

    Examples
    --------
    >>> overlap(as_runs([(0, 4), (8, 4)]), as_runs([(3, 7)]))
    3
    """
    # Pages of `other` below a page x: whole runs that start below x, less what reaches past x.
    total = np.concatenate(([0], np.cumsum(other[:, 1]))).astype(np.int64)
    stops = np.concatenate(([0], ends(other))).astype(np.int64)

    def below(page: Indices) -> NDArray[np.int64]:
        runs = np.searchsorted(other[:, 0], page)
        past: NDArray[np.int64] = np.maximum(stops[runs] - page.astype(np.int64), 0)
        return total[runs] - past

    return int((below(ends(one)) - below(one[:, 0])).sum())


def pages_of(runs: Runs) -> Indices:
    """List every page of the runs, ascending."""
    rows = np.repeat(np.arange(len(runs)), runs[:, 1].astype(np.int64))
    before = np.cumsum(runs[:, 1]) - runs[:, 1]
    pages: Indices = runs[rows, 0] + (np.arange(len(rows), dtype=np.uint64) - before[rows])
    return pages


def largest_folios(folios: Folios, max_order: int = 9) -> Folios:
    """Cover the same pages with as few aligned folios as there can be, in file order.

    Parameters
    ----------
    folios
        Any folios.
    max_order
        The largest order used: 9 is 2 MiB.

    Returns
    -------
    Folios
        Sorted by file and index. O(n log n).

    Examples
    --------
    >>> largest_folios(Folios.filled("a.img", pages=7, order=0)).orders()
    {0: 1, 1: 1, 2: 1}
    """
    file, first, last = _joined(folios)
    start, index, order = _aligned_blocks(first, last, max_order)
    place = np.lexsort((index, file[start]))
    return Folios(folios.files, file[start][place], index[place], order[place])


def _joined(folios: Folios) -> tuple[NDArray[np.uint32], Indices, Indices]:
    """Join folios that touch into runs: file, first page, page after the last."""
    place = np.lexsort((folios.index, folios.file))
    file, first = folios.file[place], folios.index[place]
    after = first + (np.uint64(1) << folios.order[place].astype(np.uint64))
    begins = np.ones(len(place), np.bool_)
    begins[1:] = (file[1:] != file[:-1]) | (first[1:] != after[:-1])
    closes = np.append(begins[1:], True)[: len(place)]
    return file[begins], first[begins], after[closes]


def _aligned_blocks(
    first: Indices, after: Indices, max_order: int
) -> tuple[NDArray[np.intp], Indices, Orders]:
    """Cut runs [first, after) into the largest aligned blocks: run number, index and order of each.

    From order 0 up, a run loses a block at its front, then at its back, wherever that end is no
    multiple of the next size; what is left at the end is whole blocks of the largest order.
    """
    first, after = first.copy(), after.copy()
    parts: list[tuple[NDArray[np.intp], Indices, int]] = []
    for order in range(max_order):
        size = np.uint64(1 << order)
        front = np.flatnonzero((first < after) & (first & size > 0))
        parts.append((front, first[front], order))
        first[front] += size
        back = np.flatnonzero((first < after) & (after & size > 0))
        after[back] -= size
        parts.append((back, after[back], order))
    parts.append(_whole_blocks(first, after, max_order))
    runs, index, orders = zip(*parts, strict=True)
    sizes = [len(part) for part in runs]
    order_of = np.repeat(np.array(orders, np.uint8), sizes)
    return np.concatenate(runs), np.concatenate(index), order_of


def _whole_blocks(
    first: Indices, after: Indices, order: int
) -> tuple[NDArray[np.intp], Indices, int]:
    left = np.flatnonzero(first < after)
    shift = np.uint64(order)
    counted = np.column_stack((first[left] >> shift, (after[left] - first[left]) >> shift))
    rows = np.repeat(left, counted[:, 1].astype(np.int64))
    return rows, pages_of(counted) << shift, order
