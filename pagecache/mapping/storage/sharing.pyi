from typing import Self

from typing_extensions import disjoint_base

@disjoint_base
class SharedBlocks:
    def __new__(cls) -> Self: ...
    frames: object
    content: bool
    @property
    def clones(self) -> int: ...
    def next_clone(self) -> int: ...
    @property
    def nodes(self) -> int: ...
