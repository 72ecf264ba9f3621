"""Which folios a design caches of what was recorded or asked for, and the frames they lie in."""

import numpy as np
from numpy.typing import NDArray

from pagecache.designs import Design
from pagecache.inputs import Folios


def fit(design: Design, folios: Folios, *, huge_order: int = 9) -> Folios:
    """The folios that `design` would hold for these.

    A hugetlb design caches the huge page around every page; any other makes each folio folios of
    the largest order it takes.

    Examples
    --------
    >>> import pagecache as pc
    >>> from pagecache.inputs import Folios
    >>> recorded = Folios.filled("a.img", pages=16, order=4)
    >>> fit(pc.designs.find("base-4k"), recorded).orders()
    {0: 16}
    """
    if design.huge_files:
        return folios.at_order(huge_order)
    return folios.limited(design.orders)


def assign_frames(order: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], int]:
    """A first frame for each folio, aligned to its size, and how many frames that takes in all.

    Larger folios lie first, so that no frame is wasted on alignment; equal ones keep their order.

    Examples
    --------
    >>> import numpy as np
    >>> assign_frames(np.array([0, 2, 0], np.uint8))
    (array([4, 0, 5], dtype=uint64), 6)
    """
    if len(order) and (order == order[0]).all():
        return np.arange(len(order), dtype=np.uint64) << order[0], len(order) << int(order[0])
    place = np.argsort(-order.astype(np.int16), kind="stable")
    size = np.uint64(1) << order[place].astype(np.uint64)
    end = np.cumsum(size, dtype=np.uint64)
    pfn = np.empty(len(order), np.uint64)
    pfn[place] = end - size
    return pfn, int(end[-1]) if len(end) else 0
