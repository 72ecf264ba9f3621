"""Reader of /proc/buddyinfo: free blocks by order, a line a zone, a column an order.

Node 0, zone   Normal   5834   2836    767    371    153     83     47     41     71     61    247

Most kernels have orders 0 to 10; a build may have raised or lowered that, and arm64 with pages of
64 KiB has orders 0 to 13 of those.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pagecache.errors import InputError

FEWEST, MOST = 2, 21  # columns; order 20 of 4 KiB is 4 GiB
_LINE = re.compile(r"Node\s+(\d+),\s+zone\s+(\S+)((?:\s+\S+)*)\s*", re.ASCII)
_REMEDY = "copy /proc/buddyinfo again"


class Zone(NamedTuple):
    """One line, and its number: the node's number, the zone's name, a count an order."""

    node: int
    name: str
    counts: tuple[int, ...]
    line: int


def parse_buddyinfo(path: str, lines: Iterable[str]) -> list[Zone]:
    """Read the lines of a buddyinfo.

    Parameters
    ----------
    path : str
        What errors name as the file.
    lines : iterable of str

    Raises
    ------
    InputError
        A line that is no zone, with its number; or no line at all.

    Examples
    --------
    >>> line = "Node 0, zone DMA 0 0 0 0 0 0 0 0 1 1 3"
    >>> parse_buddyinfo("buddyinfo", [line])[0].counts[8:]
    (1, 1, 3)
    """
    zones = [_zone(path, at, line) for at, line in enumerate(lines, 1) if line.strip()]
    if not zones:
        raise InputError(f"{path}:1: no zone in it; {_REMEDY}")
    for zone in zones:
        if len(zone.counts) != len(zones[0].counts):
            what = (
                f"{len(zone.counts)} counts where line {zones[0].line} has {len(zones[0].counts)}"
            )
            raise InputError(f"{path}:{zone.line}: {what}; {_REMEDY}")
    return zones


def _zone(path: str, at: int, line: str) -> Zone:
    place = f"{path}:{at}"
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise InputError(
            f"{place}: {line.strip()[:40]!r} is not 'Node N, zone NAME ...'; {_REMEDY}"
        )
    node, name, rest = match[1], match[2], match[3].split()
    if not FEWEST <= len(rest) <= MOST:
        what = f"{len(rest)} counts, where a kernel has {FEWEST} to {MOST} orders"
        raise InputError(f"{place}: {what}; {_REMEDY}")
    for order, text in enumerate(rest):
        if not (text.isascii() and text.isdecimal() and len(text) <= 10):
            what = f"count {text[:20]!r} of order {order} is not a number of blocks"
            raise InputError(f"{place}: {what}; {_REMEDY}")
    return Zone(int(node[:9]), name, tuple(map(int, rest)), at)
