from typing import SupportsIndex

from pagecache.designs.contract import PageIndex
from pagecache.structures.pool import Pool

class Radix2018(PageIndex):
    @property
    def pool(self) -> Pool: ...
    @property
    def height(self) -> int: ...
    def name_entry(self, word: SupportsIndex) -> tuple[str, str]: ...
