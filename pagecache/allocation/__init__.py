"""The policies of frames: one small file each, and their registry.

pages       single frames
compound    the order asked for or nothing (2007)
fallback    the order asked for, then smaller ones (2018)
min-order   the same, never below the filesystem's block (6.12)
huge-pool   huge pages set aside beforehand (hugetlbfs)
"""

from pagecache.allocation.policy import Policy
from pagecache.allocation.registry import find, make, names

__all__ = ["Policy", "find", "make", "names"]
