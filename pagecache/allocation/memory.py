"""Simulated memory as one object: the buddy allocator with a policy in front."""

import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from pagecache.allocation.arguments import amount, flags_of, frame_of, pages
from pagecache.allocation.registry import make
from pagecache.allocation.scattered import Scattered
from pagecache.allocation.zones import free_blocks
from pagecache.buddy.buddy import MAX_FRAMES, Buddy
from pagecache.buddy.loading import blocks_needed, load_counts
from pagecache.buddy.moves import Moves
from pagecache.errors import InputError, check_renamed, whole
from pagecache.gfp.reentry import Detector
from pagecache.gfp.scope import effective
from pagecache.inputs.sizes import PAGE_SIZE, format_size

PAGEBLOCK_ORDER = 9
RENAMED = {"supply": "policy"}
OnMove = Callable[[int, int, int], None]


class Memory(Scattered):
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

    Attributes
    ----------
    buddy : Buddy
        The allocator, with its counts and costs.
    policy : Counting
        What asks it for blocks, and counts what it got.
    seed : int
    on_move : callable or None
    detector : Detector or None
        As given.

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
        becomes filler, which compaction can move.  O(frames)

        Parameters
        ----------
        path : path
            /proc/buddyinfo, /proc/pagetypeinfo (whose types are added up) or a copy, perhaps
            compressed.
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
        """The first frame of a block: of that order, or what the policy gives instead.  O(orders)

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

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory("64M")
        >>> memory.alloc(9), memory.alloc(), memory.alloc(9)
        (0, 512, 1024)
        """
        most = max(self.buddy.max_order, getattr(self.policy, "huge_order", 0))
        order = whole(order, "order", most)
        asked = flags_of(self.policy.gfp if gfp is None else gfp, migrate)
        if self.detector is not None:
            self.detector.check_alloc(asked)
        flags = effective(asked)
        usual, self.policy.gfp = self.policy.gfp, flags
        try:
            block = self.policy.alloc(order)
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
        """Free a block.  O(orders)

        Parameters
        ----------
        pfn : int
            Its first frame.
        order : int, optional
            Its order, which is then checked.

        Raises
        ------
        ValueError
            No block of this order in use begins there.  Nothing is changed then: a block that has
            been freed before is always found.

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory("64M")
        >>> memory.free(memory.alloc(3))
        >>> memory.buddy.free_frames
        16384
        """
        actual = self.order(pfn)
        wanted = (
            actual if order is None else whole(order, "order", max(actual, self.buddy.max_order))
        )
        self.policy.free(pfn, wanted)

    def split(self, pfn: int, order: int = 0) -> None:
        """Make blocks of `order` of one in use, so that each can be freed alone.  O(blocks made)

        Raises
        ------
        ValueError
            No block in use begins at frame `pfn`, or its order is below `order`.

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory("64M")
        >>> memory.split(memory.alloc(3), 1)
        >>> memory.order(2)
        1
        """
        actual = self.order(pfn)
        self.policy.split(pfn, actual, whole(order, "order", actual))

    def order(self, pfn: int) -> int:
        """The order of the block in use that begins at frame `pfn`.  O(1)

        Raises
        ------
        ValueError
            None does.

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory("64M")
        >>> memory.order(memory.alloc(9))
        9
        """
        order = self.buddy.order(frame_of(pfn, self.buddy.frames))
        return getattr(self.policy, "huge_order", order)

    def compact(self) -> dict[str, int]:
        """Move all that can be moved to the top; pages that the scanners passed, pages moved.

        O(frames).  What `on_move` raises is raised here, once it has been told of every move.

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory("64M")
        >>> memory.fragment("every-other")
        >>> memory.compact()["moved"], memory.buddyinfo()[10]
        (4096, 8)
        """
        cost = self.buddy.compact()
        self._tell()
        return cost

    def check(self) -> None:
        """AssertionError, with place and state, unless the rule of `Buddy` is kept.  O(frames)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Memory("64M").check()
        """
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
