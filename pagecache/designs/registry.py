"""The designs: a layout with its unit and orders, as some kernel had it or someone proposed it.

To add one, copy the file of the layout nearest to it, change what differs, and add a `Design` to
`BUILT_IN` (from outside: name a `Design` in the entry-point group ``pagecache.designs``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from pagecache.designs import c_library
from pagecache.designs.c_design import CDesign
from pagecache.designs.contract import PageIndex
from pagecache.designs.maple_multi import MapleMulti
from pagecache.designs.maple_proposal import MapleProposal
from pagecache.designs.multi_entry import MultiEntry
from pagecache.designs.one_entry import OneEntry
from pagecache.designs.page_hash import PageHashIndex
from pagecache.designs.pctrie_4k import PcTrie4k
from pagecache.designs.radix_2018 import Radix2018
from pagecache.designs.slots import Slots
from pagecache.designs.xarray_index import XArrayIndex
from pagecache.errors import InputError, unknown, whole
from pagecache.page.frames import Frames
from pagecache.xarray.grace import Readers
from pagecache.xarray.node import NodePool

HUGE_ORDERS = (9, 18)  # 2 MiB and 1 GiB
BUDDY_POLICIES = ("pages", "compound", "fallback", "min-order")
POOL_POLICIES = ("huge-pool",)
CHUNK_SHIFT = 6  # Linux's nodes: 64 slots
DEFAULT_FRAMES = 1 << 18  # 1 GiB, for an index made without frames of its own

NEEDS_STRUCT_PAGES = "{} keeps its keys in struct pages, and there is no memory for those"


@dataclass(frozen=True)
class Design:
    """One design of a page-cache index.

    Attributes
    ----------
    name : str
    layout : type
        The `PageIndex` that lays folios into slots.
    family : {"base", "hugetlb", "thp"}
        Whose files it indexes.  hugetlb files consist of one size of huge page.
    summary, limits : str
        What it is, and what it cannot do, in a sentence each.
    orders : tuple of int
        The folio orders it takes; of a hugetlb design those of `HUGE_ORDERS`, one at a time.
    huge_unit : bool
        The array counts in huge pages.
    names_subpages : bool
        A slot names its own page, not the head of the folio.
    policies : tuple of str
        The policies of frames that it goes with.
    chunk_shift : int
        The nodes of an XArray have ``2**chunk_shift`` slots.
    folio_bytes : int
        What another structure takes for a folio at most: to know beforehand what fits in memory.
    options : mapping
        Further arguments of the layout.
    """

    name: str
    layout: type[PageIndex]
    family: str
    summary: str
    limits: str
    orders: tuple[int, ...]
    huge_unit: bool = False
    names_subpages: bool = False
    policies: tuple[str, ...] = BUDDY_POLICIES
    chunk_shift: int = CHUNK_SHIFT
    folio_bytes: int = 128
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def merged_with(self) -> tuple[object, ...]:
        """Designs for which this is equal run the same code on the same tree."""
        options = tuple(self.options.items())
        return (self.layout, self.huge_unit, self.names_subpages, self.chunk_shift, options)

    @property
    def huge_files(self) -> bool:
        """Whether it indexes hugetlbfs files, which are huge pages of one size and nothing else."""
        return self.family == "hugetlb"

    @property
    def sizes_follow(self) -> bool:
        """Whether it takes so many orders that its folios can be as large as the file allows."""
        return len(self.orders) > 2

    def can_force(self, order: object, huge_order: int) -> bool:
        """Whether the folios of an ordinary file can all be forced to `order`."""
        return self.family == "thp" and order in self.orders_for(huge_order)

    def orders_for(self, huge_order: int) -> tuple[int, ...]:
        """The folio orders it takes where huge pages are of `huge_order`."""
        return (huge_order,) if self.huge_files else self.orders

    @property
    def provides(self) -> frozenset[str]:
        """What it has beyond what all have: of ``mark``, ``scan``, ``values``, ``concurrent``."""
        return self.layout.provides

    @property
    def needs_struct_pages(self) -> bool:
        """Whether its keys or links lie in struct pages, which then must fit in memory."""
        return self.layout.needs_struct_pages

    @property
    def foreign(self) -> bool:
        """Whether it is somebody's shared object, which may end the process that it runs in."""
        return issubclass(self.layout, CDesign)

    @property
    def on_xarray(self) -> bool:
        """Whether the structure is an XArray."""
        return issubclass(self.layout, XArrayIndex)

    @property
    def splits_beside_readers(self) -> bool:
        """Whether a folio is one entry, which a writer may split and join while readers look."""
        return self.layout is MultiEntry

    @property
    def nodes_foreseen(self) -> bool:
        """Whether its nodes can be computed beforehand: a tree whose nodes split evenly."""
        return self.on_xarray or self.layout is Radix2018

    @property
    def slot_by_slot(self) -> bool:
        """Whether each page of a folio has an entry of its own, filled by the option `fill`."""
        return issubclass(self.layout, Slots)

    @property
    def entry_a_page(self) -> bool:
        """Whether each page of a folio has an entry of its own, however that is filled."""
        return self.slot_by_slot or self.layout is Radix2018

    def entry_order(self, folio_order: int) -> int:
        """The order, in the array's unit, of the entries that hold one folio."""
        return 0 if self.entry_a_page or self.huge_unit else folio_order

    @property
    def node_bytes(self) -> int | None:
        """Bytes of one node, without its share of a slab; None where nodes differ in size."""
        return getattr(self.make_pool(), "node_size", None)

    def make_pool(self, *, huge: bool = False, readers: Readers | None = None) -> Any:
        """What its indexes take their memory from together; None if each has its own.

        Nodes of an XArray wait for `readers` before they are used again.
        """
        return self.layout.make_pool(chunk_shift=self.chunk_shift, huge=huge, readers=readers)

    def make(
        self,
        frames: Frames | None = None,
        pool: Any = None,
        *,
        huge_order: int = 9,
        **options: str,
    ) -> PageIndex:
        """An empty index of this design over `frames`, its nodes from `pool`.

        Raises InputError if the pool's nodes are of another width: see `make_pool`.
        """
        if isinstance(pool, NodePool) and pool.chunk_shift != self.chunk_shift:
            raise InputError(
                f"{self.name} has nodes of {1 << self.chunk_shift} slots, and the pool gives nodes "
                f"of {1 << pool.chunk_shift}: make the pool with make_pool()"
            )
        if self.huge_files and huge_order not in HUGE_ORDERS:
            raise InputError(f"--huge-page: {self.name} takes 2M or 1G, not order {huge_order}")
        huge_order = whole(huge_order, "huge_order", 51)
        if self.needs_struct_pages and frames is not None and not frames.backed:
            raise InputError(NEEDS_STRUCT_PAGES.format(self.name))
        return self.layout(
            Frames(DEFAULT_FRAMES) if frames is None else frames,
            self.make_pool() if pool is None else pool,
            unit=huge_order if self.huge_unit else 0,
            huge_order=huge_order,
            **{**self.options, **options},
        )


BUILT_IN = (
    Design(
        "base-4k",
        OneEntry,
        "base",
        "One entry a 4 KiB page: an ordinary file without large folios.",
        "Takes folios of order 0 only.",
        (0,),
    ),
    Design(
        "hugetlb-huge",
        OneEntry,
        "hugetlb",
        "One entry a huge page, indexed in huge pages: hugetlbfs up to 6.6.",
        "A slot cannot name a 4 KiB page, so nothing smaller than a huge page is ever cached.",
        HUGE_ORDERS,
        huge_unit=True,
        policies=POOL_POLICIES,
    ),
    Design(
        "hugetlb-4k-slots",
        Slots,
        "hugetlb",
        "2^order slots a huge page, indexed in 4 KiB: the move judged unworkable in 2018.",
        "Never shipped; takes the nodes and stores of 4 KiB pages.",
        HUGE_ORDERS,
        policies=POOL_POLICIES,
    ),
    Design(
        "hugetlb-4k-multi",
        MultiEntry,
        "hugetlb",
        "One multi-index entry a huge page, indexed in 4 KiB: hugetlbfs from 6.7 on.",
        "An order-9 entry takes 8 slots, so 8 times the nodes of hugetlb-huge (as many at 1 GiB).",
        HUGE_ORDERS,
        policies=POOL_POLICIES,
    ),
    Design(
        "hugetlb-4k-wide",
        MultiEntry,
        "hugetlb",
        "One entry a huge page, in 4 KiB, in nodes of 512 slots: an order-9 entry takes one.",
        "Named by Wilcox in 2023, never built; a node takes 4,328 bytes, even for one entry.",
        HUGE_ORDERS,
        policies=POOL_POLICIES,
        chunk_shift=9,
    ),
    Design(
        "hugetlb-4k-narrow",
        MultiEntry,
        "hugetlb",
        "The same in nodes of 8 slots, whose third level an order-9 entry lies at, in one slot.",
        "Never built; twice the levels of 64 slots, so more steps a lookup.",
        HUGE_ORDERS,
        policies=POOL_POLICIES,
        chunk_shift=3,
    ),
    Design(
        "thp-slots-subpage",
        Slots,
        "thp",
        "512 slots a huge page, each naming its own subpage: THP of 4.8 to 5.3.",
        "Takes folios of order 0 and 9 only; a lookup reads the subpage before its head.",
        (0, 9),
        names_subpages=True,
        options=MappingProxyType({"names": "subpage"}),
    ),
    Design(
        "thp-slots-head",
        Slots,
        "thp",
        "512 slots a huge page, each naming the head: THP of 5.4 to 5.16.",
        "Takes folios of order 0 and 9 only.",
        (0, 9),
    ),
    Design(
        "thp-multi",
        MultiEntry,
        "thp",
        "One multi-index entry a folio: from 5.17 on, the 2018 list's answer.",
        "Below order 6 it saves stores and steps, but no nodes.",
        (*range(12), 13),
    ),
    Design(
        "radix-2018",
        Radix2018,
        "thp",
        "The radix tree of 4.19: a slot a page, 512 insertions a huge page.",
        "Takes folios of order 0 and 9 only; memory is taken before each insertion.",
        (0, 9),
        names_subpages=True,
    ),
    Design(
        "maple-multi",
        MapleMulti,
        "thp",
        "The maple tree of 6.16 in RCU mode, one range a folio: proposed for 2026.",
        "Has no marks; pages one by one take twice the XArray's memory.",
        (*range(12), 13),
    ),
    Design(
        "maple-proposal",
        MapleProposal,
        "thp",
        "A proposal: the maple tree with marks, and a dense leaf of 28 single pages.",
        "No kernel has it; what is assumed stands in docs/structures.md.",
        (*range(12), 13),
    ),
    Design(
        "pctrie-4k",
        PcTrie4k,
        "base",
        "FreeBSD's path-compressed trie of fan-out 16: a leaf a page.",
        "Takes folios of order 0 only; a lookup ends in the struct page; no marks.",
        (0,),
        folio_bytes=152,
    ),
    Design(
        "page-hash",
        PageHashIndex,
        "base",
        "Linux 2.4's hash of mapping and index, chained through struct pages.",
        "One lock and no order: a read looks up page by page; no marks.",
        (0,),
        folio_bytes=32,
    ),
    Design(
        "page-hash-folio",
        PageHashIndex,
        "thp",
        "The same hash keyed by folio: one entry of any order; never built.",
        "A lookup tries each order in the table; no marks.",
        (*range(12), 13),
        folio_bytes=16 + (16 << 9),
    ),
)


@cache
def _registered() -> dict[str, Design]:
    found = {design.name: design for design in BUILT_IN}
    for point in entry_points(group="pagecache.designs"):
        design = point.load()
        if found.setdefault(design.name, design) is not design:
            raise InputError(f"design '{design.name}' of {point.value}: the name is taken")
    return found


def names() -> tuple[str, ...]:
    """The names of all designs, the built-in ones first.

    Examples
    --------
    >>> import pagecache as pc
    >>> pc.designs.names()[:2]
    ('base-4k', 'hugetlb-huge')
    """
    return tuple(_registered())


def find(name: str) -> Design:
    """The design of that name; InputError names the nearest and all others.

    The path of a shared object is the name of the design in it: docs/your-design-in-c.md.

    Examples
    --------
    >>> import pagecache as pc
    >>> pc.designs.find("thp-multi").summary
    "One multi-index entry a folio: from 5.17 on, the 2018 list's answer."
    """
    if c_library.is_path(name):
        return Design(**c_library.find(name))
    try:
        return _registered()[name]
    except KeyError:
        raise InputError(unknown("design", name, names())) from None


def make(
    name: str,
    frames: Frames | None = None,
    pool: NodePool | None = None,
    *,
    huge_order: int = 9,
    **options: str,
) -> PageIndex:
    """An empty index of the design `name`.

    Parameters
    ----------
    name : str
        One of `names()`.
    frames : Frames, optional
        Struct pages that its entries name; those of 1 GiB if none are given.
    pool : NodePool, optional
        Where nodes come from; its own pool if none is given.
    huge_order : int
        Order of a huge page: 9 (2 MiB) or 18 (1 GiB).
    **options
        ``fill="per-slot"`` for the slot layouts.

    Examples
    --------
    >>> import pagecache as pc
    >>> index = pc.designs.make("thp-multi")
    >>> index.insert_folio(512, 9, pfn=0)
    >>> index.named(700), index.nodes
    (0, 1)
    """
    return find(name).make(frames, pool, huge_order=huge_order, **options)
