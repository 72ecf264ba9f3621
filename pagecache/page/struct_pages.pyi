from typing import Any, Self, SupportsIndex

import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

from pagecache.page.frames import Frames

WHICH: dict[str, int]

@disjoint_base
class StructPages:
    def __new__(cls, count: SupportsIndex, layout: str) -> Self: ...
    @property
    def frames(self) -> Frames: ...
    @property
    def layout(self) -> str: ...
    def make_folios(self, pfn: npt.NDArray[np.uint64], order: npt.NDArray[np.uint8]) -> None: ...
    def describe(self, pfn: SupportsIndex) -> dict[str, Any]: ...
    def raw(self, pfn: SupportsIndex) -> bytes: ...
