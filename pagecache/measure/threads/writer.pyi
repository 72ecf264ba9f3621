import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

from pagecache.designs.references import References
from pagecache.measure.threads.crew import Crew
from pagecache.xarray.grace import Readers

VERBS: dict[str, int]

@disjoint_base
class Writer:
    def __new__(
        cls,
        references: References,
        readers: Readers,
        verb: str,
        order: int,
        each: int = 1,
        spare: int = 0,
        sleeps: bool = False,
    ) -> Writer: ...
    def write(
        self,
        crew: Crew,
        rate: float,
        places: npt.NDArray[np.uint64],
        holds: npt.NDArray[np.uint32],
    ) -> dict[str, int]: ...
    def unsettled(self, places: npt.NDArray[np.uint64]) -> int: ...
