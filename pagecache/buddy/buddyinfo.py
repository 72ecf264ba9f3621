"""Reader of /proc/buddyinfo: free blocks by order, a line a zone.

Node 0, zone   Normal   5834   2836    767    371    153     83     47     41     71     61    247
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pagecache.errors import InputError

ORDERS = 11
_LINE = re.compile(r"Node\s+(\d+),\s+zone\s+(\S+)((?:\s+\S+)*)\s*", re.ASCII)
_REMEDY = "copy /proc/buddyinfo again"


class Zone(NamedTuple):
    """One line: the node's number, the zone's name, and 11 counts."""

    node: int
    name: str
    counts: tuple[int, ...]


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
        A line that is none, with its number; or no line at all.

    Examples
    --------
    >>> line = "Node 0, zone DMA 0 0 0 0 0 0 0 0 1 1 3"
    >>> parse_buddyinfo("buddyinfo", [line])[0].counts[8:]
    (1, 1, 3)
    """
    zones = [_zone(f"{path}:{at}", line) for at, line in enumerate(lines, 1) if line.strip()]
    if not zones:
        raise InputError(f"{path}:1: no zone in it; {_REMEDY}")
    return zones


def _zone(place: str, line: str) -> Zone:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise InputError(f"{place}: {line.strip()[:40]!r} is no 'Node N, zone NAME ...'; {_REMEDY}")
    node, name, rest = match[1], match[2], match[3].split()
    if len(rest) != ORDERS:
        what = f"{len(rest)} counts where orders 0 to {ORDERS - 1} have {ORDERS}"
        raise InputError(f"{place}: {what}; {_REMEDY}, from a kernel with pages of 4 KiB")
    for order, text in enumerate(rest):
        if not (text.isascii() and text.isdecimal() and len(text) <= 10):
            what = f"count {text[:20]!r} of order {order} is no number of blocks"
            raise InputError(f"{place}: {what}; {_REMEDY}")
    return Zone(int(node[:9]), name, tuple(map(int, rest)))
