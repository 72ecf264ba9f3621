from typing import Self

from typing_extensions import disjoint_base

from pagecache.buddy.buddy import Buddy

@disjoint_base
class Moves:
    def __new__(cls, buddy: Buddy) -> Self: ...
    def take(self) -> list[tuple[int, int, int]]: ...
