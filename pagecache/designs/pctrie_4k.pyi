from typing import SupportsIndex

from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex
from pagecache.structures.pool import Pool

@disjoint_base
class PcTrie4k(PageIndex):
    @staticmethod
    def make_pool(*, huge: bool = False, **options: object) -> Pool: ...
    @property
    def pool(self) -> Pool: ...
    def name_key(self, key: SupportsIndex) -> str: ...
