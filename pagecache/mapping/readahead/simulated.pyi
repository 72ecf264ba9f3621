from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

from pagecache.mapping.readahead.cached_file import CachedFile
from pagecache.mapping.readahead.rules import ReadaheadRules

ADVICE: dict[str, int]
MAPPING_ADVICE: dict[str, int]

@disjoint_base
class SimulatedFile(CachedFile):
    def __new__(
        cls,
        rules: ReadaheadRules,
        size: int,
        device_pages: int,
        io_pages: int,
        min_order: int = 0,
        max_order: int = 9,
        exec_order: int = 0,
        largest_free: int = 63,
    ) -> SimulatedFile: ...
    @property
    def size(self) -> int: ...
    @property
    def largest_free(self) -> int: ...
    def open(self) -> Description: ...
    def folios(
        self,
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]: ...
    def requests(self) -> npt.NDArray[np.uint64]: ...
    def allocations(self) -> dict[int, int]: ...
    def pages_used(self) -> int: ...

@disjoint_base
class Description:
    def __new__(cls, file: SimulatedFile) -> Description: ...
    @property
    def state(self) -> tuple[int, int, int, int]: ...
    def advise(self, advice: str) -> None: ...
    def willneed(self, position: int, length: int) -> None: ...
    def map(self, advice: Iterable[str] = ()) -> MappedFile: ...

@disjoint_base
class MappedFile:
    def __new__(cls, description: Description, advice: Iterable[str] = ()) -> MappedFile: ...
    def touch(self, page: int, count: int = 1, step: int = 0) -> None: ...

def read_rounds(
    descriptions: list[Description],
    positions: list[int],
    length: int,
    rounds: int = 1,
    step: int = 0,
) -> None: ...
