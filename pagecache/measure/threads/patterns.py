"""What the threads of a round look up: lists of pages, of one hot place or of the whole file.

| pattern | each thread's accesses |
|---|---|
| hot-4K | one random page, the same for all |
| hot-2M | uniform in one random aligned 2 MiB, the same for all |
| uniform | every page alike |
| zipf | the page of rank k with weight 1/k, the same ranks for all |
"""

import numpy as np

from pagecache.inputs.generators import uniform, zipf
from pagecache.measure.truth import Indices

HOT_PAGES = {"hot-4K": 1, "hot-2M": 512}
SPREAD = {"uniform": uniform, "zipf": zipf}
PATTERNS = (*HOT_PAGES, *SPREAD)


def draw(
    pattern: str, rng: np.random.Generator, pages: int, count: int, threads: int
) -> list[Indices]:
    """A list of `count` page indices for each thread.  O(count x threads).

    Examples
    --------
    >>> lists = draw("hot-2M", np.random.default_rng(1), pages=1 << 19, count=1000, threads=2)
    >>> len({int(index) >> 9 for each in lists for index in each})
    1
    """
    if pattern in SPREAD:
        return [SPREAD[pattern](rng, pages, count) for _ in range(threads)]
    hot = min(HOT_PAGES[pattern], pages)
    first = int(rng.integers(0, pages // hot)) * hot
    return [rng.integers(first, first + hot, count, dtype=np.uint64) for _ in range(threads)]
