from collections.abc import Sequence
from typing import Any, Self, SupportsIndex

import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

CAN_WATCH: bool
ACCESS: np.dtype[Any]

@disjoint_base
class Watch:
    def __new__(
        cls,
        nodes: Sequence[tuple[int, int]],
        struct_pages: tuple[int, int],
        room: SupportsIndex = 65536,
    ) -> Self: ...
    def start(self) -> None: ...
    def stop(self) -> npt.NDArray[Any]: ...

def slots_within(pool: object) -> tuple[int, int, int]: ...
