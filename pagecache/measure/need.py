"""What a case would need of this machine's memory, computed before anything is built."""

from collections.abc import Sequence

import psutil

from pagecache import designs
from pagecache.designs import Design
from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, Input, format_size
from pagecache.measure.case import Row
from pagecache.measure.cgroup import cgroup_room
from pagecache.measure.held import bytes_at_most, folios_of, pieces_of
from pagecache.page.descriptors import STRUCT_PAGE_BYTES

FOLIO_BYTES = 80  # arrays of a folio's file, index, order and frame, and their copies
BASE_BYTES = 400 << 20  # interpreter, numpy, lists, the buffer that is cleared
BACKED_SHARE = 0.6  # of what is available may go into nodes and struct pages together
MOST_SHARE = 0.9


def available_bytes() -> int:
    """Memory that this process may still take: what the machine has available, or its cgroups."""
    available, room = int(psutil.virtual_memory().available), cgroup_room()
    return available if room is None else min(available, room)


def nodes_for(pages: int, entry_order: int, step: int = 6) -> int:
    """Nodes of a file filled from 0 with entries of one order: the levels from theirs to the root.

    Nodes have ``2**step`` slots.

    For planning only; what is reported is counted in the index.

    Examples
    --------
    >>> nodes_for(524288, 0), nodes_for(524288, 9)
    (8323, 131)
    """
    shift = entry_order - entry_order % step + step
    nodes = level = -(-pages >> shift)
    while level > 1:
        shift += step
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
    return nodes_for(units, design.entry_order(order), design.chunk_shift)


def design_bytes(design: Design, pages: int, huge_order: int) -> int:
    """Bytes of the index of a file of `pages` under a design."""
    if not design.nodes_foreseen or design.node_bytes is None:
        return design_folios(design, pages, huge_order) * design.folio_bytes
    return design_nodes(design, pages, huge_order) * design.node_bytes


def design_folios(design: Design, pages: int, huge_order: int) -> int:
    """Folios of a file of `pages` under a design."""
    return -(-pages >> folio_order(design, huge_order))


def check_fits(names: Sequence[str], pages: int, huge_order: int) -> bool:
    """Whether the struct pages fit too; InputError, with the need, if the indexes alone do not."""
    sets = folio_sets(names, huge_order)
    need = need_without_struct_pages(names, pages, huge_order)
    check_need(need, names, "--size", "a smaller --size")
    return backs(need, pages * len(sets) * STRUCT_PAGE_BYTES)


def fits_optimised(names: Sequence[str], pages: int, huge_order: int) -> bool:
    """Whether those struct pages fit that the vmemmap optimisation leaves: a page a huge page.

    Only huge pages of hugetlb files have it, and only their heads are ever looked at.
    """
    if any(not designs.find(name).huge_files for name in names):
        return False
    need = need_without_struct_pages(names, pages, huge_order)
    return backs(need, (pages >> huge_order) * PAGE_SIZE)


def folio_sets(names: Sequence[str], huge_order: int) -> dict[int, Design]:
    """A design for each order of folios: those of one order share their folios."""
    return {folio_order(design, huge_order): design for design in map(designs.find, names)}


def need_without_struct_pages(names: Sequence[str], pages: int, huge_order: int) -> int:
    """Bytes for all else that a case of a generated file builds."""
    found = [designs.find(name) for name in (*names, names[0])]  # the A/A row is the baseline again
    nodes = sum(design_bytes(design, pages, huge_order) for design in found)
    sets = folio_sets(names, huge_order).values()
    folios = sum(design_folios(design, pages, huge_order) for design in sets)
    return BASE_BYTES + nodes + folios * FOLIO_BYTES


def check_input_fits(
    rows: Sequence[Row], source: Input, huge_order: int, option: str, remedy: str
) -> bool:
    """The same for an input as it is: its folios may lie far apart, each under nodes of its own."""
    need, sets = BASE_BYTES, {}
    for row in (*rows, rows[0]):
        held = (source, designs.find(row.design), row.order, huge_order)
        check_need(need + pieces_of(*held) * FOLIO_BYTES, [row], option, remedy)
        folios = folios_of(*held)
        need += bytes_at_most(folios, held[1], huge_order)
        sets[(len(folios), *sorted(folios.orders().items()))] = folios.pages, len(folios)
    need += sum(folios for _, folios in sets.values()) * FOLIO_BYTES
    check_need(need, rows, option, remedy)
    return backs(need, sum(pages for pages, _ in sets.values()) * STRUCT_PAGE_BYTES)


def check_need(need: int, rows: Sequence[object], option: str, remedy: str) -> None:
    available = available_bytes()
    if need > MOST_SHARE * available:
        raise InputError(
            f"{option}: needs {format_size(need)} of memory for the nodes and folios of "
            f"{', '.join(map(str, rows))}, and {format_size(available)} is available; "
            f"give {remedy} or fewer --designs"
        )


def check_struct_pages(rows: Sequence[Row], option: str, remedy: str) -> None:
    """InputError, where struct pages do not fit, if a design cannot do without them."""
    wanting = [str(row) for row in rows if designs.find(row.design).needs_struct_pages]
    if wanting:
        raise InputError(
            f"{option}: the struct pages do not fit in memory, and {', '.join(wanting)} cannot do "
            f"without them; give {remedy} or leave it out"
        )


def backs(need: int, struct_page_bytes: int) -> bool:
    """Whether there is room for the struct pages on top of `need`."""
    return need + struct_page_bytes <= BACKED_SHARE * available_bytes()
