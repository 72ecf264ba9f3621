from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.xarray.node import NodePool

KINDS: tuple[str, ...]

@disjoint_base
class Extents:
    def __new__(cls) -> Self: ...
    size: int
    @property
    def pool(self) -> NodePool: ...
    def set(self, first: SupportsIndex, pages: SupportsIndex, kind: str) -> None: ...
    def shared_from(self, other: Extents, clone: SupportsIndex) -> None: ...
    def runs(self) -> list[tuple[int, int, str]]: ...
