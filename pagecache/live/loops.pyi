import numpy as np
from numpy.typing import NDArray

from pagecache.designs.contract import PageIndex

def populate(
    indexes: list[PageIndex],
    file: NDArray[np.uint32],
    index: NDArray[np.uint64],
    order: NDArray[np.uint8],
    pfn: NDArray[np.uint64],
) -> None: ...
def type_starts(words: NDArray[np.uint32]) -> NDArray[np.uint32]: ...
