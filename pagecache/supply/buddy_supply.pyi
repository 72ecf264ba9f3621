from typing import Any, Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.memory.buddy import Buddy
from pagecache.supply.supply import Supply

@disjoint_base
class Counting(Supply):
    gfp: int
    @property
    def buddy(self) -> Buddy: ...
    @property
    def attempts(self) -> dict[int, int]: ...
    @property
    def got(self) -> dict[int, int]: ...
    @property
    def failures(self) -> dict[int, int]: ...
    def reset_counts(self) -> None: ...

class BuddySupply(Counting):
    def __new__(cls, buddy: Buddy, *, gfp: SupportsIndex = ..., **options: Any) -> Self: ...
