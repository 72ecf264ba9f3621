"""A design over the struct pages of a layout: for the cost of a layout, design by design.

record_index     the tree, and the lookups for a struct of any type
lookups.pxi      the classes of one layout: the body that each of the next three includes
before_2018  after_2018  folio     the layouts

Knows nothing of the designs but the `Design` that it is given.
"""

from pagecache.designs.record_layouts import after_2018, before_2018, folio
from pagecache.designs.record_layouts.record_index import RecordIndex
from pagecache.designs.registry import Design
from pagecache.errors import InputError
from pagecache.page.records import Records
from pagecache.xarray.node import NodePool

MODULES = {module.ByHead.layout: module for module in (before_2018, after_2018, folio)}


def make(
    design: Design,
    records: Records,
    pool: NodePool | None = None,
    *,
    huge_order: int = 9,
    by_page: bool = False,
) -> RecordIndex:
    """An empty index that fills its slots as `design` does, over `records`.

    Parameters
    ----------
    design : Design
        One of the built-in designs that are XArrays; InputError for another.
    records : Records
        The struct pages, whose layout decides the code that reads them.
    by_page : bool
        Look up as callers did before folios: each step finds the head again.

    Examples
    --------
    >>> import numpy as np
    >>> from pagecache import designs
    >>> from pagecache.designs import record_layouts
    >>> from pagecache.page.records import Records
    >>> records = Records(512, "folio")
    >>> records.make_folios(np.array([0], np.uint64), np.array([9], np.uint8))
    >>> index = record_layouts.make(designs.find("thp-multi"), records)
    >>> index.insert_folio(0, 9, pfn=0)
    >>> index.frame(300), index.lines(300)
    (300, 1)
    """
    if not design.on_xarray:
        raise InputError(f"{design.name} is no XArray; records are laid out for those alone")
    module = MODULES[records.layout]
    kind: type[RecordIndex] = module.ByPage if by_page else module.ByHead
    return kind(
        records,
        design.make_pool() if pool is None else pool,
        unit=huge_order if design.huge_unit else 0,
        huge_order=huge_order,
        each=design.slot_by_slot,
        subpages=design.names_subpages,
    )
