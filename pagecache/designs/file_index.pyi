from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex

@disjoint_base
class FileIndex(PageIndex):
    def __init__(self, *args: object, **kwargs: object) -> None: ...
    @property
    def value_order(self) -> int: ...
