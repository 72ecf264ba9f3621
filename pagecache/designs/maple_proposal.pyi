from typing import SupportsIndex

from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex
from pagecache.structures.pool import Pool

@disjoint_base
class MapleProposal(PageIndex):
    @staticmethod
    def make_pool(*, huge: bool = False, **options: object) -> Pool: ...
    @property
    def pool(self) -> Pool: ...
    @property
    def height(self) -> int: ...
    def name_entry(self, word: SupportsIndex) -> tuple[str, str]: ...
