from typing import Literal

from typing_extensions import disjoint_base

from pagecache.designs.xarray_index import XArrayIndex
from pagecache.page.frames import Frames
from pagecache.xarray.node import NodePool

@disjoint_base
class Slots(XArrayIndex):
    def __init__(
        self,
        frames: Frames,
        pool: NodePool | None = None,
        *,
        names: Literal["head", "subpage"] = "head",
        fill: Literal["per-leaf", "per-slot"] = "per-leaf",
        **options: object,
    ) -> None: ...
    @property
    def names(self) -> str: ...
    @property
    def fill(self) -> str: ...
