"""How scattered the free part of a memory is: measured, and made so."""

from pagecache.allocation.arguments import amount
from pagecache.buddy.ageing import age
from pagecache.buddy.buddy import Buddy
from pagecache.buddy.fragment import PATTERNS, fragment, release
from pagecache.errors import whole

ALL_PATTERNS = ("every-other", *PATTERNS, "ageing")


class Scattered:
    """A memory that can be fragmented; `Memory` adds what hands its frames out."""

    buddy: Buddy
    seed: int

    def buddyinfo(self) -> list[int]:
        """Free blocks of each order from 0 on, as a line of /proc/buddyinfo has them.  O(orders)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Memory("64M").buddyinfo()
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16]
        """
        return self.buddy.counts()

    def fragmentation_index(self, order: int) -> float:
        """-1 if a block of this order is free; else from 0, memory is short, to 1, it is scattered.

        As Linux prints it, in thousandths, rounded down.  O(orders)

        Raises
        ------
        ValueError
            An order out of range.

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Memory("64M").fragmentation_index(9)
        -1.0
        """
        return self.buddy.fragmentation_index(whole(order, "order", self.buddy.max_order))

    def unusable_index(self, order: int) -> float:
        """The part of the free memory that lies in blocks below `order`: 0 to 1, in thousandths.

        O(orders)

        Raises
        ------
        ValueError
            An order out of range.

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Memory("64M").unusable_index(9)
        0.0
        """
        return self.buddy.unusable_index(whole(order, "order", self.buddy.max_order))

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
            How much memory is free afterwards, as a size; as much as possible if not given.

        Raises
        ------
        ValueError
            A parameter out of range, or more to be freed than there is.  Nothing is changed.

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory("64M")
        >>> memory.fragment("every-other", free="16M")
        >>> memory.buddy.free_frames, memory.unusable_index(1)
        (4096, 1.0)
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
        """Free all that `fragment` left in use and that can be moved; how many frames.  O(frames)

        Examples
        --------
        >>> import pagecache as pc
        >>> memory = pc.Memory("64M")
        >>> memory.fragment("every-other")
        >>> memory.release()
        8192
        """
        return release(self.buddy)
