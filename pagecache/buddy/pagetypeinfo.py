"""Reader of /proc/pagetypeinfo: free blocks by order, a line for each migrate type of a zone.

Node    0, zone   Normal, type      Movable      0  11520  21580  15003   8692   4945 ...

The types of a zone are added up. The kernel stops counting at 100,000 and prints >100000 then.
"""

import re
from collections.abc import Iterable

from pagecache.buddy.buddyinfo import Zone, parse_buddyinfo
from pagecache.errors import InputError

FIRST = "Page block order:"
_LINE = re.compile(r"(Node\s+\d+,\s+zone\s+\S+),\s+type\s+\S+((?:\s+\S+)*)\s*", re.ASCII)


def parse_pagetypeinfo(path: str, lines: Iterable[str]) -> list[Zone]:
    """Read the lines of a pagetypeinfo.

    Parameters and errors are those of `parse_buddyinfo`; and InputError for a count that the
    kernel cut off.

    Examples
    --------
    >>> lines = [f"Node 0, zone DMA, type {kind} 1 0 2" for kind in ("Unmovable", "Movable")]
    >>> parse_pagetypeinfo("pagetypeinfo", ["Page block order: 9", *lines])[0].counts
    (2, 0, 4)
    """
    zones: dict[tuple[int, str], Zone] = {}
    for at, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        if ">" in found[2]:
            what = "the kernel stopped counting at 100,000 blocks; take /proc/buddyinfo"
            raise InputError(f"{path}:{at}: {what}")
        one = parse_buddyinfo(path, [""] * (at - 1) + [found[1] + found[2]])[0]
        old = zones.get((one.node, one.name))
        counts = one.counts if old is None else added(path, at, old.counts, one.counts)
        zones[one.node, one.name] = Zone(
            one.node, one.name, counts, at if old is None else old.line
        )
    if not zones:
        raise InputError(f"{path}:1: no zone in it; copy /proc/pagetypeinfo again, as root")
    return list(zones.values())


def added(path: str, at: int, old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    """Sums by order; InputError for other numbers of orders."""
    if len(old) != len(new):
        what = f"{len(new)} counts where an earlier line has {len(old)}"
        raise InputError(f"{path}:{at}: {what}; copy /proc/pagetypeinfo again")
    return tuple(a + b for a, b in zip(old, new, strict=True))
