"""What a mapping is put together from: which parts go with which, said before anything runs."""

from collections.abc import Sequence

from pagecache import designs
from pagecache.designs import Design
from pagecache.designs.file_index import FileIndex
from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, parse_size
from pagecache.mapping.file import File
from pagecache.memory.buddy import Buddy
from pagecache.memory.frames import Frames
from pagecache.supply import Supply, make
from pagecache.supply.registry import SUPPLIES

HOLES = ("zero-pages", "zero-entries", "no-entry")
SPARE_PAGES = 1 << 14  # of a memory made for one file: 64 MiB more than it needs


def find_design(name: str) -> Design:
    """The design of that name, if its index can serve a mapping."""
    found = designs.find(name)
    if not issubclass(found.layout, FileIndex):
        able = [n for n in designs.names() if issubclass(designs.find(n).layout, FileIndex)]
        raise InputError(f"{name} keeps no shadows and splits nothing; use {', '.join(able)}")
    return found


def check_file(design: Design, file: File) -> None:
    """InputError unless files of that filesystem are indexed by that design."""
    if file.ways.huge and design.family != "hugetlb":
        raise InputError(f"{design.name} indexes no hugetlbfs file; use hugetlb-4k-multi")
    if design.family == "hugetlb" and not file.ways.huge:
        raise InputError(f"{design.name} indexes hugetlbfs files only; use like='hugetlbfs'")


def check_holes(design: Design, index: FileIndex, file: File, holes: str) -> None:
    """InputError unless the design can have zero entries as large as the file's block."""
    if holes not in HOLES:
        raise InputError(designs.unknown("hole policy", holes, HOLES))
    if holes != "zero-entries" or index.value_order >= file.block_order:
        return
    raise InputError(
        f"zero-entries do not go with {design.name} and a block of order {file.block_order}: "
        f"its largest entry that is no folio has order {index.value_order}; use thp-multi"
    )


def as_memory(
    memory: object | None, design: Design, file: File
) -> tuple[Supply, Frames]:
    """A supply and the struct pages of its frames, which all mappings of a memory share.

    Struct pages come with the first mapping of a memory, as its attribute `struct_pages`.
    """
    if memory is None:
        memory = enough_memory(design, file)
    if isinstance(memory, (int, str)):
        memory = make(design.supplies[-1] if file.ways.huge else "fallback",
                      parse_size(memory, "memory") // PAGE_SIZE)
    supply = memory if isinstance(memory, Supply) else getattr(memory, "supply", None)
    if not isinstance(supply, Supply):
        raise InputError(f"memory: {memory!r} is none; give pagecache.Memory or a supply")
    check_supply(design, file, supply)
    frames = getattr(memory, "struct_pages", None)
    if frames is None:
        frames = Frames(supply.buddy.frames, huge=False)
        if supply is not memory:
            memory.struct_pages = frames  # type: ignore[attr-defined]
    return supply, frames


def enough_memory(design: Design, file: File) -> Supply:
    """Memory that the whole file fits into, without watermarks."""
    pages = -(-file.pages >> 18 << 18) if file.ways.huge else file.pages
    frames = -(-(pages + SPARE_PAGES) >> 10 << 10)
    if file.ways.huge:
        options = {"huge_order": file.block_order, "pool": -(-file.pages >> file.block_order)}
        return make("huge-pool", Buddy(frames, min_pages=0), **options)
    return make("fallback", Buddy(frames, min_pages=0))


def check_supply(design: Design, file: File, supply: Supply) -> None:
    """InputError unless supply, design and block go together."""
    name = next((name for name, kind in SUPPLIES.items() if type(supply) is kind), None)
    if name is not None:
        designs.check_supply(design, name)
    least = getattr(supply, "min_order", None)
    if least is not None and least != file.block_order:
        raise InputError(
            f"supply min-order of order {least} does not go with a block of order "
            f"{file.block_order}; give both the same"
        )
    huge = getattr(supply, "huge_order", None)
    if huge is not None and huge != file.block_order:
        raise InputError(f"a pool of order {huge} holds no block of order {file.block_order}")


def order_tables(orders: Sequence[int], most: int) -> tuple[list[int], list[int]]:
    """For each order the largest one taken that is not above it, and where its run begins.

    Examples
    --------
    >>> fits, lowest = order_tables((0, 1, 2, 3, 9), most=9)
    >>> fits[:11], lowest[:4], lowest[9]
    ([0, 1, 2, 3, 3, 3, 3, 3, 3, 9, 9], [0, 0, 0, 0], 9)
    """
    taken = sorted(order for order in orders if order <= most)
    fits = [max((o for o in taken if o <= order), default=taken[0]) for order in range(64)]
    lowest = list(range(64))
    for order in taken:
        if order - 1 in taken:
            lowest[order] = lowest[order - 1]
    return fits, lowest
