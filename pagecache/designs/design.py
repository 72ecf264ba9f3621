"""What a design is: a layout with its unit and folio orders, and what follows from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pagecache.designs.c_design import CDesign
from pagecache.designs.contract import PageIndex
from pagecache.designs.multi_entry import MultiEntry
from pagecache.designs.one_entry import OneEntry
from pagecache.designs.radix_2018 import Radix2018
from pagecache.designs.slots import Slots
from pagecache.designs.xarray_index import XArrayIndex
from pagecache.errors import InputError, whole
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

    def tree_of(self, orders: Iterable[int]) -> tuple[object, ...]:
        """Designs for which this is equal have the same nodes for the same folios of `orders`.

        The nodes of an XArray follow from where its entries lie, whatever they name: where all
        folios are single pages, an entry a folio and an entry a page make the same tree.
        """
        if self.layout not in {OneEntry, MultiEntry, Slots}:
            return self.merged_with
        entries = tuple(self.entry_order(order) for order in sorted(orders))
        return (XArrayIndex, self.huge_unit, self.chunk_shift, entries)

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
        """Whether a writer may split a huge folio and join it while readers look.

        It is one entry, then, and its pages lie one level of nodes below at most.
        """
        return self.layout is MultiEntry and 2 * self.chunk_shift > HUGE_ORDERS[0]

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
        **options: str | bool,
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
