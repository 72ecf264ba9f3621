"""One cell of a grid: a combination of choices, and what it stands for.

A cell determines its counts: the file and its holes, the scattered memory and the policy over it
are made from its fields alone.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from pagecache import designs
from pagecache.allocation.arguments import parse_fragment
from pagecache.allocation.memory import Memory
from pagecache.errors import InputError
from pagecache.gfp.flags import Gfp
from pagecache.inputs import PAGE_SIZE, format_size, generate_holes
from pagecache.mapping.file import File
from pagecache.mapping.parts import SPARE_PAGES
from pagecache.mapping.storage.filesystems import FILESYSTEMS

NO_FRAGMENT = "none"
HOLE_SHARE = 0.5  # of a generated file, where the grid asks for holes
ROUND = 10  # memory is made in units of 2**10 frames: 4 MiB


def short(size: int) -> str:
    """A size as people type it.

    Examples
    --------
    >>> short(1 << 16)
    '64K'
    """
    return format_size(size).replace(" ", "").removesuffix("iB")


@dataclass(frozen=True)
class Cell:
    """A combination of choices.

    Attributes
    ----------
    number : int
        Its place in the grid, from 0; -1 for one that is left out.
    design : str
    size : int or None
        Bytes of a generated file.
    trace : str or None
        A recorded trace, by its name in the grid.
    alloc, holes, block, fragment : str
        As `pagecache.Memory`, `pagecache.Mapping`, `pagecache.File` and
        `pagecache.Memory.fragment` take them.
    hole_share : float
        How much of a generated file is hole.
    memory : int or None
        Bytes that frames come from; None is room for the file.
    seed : int
        What holes and survivors are drawn from.
    """

    number: int
    design: str
    size: int | None
    trace: str | None
    alloc: str
    holes: str
    hole_share: float
    block: str
    fragment: str
    memory: int | None
    seed: int

    @classmethod
    def of(
        cls,
        design: str,
        *,
        size: int | None = None,
        trace: str | None = None,
        alloc: str | None = None,
        holes: str | None = None,
        half_hole: bool = False,
        block: str | None = None,
        fragment: str = NO_FRAGMENT,
        memory: int | None = None,
        seed: int = 0,
    ) -> Self:
        """The cell of these choices; for what is not given, what the design's files have."""
        huge = designs.find(design).huge_files
        ways = FILESYSTEMS["hugetlbfs" if huge else "ext4"]
        return cls(
            -1,
            design,
            size,
            trace,
            alloc or ("huge-pool" if huge else "fallback"),
            holes or ways.holes,
            HOLE_SHARE if half_hole else 0.0,
            block or ("2M" if huge else "4K"),
            fragment,
            memory,
            seed,
        )

    def numbered(self, number: int) -> Self:
        return replace(self, number=number)

    @property
    def choices(self) -> tuple[object, ...]:
        """What decides whether it fits: all but the seed and the number."""
        names = [field.name for field in fields(self)]
        return tuple(getattr(self, name) for name in names if name not in {"seed", "number"})

    @property
    def huge(self) -> bool:
        """Whether its file is one of hugetlbfs."""
        return designs.find(self.design).huge_files

    @property
    def like(self) -> str:
        """The filesystem that its file is on."""
        return "hugetlbfs" if self.huge else "ext4"

    @property
    def block_order(self) -> int:
        return File(self.block, block=self.block, like=self.like).block_order

    def to_dict(self) -> dict[str, Any]:
        """What JSON, a row and another process hold."""
        return asdict(self)

    def __str__(self) -> str:
        source = self.trace if self.size is None else short(self.size)
        memory = "" if self.memory is None else f", memory {short(self.memory)}"
        holes = f", {self.holes}" if self.hole_share else ""
        return (
            f"{self.design}, {source}, {self.alloc}{holes}, block {self.block}, {self.fragment}"
            f"{memory}, seed {self.seed}"
        )


def unfit(cell: Cell) -> str | None:
    """Why a combination does not fit, in one line; None if it does.

    Examples
    --------
    >>> unfit(Cell.of("thp-multi", size=1 << 20))
    >>> unfit(Cell.of("thp-multi", size=1 << 20, alloc="huge-pool")).partition(";")[0]
    "thp-multi does not go with policy 'huge-pool'"
    """
    try:
        design = designs.find(cell.design)
        if cell.trace is not None:
            designs.check(design, mapped=True, hugetlbfs=False)
        order = cell.block_order
        designs.check(
            design,
            mapped=True,
            hugetlbfs=cell.huge,
            policy=cell.alloc,
            holes=cell.holes,
            block_order=order,
        )
        if cell.size is not None:
            make_file(cell)
        if cell.memory is not None and cell.memory < PAGE_SIZE << order:
            raise InputError(f"memory of {cell.memory} bytes is below a block of {cell.block}")
    except InputError as error:
        return str(error)
    return None


def make_file(cell: Cell) -> File:
    """Its generated file; holes are drawn from the seed, in units of 64 KiB whatever the block."""
    assert cell.size is not None
    return File(cell.size, runs_of_holes(cell), block=cell.block, like=cell.like)


def runs_of_holes(cell: Cell) -> list[tuple[int, int]] | None:
    """(position, length) in bytes; None where the filesystem's own way holds."""
    if cell.size is None or cell.hole_share == 0:
        return None
    runs = generate_holes(cell.size // PAGE_SIZE, cell.hole_share, seed=cell.seed)
    return [(first * PAGE_SIZE, count * PAGE_SIZE) for first, count in runs.tolist()]


def frames_for(cell: Cell, pages: int) -> int:
    """Frames of its memory: what is given, or room for so many pages.

    Examples
    --------
    >>> frames_for(Cell.of("thp-multi", size=1 << 20), 256)
    17408
    """
    if cell.memory is not None:
        return cell.memory // PAGE_SIZE
    unit = max(ROUND, cell.block_order)
    twice = 2 if cell.fragment != NO_FRAGMENT else 1
    return -(-(pages * twice + SPARE_PAGES) >> unit << unit)


def make_memory(cell: Cell, pages: int) -> Memory:
    """Its memory, scattered where that is wanted; compaction does not undo that."""
    order, frames = cell.block_order, frames_for(cell, pages)
    options: dict[str, Any] = {"min_order": order} if cell.alloc == "min-order" else {}
    if cell.huge:
        options = {"huge_order": order, "pool": min(-(-pages >> order), frames >> order)}
    memory = Memory(frames * PAGE_SIZE, policy=cell.alloc, seed=cell.seed, min_free=0, **options)
    if cell.fragment != NO_FRAGMENT:
        pattern, k, share = parse_fragment(cell.fragment, "fragment")
        memory.policy.gfp &= ~Gfp.DIRECT_RECLAIM
        memory.fragment(pattern, k=k, share=share)
    return memory
