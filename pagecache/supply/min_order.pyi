from typing import Any, Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.memory.buddy import Buddy
from pagecache.supply.fallback import Fallback

@disjoint_base
class MinOrder(Fallback):
    def __new__(cls, buddy: Buddy, *, min_order: SupportsIndex = 4, **options: Any) -> Self: ...
    @property
    def min_order(self) -> int: ...
