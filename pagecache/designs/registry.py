"""The designs: a layout with its unit and orders, as some kernel had it or someone proposed it.

To add one, copy the file of the layout nearest to it, change what differs, and add a `Design` to
`BUILT_IN` (from outside: name a `Design` in the entry-point group ``pagecache.designs``).
"""

from functools import cache
from types import MappingProxyType

from pagecache.designs import c_library
from pagecache.designs.contract import PageIndex
from pagecache.designs.design import HUGE_ORDERS, POOL_POLICIES, Design
from pagecache.designs.maple_multi import MapleMulti
from pagecache.designs.maple_proposal import MapleProposal
from pagecache.designs.multi_entry import MultiEntry
from pagecache.designs.one_entry import OneEntry
from pagecache.designs.page_hash import PageHashIndex
from pagecache.designs.pctrie_4k import PcTrie4k
from pagecache.designs.radix_2018 import Radix2018
from pagecache.designs.slots import Slots
from pagecache.errors import InputError, unknown
from pagecache.page.frames import Frames
from pagecache.xarray.node import NodePool

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


_BY_NAME = {design.name: design for design in BUILT_IN}


@cache
def _registered() -> dict[str, Design]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - takes a third as long as numpy

    found = dict(_BY_NAME)
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


def is_known(name: str) -> bool:
    """Whether it is the name of a design, which the path of a shared object is not.

    Examples
    --------
    >>> is_known("thp-multi"), is_known("./mine.so")
    (True, False)
    """
    return name in _BY_NAME or name in _registered()


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
    if name in _BY_NAME:  # without a look at all that is installed, once in every process
        return _BY_NAME[name]
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
    **options: str | bool,
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
