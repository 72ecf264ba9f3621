"""GFP masks: what an allocation may do to get its memory, and which memory it wants.

A *flag* is one bit.  A *set* is a mask with a name of its own, for a caller of one kind:

    GFP_KERNEL  =  DIRECT_RECLAIM | KSWAPD_RECLAIM | IO | FS      may sleep, and do all it needs
    GFP_NOFS    =  DIRECT_RECLAIM | KSWAPD_RECLAIM | IO           reclaim stays out of filesystems
    GFP_NOIO    =  DIRECT_RECLAIM | KSWAPD_RECLAIM                and starts no I/O either
    GFP_NOWAIT  =                   KSWAPD_RECLAIM                does not sleep at all

*Direct reclaim* is done by the task that allocates, with all the locks that it holds: if it then
enters the code that takes one of these, the task waits for itself.  A *scope* (scope.pyx) is an
open stretch of one task in which every mask loses bits; the *effective* mask is what remains.

The values are those of Linux 5.17.
"""

from __future__ import annotations

import operator
from enum import STRICT, IntEnum, IntFlag

from pagecache.errors import did_you_mean
from pagecache.gfp import scope


class MigrateType(IntEnum):
    """Which kind of pageblock an allocation is taken from."""

    UNMOVABLE = 0
    MOVABLE = 1
    RECLAIMABLE = 2


class Gfp(IntFlag, boundary=STRICT):
    """A GFP mask.  Bits that no flag has are a ValueError.

    Examples
    --------
    >>> GFP_KERNEL | Gfp.NOWARN
    GFP_KERNEL|NOWARN
    >>> GFP_KERNEL & ~Gfp.FS
    GFP_NOFS
    >>> Gfp.parse("GFP_NOFS | __GFP_ZERO") == GFP_NOFS | Gfp.ZERO
    True
    """

    DMA = 0x01  # memory that old devices reach
    HIGHMEM = 0x02
    DMA32 = 0x04
    MOVABLE = 0x08  # compaction may move it
    RECLAIMABLE = 0x10  # a shrinker frees it
    HIGH = 0x20  # may use reserves
    IO = 0x40  # reclaim may start physical I/O
    FS = 0x80  # reclaim may enter filesystems
    ZERO = 0x100
    ATOMIC = 0x200  # cannot wait, may use more of the reserves
    DIRECT_RECLAIM = 0x400
    KSWAPD_RECLAIM = 0x800  # wakes the thread that reclaims in the background
    WRITE = 0x1000  # the page will be dirtied soon
    NOWARN = 0x2000
    RETRY_MAYFAIL = 0x4000  # tries hard, may fail
    NOFAIL = 0x8000  # tries for ever
    NORETRY = 0x10000  # one light try
    MEMALLOC = 0x20000  # all reserves
    COMP = 0x40000  # a compound page
    NOMEMALLOC = 0x80000  # no reserves
    HARDWALL = 0x100000
    THISNODE = 0x200000
    ACCOUNT = 0x400000
    ZEROTAGS = 0x800000  # clear the memory tags with the memory (arm64 MTE)
    SKIP_KASAN_POISON = 0x1000000  # KASAN leaves the page unpoisoned when it is freed
    NOLOCKDEP = 0x2000000  # lockdep does not record this allocation
    RECLAIM = DIRECT_RECLAIM | KSWAPD_RECLAIM

    def __str__(self) -> str:
        return text(self)

    __repr__ = __str__

    @classmethod
    def parse(cls, text: str) -> Gfp:
        """The mask of names joined by ``|``, as kernels print them: ``__GFP_ZERO``, ``0x800``.

        Raises
        ------
        ValueError
            An unknown name; says which one is near.
        """
        mask = cls(0)
        for name in text.split("|"):
            mask |= named(name.strip())
        return mask


GFP_NOIO = Gfp.RECLAIM
GFP_NOFS = GFP_NOIO | Gfp.IO
GFP_KERNEL = GFP_NOFS | Gfp.FS
GFP_NOWAIT = Gfp.KSWAPD_RECLAIM
GFP_ATOMIC = Gfp.HIGH | Gfp.ATOMIC | Gfp.KSWAPD_RECLAIM
GFP_USER = GFP_KERNEL | Gfp.HARDWALL
GFP_HIGHUSER = GFP_USER | Gfp.HIGHMEM
GFP_HIGHUSER_MOVABLE = GFP_HIGHUSER | Gfp.MOVABLE | Gfp.SKIP_KASAN_POISON
GFP_TRANSHUGE_LIGHT = (GFP_HIGHUSER_MOVABLE | Gfp.COMP | Gfp.NOMEMALLOC | Gfp.NOWARN) & ~Gfp.RECLAIM
GFP_TRANSHUGE = GFP_TRANSHUGE_LIGHT | Gfp.DIRECT_RECLAIM

ALL_BITS = int(~Gfp(0))
SETS = {name: mask for name, mask in list(globals().items()) if name.startswith("GFP_")}
ALSO_READ = {  # kernels print these names, too
    "GFP_KERNEL_ACCOUNT": GFP_KERNEL | Gfp.ACCOUNT,
    "GFP_DMA": Gfp.DMA,
    "GFP_DMA32": Gfp.DMA32,
}
LARGEST_FIRST = sorted(SETS.items(), key=lambda entry: -entry[1].bit_count())


def text(mask: Gfp) -> str:
    """The largest set that `mask` holds, then the flags that are left; ``0`` for an empty mask."""
    bits = int(mask)
    chosen = next(((name, int(held)) for name, held in LARGEST_FIRST if bits & held == held), None)
    names, left = ([chosen[0]], bits & ~chosen[1]) if chosen else ([], bits)
    return "|".join([*names, *(str(flag.name) for flag in Gfp if flag & left)]) or "0"


def named(name: str) -> Gfp:
    """The set or flag of that name, or of that hexadecimal number."""
    bare = name.removeprefix("__GFP_")
    if bare.startswith("0x"):
        return Gfp(known(int(bare, 16)))
    names: dict[str, Gfp] = {"0": Gfp(0), **Gfp.__members__, **SETS, **ALSO_READ}
    mask = names.get(bare)
    if mask is not None:
        return mask
    hint = did_you_mean(bare.upper(), names).rstrip()
    raise ValueError(f"unknown GFP flag {name!r}{'; ' if hint else ''}{hint}")


def known(gfp: int) -> int:
    """A mask as it is; ValueError for bits that no flag has, TypeError for what is no whole number.

    Examples
    --------
    >>> known(0x4000CC0)
    Traceback (most recent call last):
    ...
    ValueError: flags 0x4000cc0: no flag has the bits 0x4000000; see Gfp for those known
    """
    mask = operator.index(gfp)
    if mask & ~ALL_BITS:
        raise ValueError(
            f"flags {mask:#x}: no flag has the bits {mask & ~ALL_BITS:#x}; see Gfp for those known"
        )
    return mask


def migrate_type(gfp: int) -> MigrateType:
    """Which pageblocks a mask asks for: its bits RECLAIMABLE and MOVABLE, shifted down by 3.

    Raises
    ------
    ValueError
        Both bits are set.

    Examples
    --------
    >>> migrate_type(GFP_KERNEL).name, migrate_type(GFP_HIGHUSER_MOVABLE).name
    ('UNMOVABLE', 'MOVABLE')
    """
    kind = (gfp & (Gfp.MOVABLE | Gfp.RECLAIMABLE)) >> 3
    if kind > MigrateType.RECLAIMABLE:
        raise ValueError(f"{Gfp(gfp)} is both MOVABLE and RECLAIMABLE; drop one of them")
    return MigrateType(kind)


def effective(gfp: int) -> Gfp:
    """What remains of a mask in the scopes that are open in this thread; never more than `gfp`.

    Examples
    --------
    >>> from pagecache.gfp.scope import memalloc_nofs
    >>> with memalloc_nofs():
    ...     effective(GFP_KERNEL | Gfp.ZERO)
    GFP_NOFS|ZERO
    """
    return Gfp(scope.effective(int(Gfp(gfp))))


def within(gfp: int, *, nofs: bool = False, noio: bool = False) -> Gfp:
    """What would remain of a mask in such scopes, whatever this thread has open."""
    return Gfp(scope.within(int(Gfp(gfp)), nofs=nofs, noio=noio))
