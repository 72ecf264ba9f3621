from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.allocation.buddy_policy import Counting
from pagecache.buddy.buddy import Buddy

@disjoint_base
class HugePool(Counting):
    def __new__(
        cls,
        buddy: Buddy,
        *,
        huge_order: SupportsIndex = 9,
        pool: SupportsIndex | None = None,
        surplus: SupportsIndex = 0,
        gfp: SupportsIndex = ...,
    ) -> Self: ...
    @property
    def huge_order(self) -> int: ...
    @property
    def pool(self) -> int: ...
    @property
    def unused(self) -> int: ...
    @property
    def surplus(self) -> int: ...
    @property
    def surplus_in_use(self) -> int: ...
    def shrink(self) -> int: ...
