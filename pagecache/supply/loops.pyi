from typing import SupportsIndex

from pagecache.supply.supply import Supply

def cover(supply: Supply, ranges: SupportsIndex, order: SupportsIndex = 9) -> int: ...
