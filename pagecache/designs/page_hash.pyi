from pagecache.designs.contract import PageIndex
from pagecache.structures.page_hash.table import HashTable

class PageHashIndex(PageIndex):
    @property
    def pool(self) -> HashTable: ...
