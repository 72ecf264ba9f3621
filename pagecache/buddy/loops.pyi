from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from pagecache.buddy.buddy import Buddy

def alloc_each(
    memory: Buddy,
    pfn: npt.NDArray[np.uint64],
    order: SupportsIndex = 0,
    gfp: SupportsIndex = 8,
) -> int: ...
def free_each(memory: Buddy, pfn: npt.NDArray[np.uint64], order: SupportsIndex = 0) -> int: ...
def alloc_and_free(
    memory: Buddy, times: SupportsIndex, order: SupportsIndex = 0, gfp: SupportsIndex = 8
) -> int: ...
