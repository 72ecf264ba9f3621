"""Sizes as people write them: "2G", "512MiB", 4096. Units are binary."""

import operator
import re
from fractions import Fraction

from pagecache.errors import InputError

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
MAX_PAGES = 1 << 63  # half of the index, so that no sum of two indices below it overflows

_UNITS = "KMGTPE"
_SIZE = re.compile(rf"(\d+(?:\.\d+)?)\s*(?:([{_UNITS}])(?:i?B)?|B)?", re.IGNORECASE | re.ASCII)


def parse_size(text: int | str, option: str = "--size", *, least: int = 1) -> int:
    """Turn a size as written into bytes.

    Parameters
    ----------
    text
        Bytes, or a number with an optional unit K, M, G, T, P or E (powers of 1024; "iB" or "B"
        may follow, case does not matter).
    option
        What the error names as its place.
    least
        0 where that is valid, as for a position.

    Returns
    -------
    int
        Bytes. A fraction of a byte is dropped.

    Raises
    ------
    InputError
        Not a number, below `least`, or above 2**63 pages of 4 KiB.

    Examples
    --------
    >>> parse_size("1.5G"), parse_size("4096"), parse_size(512)
    (1610612736, 4096, 512)
    """
    try:
        size = _bytes(text.strip(), option) if isinstance(text, str) else operator.index(text)
    except TypeError:
        raise InputError(f"{option}: {text!r} is not a size; write 4096, 512M or 1.5G") from None
    if size < least:
        what = "is not above zero" if least else "is negative"
        raise InputError(f"{option}: {text!r} {what}; write 4096, 512M or 1.5G")
    if size > MAX_PAGES * PAGE_SIZE:
        raise InputError(f"{option}: {text!r} is above 2**63 pages of 4 KiB; give a smaller size")
    return size


def _bytes(text: str, option: str) -> int:
    match = _SIZE.fullmatch(text.removeprefix("-"))
    if match is None:
        raise InputError(f"{option}: {text!r} is not a size; write 4096, 512M or 1.5G")
    number, unit = match.groups()
    power = _UNITS.index(unit.upper()) + 1 if unit else 0
    return int(Fraction(number) * 1024**power) * (-1 if text.startswith("-") else 1)


def format_size(size: int) -> str:
    """Write bytes for people: the largest binary unit that leaves at least 1, two decimals at most.

    Examples
    --------
    >>> format_size(2 << 30), format_size(400_000_000), format_size(100)
    ('2 GiB', '381.47 MiB', '100 B')
    """
    power = min(max(size.bit_length() - 1, 0) // 10, len(_UNITS))
    if power == 0:
        return f"{size} B"
    number = f"{size / 1024**power:.2f}".rstrip("0").rstrip(".")
    return f"{number} {_UNITS[power - 1]}iB"
