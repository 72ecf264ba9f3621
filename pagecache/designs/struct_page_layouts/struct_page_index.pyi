from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex
from pagecache.page.struct_pages import StructPages
from pagecache.xarray.node import NodePool

@disjoint_base
class StructPageIndex(PageIndex):
    layout: str
    nodes: int
    index_bytes: int
    def __new__(
        cls,
        pages: StructPages,
        pool: NodePool | None = None,
        *,
        each: bool = False,
        subpages: bool = False,
        **options: object,
    ) -> Self: ...
    @property
    def pool(self) -> NodePool: ...
    @property
    def struct_pages(self) -> StructPages: ...
    def remove_folio(self, index: SupportsIndex) -> int: ...
    def lines(self, index: SupportsIndex) -> int: ...
    def lines_read(self, index: SupportsIndex, count: SupportsIndex = 32) -> int: ...
