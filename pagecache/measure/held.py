"""The folios that a row of a table holds, and the nodes that they take at most."""

import numpy as np

from pagecache.designs import Design
from pagecache.inputs import Folios, Input
from pagecache.measure.case import LARGEST
from pagecache.replaying.fitting import fit


def folios_of(source: Input, design: Design, order: int | str | None, huge_order: int) -> Folios:
    """What `design` caches of an input, its folios forced to `order` unless that is None."""
    if order is not None:
        source = source.largest() if order == LARGEST else source.at_order(int(order))
    return fit(design, source.folios, huge_order=huge_order)


def pieces_of(source: Input, design: Design, order: int | str | None, huge_order: int) -> int:
    """How many folios `folios_of` would give at most, without making any."""
    most = 63 if order is None or order == LARGEST else int(order)
    orders = [each for each in design.orders_for(huge_order) if each <= most]
    counts = source.folios.orders().items()
    return sum(
        count << each - max((order for order in orders if order <= each), default=each)
        for each, count in counts
    )


def bytes_at_most(folios: Folios, design: Design, huge_order: int) -> int:
    """Bytes of the indexes of these folios at most; for planning only."""
    if not design.nodes_foreseen or design.node_bytes is None:
        return len(folios) * design.folio_bytes
    return nodes_at_most(folios, design, huge_order) * design.node_bytes


def nodes_at_most(folios: Folios, design: Design, huge_order: int) -> int:
    """Nodes that the trees of these folios have at most; exact except for small files' roots.

    For planning only; what is reported is counted in the index.  O(n log n).

    Examples
    --------
    >>> import pagecache as pc
    >>> folios = pc.inputs.Folios.filled("a.img", pages=1 << 19, order=9)
    >>> nodes_at_most(folios, pc.designs.find("thp-multi"), 9)
    131
    >>> nodes_at_most(folios, pc.designs.find("thp-slots-head"), 9)
    8323
    """
    place = np.lexsort((folios.index, folios.file))
    file, order = folios.file[place], folios.order[place].astype(np.uint64)
    index = folios.index[place]
    if design.huge_unit:
        index, order = index >> np.uint64(huge_order), np.zeros_like(order)
    entry = np.zeros_like(order) if design.entry_a_page else order
    nodes = 0
    step = design.chunk_shift
    for shift in map(np.uint64, range(step, 64, step)):
        below = entry < shift  # the others' entries lie in nodes further up
        node, of = index[below] >> shift, file[below]
        first = np.ones(len(node), np.bool_)
        first[1:] = (node[1:] != node[:-1]) | (of[1:] != of[:-1])
        wide = np.maximum(order[below], shift) - shift  # a folio's slots may fill 2**wide nodes
        nodes += int((np.uint64(1) << wide)[first].sum())
        if below.all() and not node.any():
            break
    return nodes
