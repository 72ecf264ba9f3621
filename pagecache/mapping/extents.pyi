from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

KINDS: tuple[str, ...]

@disjoint_base
class Extents:
    def __new__(cls) -> Self: ...
    def set(self, first: SupportsIndex, pages: SupportsIndex, kind: str) -> None: ...
    def runs(self) -> list[tuple[int, int, str]]: ...
