"""kvmalloc over frames: one block if the allocator has it, else a frame at a time.

    12 KiB, GFP_KERNEL
      block of order 2         GFP_KERNEL|NOWARN|NORETRY          one frame of the four is wasted
         | none
      3 frames of order 0      GFP_KERNEL                         where they are, a page table says
      + 1 frame of page table  GFP_KERNEL, whatever the caller's mask: 512 entries each

The last line is why a mask of GFP_NOFS cannot be passed to such an allocation, and a scope works:
the page tables are asked for inside, and only a scope reaches that call.
"""

from dataclasses import dataclass
from typing import Protocol

from pagecache.gfp.flags import GFP_KERNEL, Gfp, effective
from pagecache.gfp.kvmalloc import falls_back, first_mask

PAGE = 4096
MAX_ORDER = 10
TABLE_ENTRIES = 512  # of 8 bytes in a page


class FrameSource(Protocol):
    """What hands out blocks: MemoryError if no block is free."""

    def alloc(self, order: int, *, gfp: Gfp) -> int: ...

    def free(self, pfn: int) -> object: ...


@dataclass(frozen=True)
class KvFrames:
    """What `kvmalloc_frames` got.

    Attributes
    ----------
    frames
        The frame of each page, in the order of the addresses.
    order
        Of the one block; None if the frames were taken one by one.
    tables
        Frames of page tables.
    """

    frames: tuple[int, ...]
    order: int | None
    tables: tuple[int, ...] = ()


def kvmalloc_frames(source: FrameSource, size: int, gfp: int = GFP_KERNEL) -> KvFrames:
    """Frames for `size` bytes, with the masks that kvmalloc uses.  O(pages).

    Raises
    ------
    MemoryError
        Neither a block nor the single frames are there (what was taken is given back), or `size`
        is above ``2**31 - 1``.
    ValueError
        `size` is not above 0.
    """
    if size <= 0:
        raise ValueError(f"{size} bytes need no frames; give a size above 0")
    pages = -(-size // PAGE)
    order = (pages - 1).bit_length()
    if order <= MAX_ORDER:
        try:
            first = source.alloc(order, gfp=Gfp(first_mask(size, Gfp(gfp))))
            return KvFrames(tuple(range(first, first + pages)), order)
        except MemoryError:
            if not falls_back(size):
                raise
    if not falls_back(size):
        raise MemoryError(f"{size} bytes: kvmalloc refuses more than 2147483647")
    return page_by_page(source, pages, Gfp(gfp))


def page_by_page(source: FrameSource, pages: int, gfp: Gfp) -> KvFrames:
    """Frames of order 0 and the tables that map them, or none of them."""
    tables = -(-pages // TABLE_ENTRIES)
    taken: list[int] = []
    try:
        for k in range(pages + tables):
            taken.append(source.alloc(0, gfp=effective(GFP_KERNEL if k >= pages else gfp)))
    except BaseException:  # a refusal of any kind, or Ctrl-C: what was taken goes back
        for pfn in reversed(taken):
            source.free(pfn)
        raise
    return KvFrames(tuple(taken[:pages]), None, tuple(taken[pages:]))


def kvfree_frames(source: FrameSource, got: KvFrames) -> None:
    """Give back what `kvmalloc_frames` took."""
    blocks = got.frames if got.order is None else got.frames[:1]
    for pfn in (*blocks, *got.tables):
        source.free(pfn)
