"""Simulated memory as one object: the buddy allocator with a policy in front."""

import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from pagecache.allocation.registry import make
from pagecache.allocation.zones import free_blocks
from pagecache.buddy.ageing import age
from pagecache.buddy.buddy import MAX_FRAMES, TYPE_NAMES, Buddy
from pagecache.buddy.fragment import PATTERNS, fragment, release
from pagecache.buddy.loading import blocks_needed, load_counts
from pagecache.buddy.moves import Moves
from pagecache.errors import InputError, check_renamed
from pagecache.gfp.flags import Gfp
from pagecache.gfp.reentry import Detector
from pagecache.gfp.scope import effective
from pagecache.inputs.sizes import PAGE_SIZE, format_size, parse_size

ALL_FLAGS = int(~Gfp(0))
MIGRATE_BITS = {"unmovable": 0, "movable": Gfp.MOVABLE, "reclaimable": Gfp.RECLAIMABLE}
PAGEBLOCK_ORDER = 9
RENAMED = {"supply": "policy"}
ALL_PATTERNS = ("every-other", *PATTERNS, "ageing")
OnMove = Callable[[int, int, int], None]


class Memory:
    """Simulated memory of a machine, its frames handed out by a policy.

    Parameters
    ----------
    size : int or str
        Bytes, or text such as "4G": a multiple of 4 KiB, up to 16 TiB.
    policy : str
        One of `pagecache.allocation.names()`.
    seed : int
        What decides wherever something is left to chance.
    on_move : callable, optional
        Called with (old pfn, new pfn, order) after a block that `alloc` handed out has been moved
        by compaction.  Without it such blocks stay where they are.  Exceptions of it
        propagate from `alloc` or `compact` after it has been told of every move; nothing is
        allocated then.
    detector : pagecache.gfp.reentry.Detector, optional
        Told of every `alloc`, so that one which reclaims under a lock that reclaim takes is named.
    min_free : int or str, optional
        The lowest watermark, as a size; Linux's rule for this much memory if not given.
    max_order : int
        The order of the largest block, 1 to 10; kernels can be built with less than 10.
    **options
        Those of the policy: ``min_order``, ``pool``, ``surplus``, ``huge_order``, ``gfp``.

    Raises
    ------
    InputError
        An invalid size, or no multiple of a page; an unknown policy or option.
    MemoryError
        The bookkeeping, or the pool of a huge-pool, does not fit.

    Notes
    -----
    Bookkeeping takes at most 2 bytes a frame, from 64 MiB up: 475 MB for 1 TiB, and nothing for
    the parts that are not used.

    Examples
    --------
    >>> import pagecache as pc
    >>> memory = pc.Memory("64M", policy="fallback", seed=1)
    >>> pfn = memory.alloc(9)
    >>> memory.order(pfn), memory.buddyinfo()
    (9, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 15])
    >>> memory.free(pfn)
    >>> memory.fragment("keep-one-of", k=8)
    >>> memory.order(memory.alloc(9)), memory.unusable_index(9)
    (2, 1.0)
    """

    def __init__(
        self,
        size: int | str,
        *,
        policy: str = "fallback",
        seed: int = 0,
        on_move: OnMove | None = None,
        detector: Detector | None = None,
        min_free: int | str | None = None,
        max_order: int = 10,
        **options: Any,
    ) -> None:
        check_renamed("Memory", options.keys() & RENAMED.keys(), RENAMED)
        frames = pages(size, "size")
        if frames > MAX_FRAMES:
            raise InputError(f"size: {size!r} is above 16 TiB; give a smaller one")
        lowest = amount(min_free, "min_free")
        if lowest is not None and lowest > frames:
            raise InputError(f"min_free: {min_free!r} is above the size, {size!r}; give less")
        if on_move is not None and not callable(on_move):
            raise InputError(f"on_move: {on_move!r} cannot be called; give a function or None")
        if not 1 <= operator.index(max_order) <= 10:
            raise InputError(f"max_order: {max_order} is not from 1 to 10")
        pageblock = min(max_order, PAGEBLOCK_ORDER)
        if options.get("gfp") is not None:
            _flags(operator.index(options["gfp"]), None)
        self.buddy = Buddy(frames, min_pages=lowest, max_order=max_order, pageblock_order=pageblock)
        self.policy = make(policy, self.buddy, **options)
        self.seed = seed
        self.on_move = on_move
        self.detector = detector
        self._moves = None if on_move is None else Moves(self.buddy)
        self._name = policy

    @classmethod
    def from_buddyinfo(
        cls,
        path: str | Path = "/proc/buddyinfo",
        *,
        size: int | str | None = None,
        zone: str | None = None,
        page_size: int | str | None = None,
        **options: Any,
    ) -> Self:
        """Memory as fragmented as a running machine is.

        The file has counts only: where the blocks lie is drawn from the seed, and what is not free
        becomes filler, which compaction can move.

        Parameters
        ----------
        path : path
            /proc/buddyinfo or a copy.
        size : int or str, optional
            Of the memory; if not given twice what is free, or more if the blocks need it.
        zone : str, optional
            Of this zone ("Normal") only; the sum of all if not given.
        page_size : int or str, optional
            Of the machine that the file is from, "64K" on some arm64; if not given 4K, and for
            /proc/buddyinfo itself this machine's.
        **options
            See `Memory`.

        Raises
        ------
        InputError
            With file and line: no buddyinfo, no such zone, more than 16 TiB, or a size that is
            too small.

        Notes
        -----
        Any number of orders is read. Blocks above order 10 become blocks of order 10; a machine
        whose largest block is smaller keeps that as this memory's largest.

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory.from_buddyinfo("/proc/buddyinfo", seed=1)
        >>> len(memory.buddyinfo())
        11
        """
        found = free_blocks(path, zone, page_size)
        block = PAGE_SIZE << found.max_order
        if size is None:
            half = -(-2 * found.frames * PAGE_SIZE // block)
            needed = blocks_needed(found.counts, found.max_order)
            size = min(max(half, needed), MAX_FRAMES >> found.max_order) * block
        memory = cls(size, **options, max_order=found.max_order)
        try:
            load_counts(memory.buddy, found.counts, seed=memory.seed)
        except ValueError as error:
            raise InputError(f"{path}: {error}") from None
        return memory

    def alloc(self, order: int = 0, *, gfp: int | None = None, migrate: str | None = None) -> int:
        """The first frame of a block: of that order, or what the policy gives instead.

        Parameters
        ----------
        order : int
            0 to 10; of a huge-pool, that of its huge pages.
        gfp : int, optional
            Flags as Linux 5.17 numbers them (`pagecache.gfp.flags.Gfp`); those of a page-cache
            folio if not given.  Scopes that are open in this thread take bits away, as they do
            from every allocation of a task.  See `pagecache.buddy.buddy.Buddy.alloc`.
        migrate : {"unmovable", "movable", "reclaimable"}, optional
            The migrate type, in place of what the flags say.

        Raises
        ------
        ValueError
            An order out of range, bits that no flag has, or an unknown type.
        Reentry
            The memory's detector finds that reclaim would enter what this thread has locked out.
        MemoryError
            The policy has nothing.
        """
        order = operator.index(order)
        asked = _flags(self.policy.gfp if gfp is None else operator.index(gfp), migrate)
        if self.detector is not None:
            self.detector.check_alloc(asked)
        flags = effective(asked)
        if not 0 <= order <= max(self.buddy.max_order, getattr(self.policy, "huge_order", 0)):
            raise ValueError(f"order {order} is not from 0 to {self.buddy.max_order}")
        usual, self.policy.gfp = self.policy.gfp, flags
        try:
            block = self.policy.obtain(order)
        finally:
            self.policy.gfp = usual
        try:
            self._tell()
        except BaseException:
            if block is not None:
                self.free(block[0])
            raise
        if block is None:
            raise MemoryError(
                f"policy '{self._name}' has nothing for order {order}: {self.buddy.free_frames} of "
                f"{self.buddy.frames} frames are free; free some, or ask for less"
            )
        return block[0]

    def free(self, pfn: int, order: int | None = None) -> None:
        """Give a block back; ValueError if none of this order is in use there.

        Nothing is changed then: a block that has been freed before is always found.
        """
        actual = self.order(pfn)
        self.policy.put_back(pfn, actual if order is None else order)

    def split(self, pfn: int, order: int = 0) -> None:
        """Make blocks of `order` of one in use, so that each can be freed alone."""
        self.policy.divide(pfn, self.order(pfn), order)

    def order(self, pfn: int) -> int:
        """The order of the block that begins at `pfn`; ValueError if none in use does."""
        order = self.buddy.order(pfn)
        return getattr(self.policy, "huge_order", order)

    def buddyinfo(self) -> list[int]:
        """Free blocks of order 0 to 10, as a line of /proc/buddyinfo has them."""
        return self.buddy.counts()

    def fragmentation_index(self, order: int) -> float:
        """-1 if a block of this order is free; else from 0, memory is short, to 1, it is scattered.

        As Linux prints it: in thousandths, rounded down.
        """
        return self.buddy.fragmentation_index(order) / 1000

    def unusable_index(self, order: int) -> float:
        """The part of the free memory that lies in blocks below `order`, 0 to 1, in thousandths."""
        return self.buddy.unusable_index(order) / 1000

    def fragment(
        self,
        pattern: str,
        *,
        k: int = 2,
        share: float = 1.0,
        free: int | str | None = None,
        seed: int | None = None,
    ) -> None:
        """Fill the memory, then free part of it so that what is free lies scattered.  O(frames)

        Parameters
        ----------
        pattern : {"every-other", "keep-one-of", "random", "pinned", "ageing"}
            Which frames survive: every second, every `k`-th, each with a chance of 1 in `k`, the
            same and unmovable as slab is, or what a long mixed workload leaves.
        k, share, seed
            See `pagecache.buddy.fragment.fragment`; ageing has no share.
        free : int or str, optional
            How much is to be free afterwards, as a size; as much as can be if not given.

        Raises
        ------
        ValueError
            A parameter out of range, or more to be freed than there is.  Nothing is changed.
        """
        frames = amount(free, "free")
        drawn = self.seed if seed is None else seed
        if pattern not in ALL_PATTERNS:
            raise ValueError(f"unknown pattern {pattern!r}: {', '.join(ALL_PATTERNS)}")
        if pattern == "ageing":
            if share != 1.0:
                raise ValueError(f"share={share}: ageing decides itself what lies scattered")
            age(self.buddy, free=frames, seed=drawn)
        else:
            name, keep = ("keep-one-of", 2) if pattern == "every-other" else (pattern, k)
            fragment(self.buddy, name, k=keep, share=share, free=frames, seed=drawn)

    def release(self) -> int:
        """Free all that `fragment` left in use and that can be moved; how many frames."""
        return release(self.buddy)

    def compact(self) -> dict[str, int]:
        """Move all that can be moved to the top; pages that the scanners passed, pages moved."""
        cost = self.buddy.compact()
        self._tell()
        return cost

    def check(self) -> None:
        """AssertionError, with place and state, unless the rule of `Buddy` is kept.  O(frames)"""
        self.buddy.check()

    def _tell(self) -> None:
        """Tell of every move, even if one call raises: the first error is raised at the end."""
        if self._moves is None or self.on_move is None:
            return
        error = None
        for move in self._moves.take():
            try:
                self.on_move(*move)
            except BaseException as raised:
                error = error or raised
        if error is not None:
            raise error

    def __repr__(self) -> str:
        size, free = (
            format_size(n * PAGE_SIZE) for n in (self.buddy.frames, self.buddy.free_frames)
        )
        return f"<Memory of {size}, {free} free, policy {self._name}>"


def pages(size: int | str, option: str) -> int:
    """A size in pages; InputError if it is no whole number of them."""
    try:
        count = parse_size(size if isinstance(size, str) else operator.index(size), option)
    except TypeError:
        raise InputError(f"{option}: {size!r} is not a size; write 4096, 512M or 1.5G") from None
    if count % PAGE_SIZE:
        raise InputError(f"{option}: {size!r} is no multiple of a page of {PAGE_SIZE} bytes")
    return count // PAGE_SIZE


def amount(size: int | str | None, option: str) -> int | None:
    """The same of something that may be none, or not given."""
    return size if size is None or size == 0 else pages(size, option)


def _flags(gfp: int, migrate: str | None) -> int:
    unknown = gfp & ~ALL_FLAGS
    if unknown:
        raise ValueError(
            f"flags {gfp:#x}: no flag has the bits {unknown:#x}; see Gfp for those known"
        )
    if migrate is not None:
        if migrate not in MIGRATE_BITS:
            raise ValueError(f"unknown migrate type {migrate!r}: {', '.join(TYPE_NAMES[:3])}")
        return gfp & ~(Gfp.MOVABLE | Gfp.RECLAIMABLE) | MIGRATE_BITS[migrate]
    if gfp & Gfp.MOVABLE and gfp & Gfp.RECLAIMABLE:
        raise ValueError(f"flags {gfp:#x} ask for movable and reclaimable at once; choose one")
    return gfp
