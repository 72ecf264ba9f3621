from typing import Final, TypeAlias

from pagecache.pointer import Pointer as Pointer

class _Subtree: ...

SUBTREE: Final[_Subtree]
LIKES: Final[tuple[str, ...]]
MOST_ENTRIES: Final[int]

_Entry: TypeAlias = int | Pointer
