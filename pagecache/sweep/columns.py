"""What a row of the table holds: the cell, then what was counted of it."""

from dataclasses import fields
from typing import Any

from pagecache.sweep.cell import Cell

ORDERS = (*range(14), 18)  # of folios: up to 32 MiB, and 1 GiB
CHOICES = tuple("cell" if field.name == "number" else field.name for field in fields(Cell))
COUNTS = (
    "asked",  # pages that reads and faults asked for
    "brought_in",  # pages that frames were allocated for
    "pages",  # cached when it was done
    "folios",
    "nodes",
    "index_bytes",
    "slots_written",  # to insert folios and zero entries
    "zero_entries",
    "pages_saved",  # read from a zero entry or the zero page: nothing is cached for them
    "made",  # folios, those evicted since with them
    "fallbacks",  # of them smaller than asked for
    "attempts",  # blocks that the policy asked the buddy allocator for, order by order
    "failures",  # of them without success
    "misses",  # reads and faults that found nothing
    "faults",  # page faults: see `pagecache.sweep.counting`
    "evictions",  # folios
    "refused",  # reads and faults that had no memory
    *(f"order_{order}" for order in ORDERS),  # folios of each order
    "sample",  # the rate, of a sampled trace: all counts are of the sample
    "estimated_pages",  # cached pages of the whole trace, by the sample
    "error_pages",  # the standard error of that
)
TEXTS = {"design", "trace", "alloc", "holes", "block", "fragment"}
SHARES = {"hole_share", "sample", "estimated_pages", "error_pages"}
NAMES = (*CHOICES, *COUNTS)
Row = dict[str, Any]


def kind_of(name: str) -> type:
    """The type of a column: str, float or int, each with None where it says nothing.

    Examples
    --------
    >>> kind_of("design"), kind_of("nodes")
    (<class 'str'>, <class 'int'>)
    """
    return str if name in TEXTS else float if name in SHARES else int


def row_of(cell: Cell, counts: Row) -> Row:
    """The row of a cell, every column in its place."""
    chosen = {**cell.to_dict(), "cell": cell.number}
    orders = counts["orders"]
    unknown = orders.keys() - set(ORDERS)
    assert not unknown, f"folios of orders {unknown} have no column"
    by_order = {f"order_{order}": orders.get(order, 0) for order in ORDERS}
    found = {**dict.fromkeys(NAMES), **chosen, **counts, **by_order}
    return {name: found[name] for name in NAMES}
