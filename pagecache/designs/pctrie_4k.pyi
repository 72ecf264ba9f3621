from pagecache.designs.contract import PageIndex
from pagecache.structures.pool import Pool

class PcTrie4k(PageIndex):
    @property
    def pool(self) -> Pool: ...
