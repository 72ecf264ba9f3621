from typing import Self, SupportsIndex

import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

from pagecache.designs.references import References

def page_contents(pages: int) -> npt.NDArray[np.uint8]: ...

@disjoint_base
class Copies:
    def __new__(
        cls, references: References, contents: npt.NDArray[np.uint8], length: SupportsIndex
    ) -> Self: ...
    @property
    def references(self) -> References: ...
    def get(self, index: SupportsIndex, number: SupportsIndex = 0) -> tuple[int, bytes] | None: ...
