import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex
from pagecache.designs.references import References
from pagecache.measure.threads.copies import Copies
from pagecache.xarray.grace import Readers

VERBS: dict[str, int]
HOLD: str

@disjoint_base
class Crew:
    def __new__(
        cls,
        index: PageIndex,
        readers: Readers | None,
        members: int,
        ns: int,
        references: References | None = None,
        beside: bool = False,
        spare: tuple[int, int] = (0, 0),
        copies: Copies | None = None,
    ) -> Crew: ...
    def stop(self) -> None: ...
    def read(self, number: int, loop: str, accesses: npt.NDArray[np.uint64]) -> dict[str, int]: ...
    def time_gets(
        self,
        number: int,
        loop: str,
        accesses: npt.NDArray[np.uint64],
        taken: npt.NDArray[np.uint32],
    ) -> tuple[int, float]: ...
