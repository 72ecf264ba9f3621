"""What goes with what: said here alone, asked by all others before anything runs.

    design  x  allocation policy  x  holes  x  entries  x  file and block

A `Design` says which policies and folio orders it takes, and its layout the rest; what has an
object elsewhere (a file, a policy) comes as plain numbers and names.
"""

from pagecache.designs import registry
from pagecache.designs.design import BUDDY_POLICIES, HUGE_ORDERS, POOL_POLICIES, Design
from pagecache.designs.file_index import FileIndex
from pagecache.designs.multi_entry import MultiEntry
from pagecache.errors import InputError, unknown
from pagecache.page.frames import Frames
from pagecache.page.protocols import PROTOCOLS

POLICIES = BUDDY_POLICIES + POOL_POLICIES
ENTRIES = ("pointers", "pfns")
HOLES = ("zero-pages", "zero-entries", "no-entry")
USUAL = "cas"  # the protocol of every design's own get
FEW_FRAMES = 1 << 9


def check(
    design: Design,
    *,
    mapped: bool = False,
    hugetlbfs: bool | None = None,
    policy: str | None = None,
    min_order: int | None = None,
    pool_order: int | None = None,
    entries: str | None = None,
    holes: str | None = None,
    block_order: int = 0,
) -> None:
    """Refuse what does not go together; what is not given is not asked about.

    Parameters
    ----------
    mapped : bool
        The index is to serve a mapping.
    hugetlbfs : bool
        Whether the file is one of hugetlbfs.
    policy, entries, holes : str
        The names of choices.
    min_order, pool_order : int
        The least order of min-order, or that of huge-pool's pages.
    block_order : int
        That of the file's blocks.

    Raises
    ------
    InputError
        For an unknown name, and for the first thing that does not fit, with what does.

    Examples
    --------
    >>> from pagecache import designs
    >>> designs.check(designs.find("base-4k"), mapped=True, policy="fallback", entries="pfns")
    Traceback (most recent call last):
    ...
    pagecache.errors.InputError: entries='pfns' do not go with base-4k; use thp-multi
    """
    if mapped:
        check_mapped(design)
    if hugetlbfs is not None:
        check_file(design, hugetlbfs)
    if policy is not None:
        check_policy(design, policy)
        check_least(design, policy, block_order)
    check_block(block_order, min_order, pool_order)
    if entries is not None:
        check_entries(design, entries)
    if holes is not None:
        check_holes(design, holes, block_order)


def check_mapped(design: Design) -> None:
    """InputError unless the design's index can serve a mapping."""
    if not serves_mappings(design):
        able = [name for name in registry.names() if serves_mappings(registry.find(name))]
        raise InputError(
            f"{design.name} keeps no shadows and splits nothing; use {', '.join(able)}"
        )


def serves_mappings(design: Design) -> bool:
    return issubclass(design.layout, FileIndex)


def check_file(design: Design, hugetlbfs: bool) -> None:
    """InputError unless files of hugetlbfs, or all others, are indexed by that design."""
    if hugetlbfs and not design.huge_files:
        raise InputError(f"{design.name} indexes no hugetlbfs file; use hugetlb-4k-multi")
    if design.huge_files and not hugetlbfs:
        raise InputError(f"{design.name} indexes hugetlbfs files only; use like='hugetlbfs'")


def check_policy(design: Design, policy: str) -> None:
    """InputError unless the design goes with that policy of frames."""
    if policy not in POLICIES:
        raise InputError(unknown("policy", policy, POLICIES))
    if policy not in design.policies:
        raise InputError(
            f"{design.name} does not go with policy '{policy}'; use {', '.join(design.policies)}"
        )


def check_least(design: Design, policy: str, block_order: int) -> None:
    """InputError if min-order gives blocks that are above every folio the design takes."""
    largest = max(design.orders)
    if policy == "min-order" and largest < block_order:
        raise InputError(
            f"policy min-order gives nothing below a block of order {block_order}, and the largest "
            f"folio of {design.name} has order {largest}; use thp-multi"
        )


def check_block(block_order: int, min_order: int | None, pool_order: int | None) -> None:
    """InputError unless a policy's blocks are the file's."""
    if min_order is not None and min_order != block_order:
        raise InputError(
            f"policy min-order of order {min_order} does not go with a block of order "
            f"{block_order}; give both the same"
        )
    if pool_order is not None and pool_order != block_order:
        raise InputError(f"a pool of order {pool_order} holds no block of order {block_order}")


def entries_of(design: Design) -> tuple[str, ...]:
    """The kinds of entries that a mapping of that design can have."""
    if not serves_mappings(design):
        return ()
    return ENTRIES if design.layout is MultiEntry else ENTRIES[:1]


def check_entries(design: Design, entries: str) -> None:
    """InputError unless the design can have such entries."""
    if entries not in ENTRIES:
        raise InputError(unknown("kind of entries", entries, ENTRIES))
    if entries not in entries_of(design):
        raise InputError(f"entries='{entries}' do not go with {design.name}; use thp-multi")


def largest_value(design: Design, block_order: int = 0) -> int:
    """The order of the largest entry that is no folio, as a zero entry is."""
    index = design.make(Frames(FEW_FRAMES), huge_order=max(9, block_order))
    assert isinstance(index, FileIndex)
    return index.value_order


def check_holes(design: Design, holes: str, block_order: int = 0) -> None:
    """InputError unless the design can have zero entries as large as the file's block."""
    if holes not in HOLES:
        raise InputError(unknown("hole policy", holes, HOLES))
    if holes != "zero-entries":
        return
    largest = largest_value(design, block_order)
    if largest < block_order:
        raise InputError(
            f"zero-entries do not go with {design.name} and a block of order {block_order}: "
            f"its largest entry that is no folio has order {largest}; use thp-multi"
        )


def check_order(design: Design, order: int, huge_order: int = 9) -> None:
    """InputError unless the design takes folios of `order`."""
    orders = design.orders_for(huge_order)
    if order not in orders:
        known = ", ".join(map(str, orders))
        raise InputError(f"{design.name} takes no folios of order {order}; it takes {known}")


def references_unfit(design: Design, name: str, order: int) -> str | None:
    """Why a protocol of references does not go with a design's folios of `order`; None if it does.

    Examples
    --------
    >>> from pagecache import designs
    >>> references_unfit(designs.find("thp-multi"), "striped", 9)
    >>> references_unfit(designs.find("base-4k"), "striped", 0)
    'striped counts in the tails of folios of order 7 or more'
    """
    protocol = PROTOCOLS[name]
    if name != USUAL and not design.on_xarray:
        return f"{name} is built for designs on the XArray"
    if order < protocol.least_order:
        return f"{name} counts in the tails of folios of order {protocol.least_order} or more"
    return None


def mapping_choices(design: Design) -> str:
    """What a mapping of that design goes with, in a sentence.

    Examples
    --------
    >>> from pagecache import designs
    >>> mapping_choices(designs.find("thp-multi"))
    'Mappings: entries pointers, pfns; zero-entries in any block; files of any but hugetlbfs.'
    >>> mapping_choices(designs.find("hugetlb-4k-slots"))
    'Mappings: entries pointers; no zero-entries; files of hugetlbfs alone.'
    """
    if not serves_mappings(design):
        return "Mappings: none."
    files = "hugetlbfs alone" if design.huge_files else "any but hugetlbfs"
    kinds = ", ".join(entries_of(design))
    return f"Mappings: entries {kinds}; {zero_entries(design)}; files of {files}."


def zero_entries(design: Design) -> str:
    """The blocks in which the design can have zero entries."""
    blocks = HUGE_ORDERS if design.huge_files else (0, 1)
    fit = [block for block in blocks if largest_value(design, block) >= block]
    if len(fit) == len(blocks):
        return "zero-entries in any block"
    return "zero-entries in blocks of 4K" if fit else "no zero-entries"
