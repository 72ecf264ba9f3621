"""The free blocks of some machine, from its buddyinfo or pagetypeinfo, in this one's terms."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pagecache.buddy.buddy import MAX_FRAMES
from pagecache.buddy.buddyinfo import Zone, parse_buddyinfo
from pagecache.buddy.pagetypeinfo import FIRST, parse_pagetypeinfo
from pagecache.errors import InputError
from pagecache.inputs.formats.source import Source
from pagecache.inputs.opening import reading
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE, format_size, parse_size

MAX_ORDER = 10
THIS_MACHINE = Path("/proc/buddyinfo")


class FreeBlocks(NamedTuple):
    """11 counts of free blocks in frames of 4 KiB, and the order of the largest block."""

    counts: list[int]
    max_order: int

    @property
    def frames(self) -> int:
        return frames_in(self.counts)


def free_blocks(path: str | Path, zone: str | None, page_size: int | str | None) -> FreeBlocks:
    """What is free in the zones of that name, or in all; InputError as `Memory.from_buddyinfo`."""
    shift = page_shift(path, page_size)
    with reading(path) as file:
        source = Source(str(path), file)
        lines = [line for block in source.lines(whole=False) for line in block]
    typed = bool(lines) and lines[0].startswith(FIRST)
    zones = (parse_pagetypeinfo if typed else parse_buddyinfo)(str(path), lines)
    chosen = [found for found in zones if zone in (None, found.name)]
    if not chosen:
        names = ", ".join(dict.fromkeys(found.name for found in zones))
        raise InputError(f"{path}: no zone {zone!r}; it has {names}")
    check_frames(path, chosen, shift)
    summed = [sum(column) for column in zip(*(found.counts for found in chosen), strict=True)]
    return in_frames(summed, shift)


def page_shift(path: str | Path, page_size: int | str | None) -> int:
    """By how many orders a page of that machine is above 4 KiB."""
    if page_size is None:
        here = Path(path) == THIS_MACHINE
        page_size = os.sysconf("SC_PAGE_SIZE") if here else PAGE_SIZE
    size = parse_size(page_size, "page_size")
    if size < PAGE_SIZE or size & (size - 1):
        raise InputError(f"page_size: {page_size!r} is no page size; give 4K, 16K or 64K")
    return size.bit_length() - 1 - PAGE_SHIFT


def frames_in(counts: Sequence[int]) -> int:
    return sum(count << order for order, count in enumerate(counts))


def check_frames(path: str | Path, zones: Sequence[Zone], shift: int) -> None:
    """InputError, naming the line of one zone or the zones of a sum, for more than 16 TiB."""
    total = 0
    for zone in zones:
        frames = frames_in(zone.counts) << shift
        if frames > MAX_FRAMES:
            raise InputError(
                f"{path}:{zone.line}: zone {zone.name} has {format_size(frames * PAGE_SIZE)} free, "
                "above 16 TiB; copy /proc/buddyinfo again"
            )
        total += frames
    if total > MAX_FRAMES:
        names = ", ".join(f"node {zone.node} {zone.name}" for zone in zones)
        raise InputError(
            f"{path}: zones {names} have {format_size(total * PAGE_SIZE)} free together, "
            "above 16 TiB; choose one with zone="
        )


def in_frames(counts: Sequence[int], shift: int) -> FreeBlocks:
    """Counts of blocks of another page size and number of orders, in blocks of order 0 to 10.

    Examples
    --------
    >>> in_frames([7, 0, 1], shift=0)
    FreeBlocks(counts=[7, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], max_order=2)
    >>> in_frames([3] + [0] * 11 + [1], shift=0)
    FreeBlocks(counts=[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4], max_order=10)
    """
    found = [0] * (MAX_ORDER + 1)
    for order, count in enumerate(counts, shift):
        found[min(order, MAX_ORDER)] += count << max(order - MAX_ORDER, 0)
    return FreeBlocks(found, min(len(counts) - 1 + shift, MAX_ORDER))
