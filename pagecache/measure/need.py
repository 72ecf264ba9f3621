"""What a case would need of this machine's memory, computed before anything is built."""

from pathlib import Path

import psutil

from pagecache import designs
from pagecache.designs import Design
from pagecache.errors import InputError
from pagecache.inputs import format_size

NODE_BYTES = 576
STRUCT_PAGE_BYTES = 64
FOLIO_BYTES = 80  # arrays of a folio's file, index, order and frame, and their copies
BASE_BYTES = 400 << 20  # interpreter, numpy, lists, the buffer that is cleared
BACKED_SHARE = 0.6  # of what is available may go into nodes and struct pages together
MOST_SHARE = 0.9


def available_bytes() -> int:
    """Memory that this process may still take: what the machine has free, or its cgroup."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return free
    return free if limit == "max" else max(0, min(free, int(limit) - used))


def nodes_for(pages: int, entry_order: int) -> int:
    """Nodes of a file filled from 0 with entries of one order: the levels from theirs to the root.

    For planning only; what is reported is counted in the index.

    Examples
    --------
    >>> nodes_for(524288, 0), nodes_for(524288, 9)
    (8323, 131)
    """
    shift = entry_order - entry_order % 6 + 6
    nodes = level = -(-pages >> shift)
    while level > 1:
        shift += 6
        level = -(-pages >> shift)
        nodes += level
    return nodes


def folio_order(design: Design, huge_order: int) -> int:
    """The largest order that `design` makes folios of where huge pages are of `huge_order`."""
    return max(order for order in design.orders_for(huge_order) if order <= huge_order)


def design_nodes(design: Design, pages: int, huge_order: int) -> int:
    """Nodes of a file of `pages` under a design, its folios as large as it takes."""
    order = folio_order(design, huge_order)
    units = -(-pages >> huge_order) if design.huge_unit else pages
    return nodes_for(units, design.entry_order(order))


def design_folios(design: Design, pages: int, huge_order: int) -> int:
    """Folios of a file of `pages` under a design."""
    return -(-pages >> folio_order(design, huge_order))


def check_fits(names: tuple[str, ...], pages: int, huge_order: int, option: str = "--size") -> bool:
    """Whether the struct pages fit too; InputError, with the need, if the indexes alone do not."""
    found = [designs.find(name) for name in names]
    found.append(found[0])  # the A/A row builds the baseline once more
    nodes = sum(design_nodes(design, pages, huge_order) for design in found)
    folios = max(design_folios(design, pages, huge_order) for design in found)
    need = BASE_BYTES + nodes * NODE_BYTES + folios * FOLIO_BYTES
    free = available_bytes()
    if need > MOST_SHARE * free:
        raise InputError(
            f"{option}: needs {format_size(need)} of memory for the nodes and folios of "
            f"{', '.join(names)}, and this machine has {format_size(free)} free; "
            f"give a smaller {option} or fewer --designs"
        )
    return need + pages * STRUCT_PAGE_BYTES <= BACKED_SHARE * free
