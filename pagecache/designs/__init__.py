"""The designs of a page-cache index: one small file a layout, and their registry.

The contract of a design, held by one test over all of them: after any insertions and removals of
aligned folios, `get` answers the frame of every cached page and nothing for every other; a removed
folio leaves no slot behind; a failed insertion changes nothing; and `truncate` gives back every
node and every reference.
"""

from pagecache.designs.registry import (
    BUILT_IN,
    HUGE_ORDERS,
    Design,
    check_policy,
    find,
    make,
    names,
)

__all__ = ["BUILT_IN", "HUGE_ORDERS", "Design", "check_policy", "find", "make", "names"]
