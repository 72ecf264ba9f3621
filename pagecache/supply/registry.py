"""The supplies by name.  To add one, copy the file nearest to it and add a line to `SUPPLIES`."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pagecache.errors import InputError
from pagecache.memory.buddy import Buddy
from pagecache.supply.buddy_supply import Counting
from pagecache.supply.compound import Compound
from pagecache.supply.fallback import Fallback
from pagecache.supply.huge_pool import HugePool
from pagecache.supply.min_order import MinOrder
from pagecache.supply.pages import Pages

SUPPLIES: Mapping[str, type[Counting]] = MappingProxyType(
    {
        "pages": Pages,
        "compound": Compound,
        "fallback": Fallback,
        "min-order": MinOrder,
        "huge-pool": HugePool,
    }
)
OPTIONS = {
    "min-order": {"gfp", "min_order"},
    "huge-pool": {"gfp", "huge_order", "pool", "surplus"},
}


def names() -> tuple[str, ...]:
    """The names of all supplies.

    Examples
    --------
    >>> from pagecache import supply
    >>> supply.names()
    ('pages', 'compound', 'fallback', 'min-order', 'huge-pool')
    """
    return tuple(SUPPLIES)


def find(name: str) -> type[Counting]:
    """The class of the supply of that name; InputError names the nearest and all others."""
    try:
        return SUPPLIES[name]
    except KeyError:
        raise InputError(unknown(name)) from None


def unknown(name: str) -> str:
    """The line that answers an unknown name."""
    near = difflib.get_close_matches(name, SUPPLIES, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"unknown supply '{name}'; {hint}known: {', '.join(SUPPLIES)}"


def make(name: str, memory: Buddy | int, **options: Any) -> Counting:
    """A supply over a memory.

    Parameters
    ----------
    name : str
        One of `names()`.
    memory : Buddy or int
        The simulated memory, which supplies may share, or the frames of a new one.
    **options
        ``gfp`` (int) of all; ``min_order`` of min-order; ``huge_order``, ``pool`` and ``surplus``
        of huge-pool.

    Examples
    --------
    >>> from pagecache import supply
    >>> supply.make("compound", 1 << 14).obtain(4)
    (0, 4)
    """
    kind, taken = find(name), OPTIONS.get(name, {"gfp"})
    if not options.keys() <= taken:
        raise InputError(
            f"supply '{name}' has no option {min(options.keys() - taken)}; "
            f"it takes {', '.join(sorted(taken))}"
        )
    return kind(Buddy(memory) if isinstance(memory, int) else memory, **options)
