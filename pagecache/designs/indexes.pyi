from collections.abc import Iterable
from typing import Self

from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex

@disjoint_base
class Indexes:
    def __new__(cls, indexes: Iterable[PageIndex], **options: object) -> Self: ...
