from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from typing_extensions import disjoint_base

from pagecache.mapping.file import File
from pagecache.mapping.view import View
from pagecache.mapping.vm_fault import VmFault

NAMES: dict[int, str]

@disjoint_base
class Calls(View):
    @property
    def file(self) -> File: ...
    def read(self, position: int | str, length: int | str) -> int: ...
    def write(self, position: int | str, length: int | str, identity: int = 0) -> int: ...
    def fault(self, index: int, write: bool = False, identity: int = 0) -> VmFault: ...
    def fallocate(self, position: int | str, length: int | str) -> None: ...
    def unshare(self, position: int | str, length: int | str) -> None: ...
    def truncate(self, size: int | str) -> None: ...
    def punch(self, position: int | str, length: int | str) -> None: ...
    def run(
        self,
        op: Sequence[str] | npt.NDArray[np.uint8] | npt.NDArray[np.str_],
        index: npt.ArrayLike,
        count: npt.ArrayLike,
        out: npt.NDArray[np.uint64] | None = None,
    ) -> int: ...
