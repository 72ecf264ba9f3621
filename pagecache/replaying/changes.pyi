import numpy as np
import numpy.typing as npt

from pagecache.designs.contract import PageIndex
from pagecache.designs.indexes import Indexes
from pagecache.page.frames import Frames

def apply(
    indexes: Indexes,
    frames: Frames,
    op: npt.NDArray[np.uint8],
    file: npt.NDArray[np.uint32],
    index: npt.NDArray[np.uint64],
    order: npt.NDArray[np.uint8],
    pfn: npt.NDArray[np.uint64],
    pieces: npt.NDArray[np.uint8],
) -> None: ...
def folios_by_order(index: PageIndex) -> dict[int, int]: ...
