from collections.abc import Iterable
from typing import Self

import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

from pagecache.mapping.mapping import Mapping

OPERATIONS: dict[str, int]
NAMES: dict[int, str]

@disjoint_base
class Loop:
    def __new__(cls, mappings: Iterable[Mapping]) -> Self: ...
    def run(
        self,
        file: npt.NDArray[np.uint32],
        op: npt.NDArray[np.uint8],
        index: npt.NDArray[np.uint64],
        count: npt.NDArray[np.uint64],
        out: npt.NDArray[np.uint64] | None = None,
        refused: npt.NDArray[np.uint8] | None = None,
        *,
        ahead: bool = False,
    ) -> int: ...
    def check(
        self,
        file: npt.NDArray[np.uint32],
        op: npt.NDArray[np.uint8],
        index: npt.NDArray[np.uint64],
        count: npt.NDArray[np.uint64],
    ) -> None: ...

def refused_by(mapping: Mapping, number: int, error: int = 0) -> str: ...
def failed_operation(mapping: Mapping, failed: int, number: int, place: str) -> Exception: ...
