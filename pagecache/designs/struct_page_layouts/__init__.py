"""A design over the struct pages of a layout: for the cost of a layout, design by design.

struct_page_index     the tree, and the lookups for a struct of any type
lookups.pxi      the classes of one layout: the body that each of the next three includes
before_2018  after_2018  folio     the layouts

Knows nothing of the designs but the `Design` that it is given.
"""

from pagecache.designs.design import Design
from pagecache.designs.struct_page_layouts import after_2018, before_2018, folio
from pagecache.designs.struct_page_layouts.struct_page_index import StructPageIndex
from pagecache.errors import InputError
from pagecache.page.struct_pages import StructPages
from pagecache.xarray.node import NodePool

MODULES = {module.ByHead.layout: module for module in (before_2018, after_2018, folio)}


def make(
    design: Design,
    pages: StructPages,
    pool: NodePool | None = None,
    *,
    huge_order: int = 9,
    by_page: bool = False,
) -> StructPageIndex:
    """An empty index that fills its slots as `design` does, over `pages`.

    Parameters
    ----------
    design : Design
        One of the built-in designs that are XArrays; InputError for another.
    pages : StructPages
        The struct pages, whose layout decides the code that reads them.
    by_page : bool
        Look up as callers did before folios: each step finds the head again.

    Examples
    --------
    >>> import numpy as np
    >>> from pagecache import designs
    >>> from pagecache.designs import struct_page_layouts
    >>> from pagecache.page.struct_pages import StructPages
    >>> pages = StructPages(512, "folio")
    >>> pages.make_folios(np.array([0], np.uint64), np.array([9], np.uint8))
    >>> index = struct_page_layouts.make(designs.find("thp-multi"), pages)
    >>> index.insert_folio(0, 9, pfn=0)
    >>> index.frame(300), index.lines(300)
    (300, 1)
    """
    if not design.on_xarray:
        raise InputError(f"{design.name} is no XArray; struct pages are laid out for those alone")
    module = MODULES[pages.layout]
    kind: type[StructPageIndex] = module.ByPage if by_page else module.ByHead
    return kind(
        pages,
        design.make_pool() if pool is None else pool,
        unit=huge_order if design.huge_unit else 0,
        huge_order=huge_order,
        each=design.slot_by_slot,
        subpages=design.names_subpages,
    )
