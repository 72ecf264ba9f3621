from typing import Any, Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.allocation.fallback import Fallback
from pagecache.buddy.buddy import Buddy

@disjoint_base
class MinOrder(Fallback):
    def __new__(cls, buddy: Buddy, *, min_order: SupportsIndex = 4, **options: Any) -> Self: ...
    @property
    def min_order(self) -> int: ...
