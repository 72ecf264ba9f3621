from typing import SupportsIndex

from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex
from pagecache.structures.page_hash.table import HashTable

LOCKED: str

@disjoint_base
class PageHashIndex(PageIndex):
    @staticmethod
    def make_pool(**options: object) -> HashTable: ...
    @property
    def pool(self) -> HashTable: ...
    def name_entry(self, entry: SupportsIndex) -> str: ...
