"""What the calls of a `Memory` are given: sizes, flags, orders and frames, checked first."""

import operator

from pagecache.buddy.buddy import TYPE_NAMES
from pagecache.errors import InputError
from pagecache.gfp.flags import Gfp, known
from pagecache.inputs.sizes import PAGE_SIZE, parse_size

MIGRATE_BITS = {"unmovable": 0, "movable": Gfp.MOVABLE, "reclaimable": Gfp.RECLAIMABLE}


def pages(size: int | str, option: str, least: int = 1) -> int:
    """A size in pages; InputError if it is no whole number of them, or below `least` bytes."""
    count = parse_size(size, option, least=least)
    if count % PAGE_SIZE:
        raise InputError(f"{option}: {size!r} is no multiple of a page of {PAGE_SIZE} bytes")
    return count // PAGE_SIZE


def amount(size: int | str | None, option: str) -> int | None:
    """The same of something that may be nothing, or not given."""
    return None if size is None else pages(size, option, 0)


def flags_of(gfp: int, migrate: str | None) -> int:
    """Flags with the migrate type in them; ValueError for bits and types that are unknown."""
    gfp = known(gfp)
    if migrate is not None:
        if migrate not in MIGRATE_BITS:
            raise ValueError(f"unknown migrate type {migrate!r}: {', '.join(TYPE_NAMES[:3])}")
        return gfp & ~(Gfp.MOVABLE | Gfp.RECLAIMABLE) | MIGRATE_BITS[migrate]
    if gfp & Gfp.MOVABLE and gfp & Gfp.RECLAIMABLE:
        raise ValueError(f"flags {gfp:#x} ask for movable and reclaimable at once; choose one")
    return gfp


def frame_of(pfn: int, frames: int) -> int:
    """A frame's number; IndexError names the range."""
    number = operator.index(pfn)
    if not 0 <= number < frames:
        raise IndexError(f"there is no frame {pfn}; frames are 0 to {frames - 1}")
    return number


def parse_share(given: str | float, option: str) -> float:
    """A share as written, ``"50%"`` or 0.5; InputError unless it is from 0 to 1.

    Examples
    --------
    >>> parse_share("50%", "--hole-share"), parse_share(0.5, "--hole-share")
    (0.5, 0.5)
    """
    text = str(given).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError(f"{option}: {given!r} is not a share; give 0% to 100%")
    return share


def parse_fragment(text: str, option: str) -> tuple[str, int, float]:
    """``PATTERN[:K[:SHARE]]``, as `pagecache.Memory.fragment` takes them.

    Examples
    --------
    >>> parse_fragment("keep-one-of:8:80%", "--fragment"), parse_fragment("ageing", "--fragment")
    (('keep-one-of', 8, 0.8), ('ageing', 2, 1.0))
    """
    pattern, k, share = [*text.split(":"), "", ""][:3]
    if text.count(":") > 2 or not (k.isdecimal() or not k):
        raise InputError(f"{option}: {text!r} is not PATTERN:K:SHARE; write keep-one-of:8:80%")
    return pattern, int(k or 2), parse_share(share or "100%", option)
