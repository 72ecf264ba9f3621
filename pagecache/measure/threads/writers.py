"""Writers by name: what they do, how often, and which rows they go with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.errors import InputError, unknown
from pagecache.measure.case import Row
from pagecache.measure.truth import Indices
from pagecache.page.protocols import PROTOCOLS

RATES = {  # a second
    "populate": 50_000,
    "erase": 50_000,
    "truncate": 1000,
    "reclaim": 10_000,
    "migrate": 1000,
    "split": 1000,
}
KEEPS = ("migrate", "split")  # after which every page is still there
HUGE_PAGES = 512  # of a truncate, as many small folios or one
MOST_PLACES = 1024
UNPAUSED = "max"


@dataclass(frozen=True)
class Asked:
    """A writer that was asked for: its verb, and how many changes a second."""

    verb: str
    rate: float

    @classmethod
    def parse(cls, text: str) -> "Asked":
        """From ``erase@50000``, ``erase@max`` or ``erase``.

        Examples
        --------
        >>> Asked.parse("erase@50000"), Asked.parse("split").rate, Asked.parse("erase@max").rate
        (Asked(verb='erase', rate=50000.0), 1000.0, inf)
        """
        verb, at, rate = text.partition("@")
        if verb not in RATES:
            raise InputError(f"--writer: {unknown('verb', verb, RATES)}")
        if not at:
            return cls(verb, float(RATES[verb]))
        try:
            found = float("inf") if rate == UNPAUSED else float(rate)
        except ValueError:
            found = 0.0
        if not found > 0:
            raise InputError(f"--writer: {rate!r} is no rate; give {verb}@{RATES[verb]} or @max")
        return cls(verb, found)

    def __str__(self) -> str:
        return f"{self.verb}@{UNPAUSED if self.rate == float('inf') else f'{self.rate:.15g}'}"

    def unfit(self, row: Row, order: int) -> str | None:
        """Why this writer does not go with a row whose folios are of `order`; None if it does."""
        design = designs.find(row.design)
        if "concurrent" not in design.provides:
            return "it has no readers beside a writer"
        if not design.on_xarray:
            return "writers are built for designs on the XArray"
        if self.verb == "split" and (order != 9 or not design.splits_beside_readers):
            return "it has no folio of order 9 that one split makes pages of"
        if self.verb == "split" and PROTOCOLS[row.references or "cas"].least_order:
            return f"{row.references} does not count single pages"
        return None

    def folios(self, order: int) -> int:
        """How many folios one change is of."""
        return max(HUGE_PAGES >> order, 1) if self.verb == "truncate" else 1

    def places(self, pages: Indices, order: int, pfn: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Where it works: pairs of the first index and frame, without those only in part there.

        Parameters
        ----------
        pages : uint64 array of shape (n,)
            Pages drawn as the readers' are.
        order : int
            Of the folios, which cover the file from its start.
        pfn : uint64 array of shape (m,)
            The first frame of each folio, in the order of the file.
        """
        each = self.folios(order)
        first = np.unique(pages >> np.uint64(order))
        first = np.unique(first // np.uint64(each)) * np.uint64(each)
        first = first[first + np.uint64(each) <= len(pfn)]
        first = np.random.default_rng(len(first)).permutation(first)[:MOST_PLACES]
        found = np.stack((first << np.uint64(order), pfn[first.astype(np.intp)]), axis=1)
        return np.ascontiguousarray(found)
