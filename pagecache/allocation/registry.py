"""The policies by name.  To add one, copy the file nearest to it and add a line to `POLICIES`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pagecache.allocation.arguments import flags_of
from pagecache.allocation.buddy_policy import Counting
from pagecache.allocation.compound import Compound
from pagecache.allocation.fallback import Fallback
from pagecache.allocation.huge_pool import HugePool
from pagecache.allocation.min_order import MinOrder
from pagecache.allocation.pages import Pages
from pagecache.buddy.buddy import Buddy
from pagecache.errors import InputError, unknown, whole

POLICIES: Mapping[str, type[Counting]] = MappingProxyType(
    {
        "pages": Pages,
        "compound": Compound,
        "fallback": Fallback,
        "min-order": MinOrder,
        "huge-pool": HugePool,
    }
)
LARGEST = 18  # order of a huge page of 1 GiB
OPTIONS = {
    "min-order": {"gfp", "min_order"},
    "huge-pool": {"gfp", "huge_order", "pool", "surplus"},
}


def names() -> tuple[str, ...]:
    """The names of all policies.

    Examples
    --------
    >>> from pagecache import allocation
    >>> allocation.names()
    ('pages', 'compound', 'fallback', 'min-order', 'huge-pool')
    """
    return tuple(POLICIES)


def find(name: str) -> type[Counting]:
    """The class of the policy of that name; InputError names the nearest and all others."""
    try:
        return POLICIES[name]
    except KeyError:
        raise InputError(unknown("policy", name, POLICIES)) from None


def make(name: str, memory: Buddy | int, **options: Any) -> Counting:
    """A policy over a memory.

    Parameters
    ----------
    name : str
        One of `names()`.
    memory : Buddy or int
        The simulated memory, which policies may share, or the frames of a new one.
    **options
        ``gfp`` (int) of all; ``min_order`` of min-order; ``huge_order``, ``pool`` and ``surplus``
        of huge-pool.

    Examples
    --------
    >>> from pagecache import allocation
    >>> allocation.make("compound", 1 << 14).alloc(4)
    (0, 4)
    """
    kind, taken = find(name), OPTIONS.get(name, {"gfp"})
    if not options.keys() <= taken:
        raise InputError(
            f"policy '{name}' has no option {min(options.keys() - taken)}; "
            f"it takes {', '.join(sorted(taken))}"
        )
    if options.get("gfp") is not None:
        flags_of(options["gfp"], None)
    for order in ("min_order", "huge_order"):
        if order in options:
            whole(options[order], order, LARGEST)
    return kind(Buddy(memory) if isinstance(memory, int) else memory, **options)
