"""What the timed loops have to answer, computed in numpy from the folios themselves."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs import Folios

Files = NDArray[np.uint32]
Indices = NDArray[np.uint64]


class Truth:
    """Where each page lies: the folios of a design, sorted by place, with their frames.

    Parameters
    ----------
    folios : Folios
        Folios that do not overlap.
    pfn : uint64 array of shape (len(folios),)
        The first frame of each.

    Examples
    --------
    >>> import numpy as np
    >>> from pagecache.inputs import Folios
    >>> truth = Truth(Folios.filled("a.img", pages=8, order=2), np.array([4, 0], np.uint64))
    >>> truth.frames(np.zeros(2, np.uint32), np.array([1, 4], np.uint64))
    array([5, 0], dtype=uint64)
    """

    def __init__(self, folios: Folios, pfn: NDArray[np.uint64]) -> None:
        self.folios, self.pfn = folios, pfn
        last = int(folios.index.max()) + (1 << 12) if len(folios) else 1
        self._bits = np.uint64(last.bit_length())
        if last.bit_length() + len(folios.files).bit_length() > 64:
            raise InputError(f"{folios.files[0]}: too many files for indices this high; name fewer")

    def _key(self, file: Files, index: Indices) -> NDArray[np.uint64]:
        key: NDArray[np.uint64] = (file.astype(np.uint64) << self._bits) | index
        return key

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.uint64], Indices, NDArray[np.uint64]]:
        """Keys of the folios' first pages in ascending order, their pages, and their frames."""
        key = self._key(self.folios.file, self.folios.index)
        size = np.uint64(1) << self.folios.order.astype(np.uint64)
        if (key[1:] > key[:-1]).all():
            return key, size, self.pfn
        place = np.argsort(key)
        return key[place], size[place], self.pfn[place]

    @cached_property
    def _sum_before(self) -> NDArray[np.uint64]:
        """The sum of the frames of all pages before each folio, modulo 2**64."""
        _, size, pfn = self._sorted
        total = np.cumsum(size * pfn + size * (size - np.uint64(1)) // np.uint64(2))
        return np.concatenate((np.zeros(1, np.uint64), total))

    def heads(self, file: Files, index: Indices) -> NDArray[np.uint64]:
        """The first frame of the folio around each page; every page must be cached."""
        key, _, pfn = self._sorted
        return pfn[np.searchsorted(key, self._key(file, index), "right") - 1]

    def frames(self, file: Files, index: Indices) -> NDArray[np.uint64]:
        """The frame of each page; every page must be cached."""
        key, _, pfn = self._sorted
        wanted = self._key(file, index)
        row = np.searchsorted(key, wanted, "right") - 1
        return pfn[row] + (wanted - key[row])

    def sums(self, file: Files, index: Indices, pages: int) -> NDArray[np.uint64]:
        """The sum of the frames of those of `pages` pages from each index on that are cached."""
        return self._sum_up_to(file, index + np.uint64(pages)) - self._sum_up_to(file, index)

    def _sum_up_to(self, file: Files, index: Indices) -> NDArray[np.uint64]:
        key, size, pfn = self._sorted
        wanted = self._key(file, index)
        row = np.searchsorted(key, wanted, "right")
        at = np.maximum(row, 1) - 1
        within = np.where(row > 0, np.minimum(wanted - key[at], size[at]), np.uint64(0))
        own = within * pfn[at] + within * (np.maximum(within, 1) - np.uint64(1)) // np.uint64(2)
        total: NDArray[np.uint64] = self._sum_before[at] + own
        return total


def total(values: NDArray[np.uint64]) -> int:
    """A sum modulo 2**64, as the compiled loops make it."""
    return int(values.sum(dtype=np.uint64))
