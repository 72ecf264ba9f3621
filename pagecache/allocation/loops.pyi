from typing import SupportsIndex

from pagecache.allocation.policy import Policy

def cover(policy: Policy, ranges: SupportsIndex, order: SupportsIndex = 9) -> int: ...
