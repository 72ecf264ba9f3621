from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.xarray.grace import Readers

@disjoint_base
class NodePool:
    limit: int
    poison: bool
    def __new__(
        cls,
        chunk_shift: SupportsIndex = 6,
        *,
        huge: bool = False,
        readers: Readers | None = None,
    ) -> Self: ...
    @property
    def chunk_shift(self) -> int: ...
    @property
    def node_size(self) -> int: ...
    @property
    def nodes(self) -> int: ...
    @property
    def deferred(self) -> int: ...
    @property
    def mapped(self) -> int: ...
    def shuffle(self, seed: SupportsIndex) -> None: ...
    def ranges(self) -> list[tuple[int, int]]: ...
