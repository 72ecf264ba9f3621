from typing import Any, Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.allocation.policy import Policy
from pagecache.buddy.buddy import Buddy

@disjoint_base
class Counting(Policy):
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

class BuddyPolicy(Counting):
    def __new__(cls, buddy: Buddy, *, gfp: SupportsIndex = ..., **options: Any) -> Self: ...
