from typing import Final, SupportsIndex, TypeAlias

from typing_extensions import disjoint_base

@disjoint_base
class Pointer:
    def __init__(self, address: SupportsIndex) -> None: ...
    @property
    def address(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class _Subtree: ...

SUBTREE: Final[_Subtree]
LIKES: Final[tuple[str, ...]]

_Entry: TypeAlias = int | Pointer
