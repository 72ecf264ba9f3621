"""Where folios come from: `Memory`, a buddy allocator with a policy in front, and the policies.

policy, buddy_policy  the contract of a policy, and what those over a buddy allocator share
pages         single frames
compound      the order asked for or nothing (2007)
fallback      the order asked for, then smaller ones (2018)
min_order     the same, never below the filesystem's block (6.12)
huge_pool     huge pages set aside beforehand (hugetlbfs)
registry      the policies by name
memory        `pagecache.Memory`; arguments: what its calls are given
scattered, zones  memory fragmented on purpose, or as a running machine's is
loops         requests in a compiled loop, for benchmarks and tables

Knows nothing of designs, of files, or of what a folio is for.
"""

from pagecache.allocation.policy import Policy
from pagecache.allocation.registry import find, make, names

__all__ = ["Policy", "find", "make", "names"]
