"""A cell of a generated file, run for real, and what is counted of it.

    fill     the file is read once, block by block, in order; one of hugetlbfs is mapped and
             touched, once a huge page.  All counts but `faults` are of this.
    touch    it is mapped, and each page touched in order: `faults` are the page faults that this
             takes.  A fault maps what is cached of the 16 pages around it; every page that has no
             folio faults by itself.

A file that is larger than the memory that is free keeps within it: the least recently used folios
are evicted.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.allocation.memory import Memory
from pagecache.designs import Design
from pagecache.inputs import PAGE_SIZE
from pagecache.mapping.file import File
from pagecache.mapping.loop import OPERATIONS, Loop
from pagecache.mapping.mapping import Mapping
from pagecache.mapping.vm_fault import VmFault
from pagecache.sweep.cell import Cell, make_file, make_memory
from pagecache.sweep.columns import Row

READ_PAGES = 32  # of one read of a file with blocks of a page: 128 KiB
AROUND = 16  # pages that a fault maps at most
NO_PAGE = VmFault.ERROR.value
ZERO_ENTRY = 3  # kinds of `Mapping.entries`
Indices = NDArray[np.uint64]


@dataclass
class Filled:
    """A mapping that was filled, and how it went."""

    mapping: Mapping
    memory: Memory
    asked: int
    refused: int
    ns: int


def count_file(cell: Cell) -> Row:
    """The counts of a cell with a generated file.

    Examples
    --------
    >>> counts = count_file(Cell.of("thp-multi", size=2 << 20, block="2M"))
    >>> counts["nodes"], counts["orders"], counts["slots_written"]
    (1, {9: 1}, 8)
    """
    filled = fill(cell)
    mapping = filled.mapping
    counts = counts_of(cell, [mapping], filled.memory)
    faults = touches(mapping) if cell.huge else touch(mapping)
    mapping.check()
    return {**counts, "asked": filled.asked, "refused": filled.refused, "faults": faults}


def fill(cell: Cell) -> Filled:
    """Its file in a mapping, read once."""
    file = make_file(cell)
    memory = make_memory(cell, file.pages)
    free = memory.buddy.free_frames
    limit = max(free, 1) * PAGE_SIZE if file.pages > free and not cell.huge else None
    mapping = Mapping(cell.design, memory, cell.holes, file, limit=limit)
    first, count = reads(file)
    began = time.perf_counter_ns()
    answer, refused = run(mapping, "fault" if cell.huge else "read", first, count)
    ns = time.perf_counter_ns() - began
    if cell.huge:
        refused |= (answer & np.uint64(NO_PAGE)) != 0
    return Filled(mapping, memory, int(count.sum()), int(refused.sum()), ns)


def reads(file: File) -> tuple[Indices, Indices]:
    """(first page, pages) of each read: a block, or 128 KiB of a file with blocks of a page."""
    step = 1 << file.block_order if file.block_order else READ_PAGES
    first = np.arange(0, file.pages, step, dtype=np.uint64)
    return first, np.minimum(np.uint64(step), np.uint64(file.pages) - first)


def run(
    mapping: Mapping, operation: str, index: Indices, count: Indices
) -> tuple[Indices, NDArray[np.bool_]]:
    """One operation over arrays: what each answered, and which had no memory."""
    file = np.zeros(len(index), np.uint32)
    op = np.full(len(index), OPERATIONS[operation], np.uint8)
    out, refused = np.zeros(len(index), np.uint64), np.zeros(len(index), np.uint8)
    Loop([mapping]).run(file, op, index, count, out, refused)
    return out, refused.astype(np.bool_)


def touches(mapping: Mapping) -> int:
    """Faults that filled a file of hugetlbfs: one a huge page, with its whole range mapped."""
    return -(-mapping.file.pages >> mapping.file.block_order)


def touch(mapping: Mapping) -> int:
    """Map the file, touch each page in order, and count the faults that it takes.  O(pages)"""
    pages = mapping.file.pages
    cached = np.zeros(-(-pages // AROUND) * AROUND, np.bool_)
    for first, order in mapping.folios():
        cached[first : first + (1 << order)] = True
    window = cached.reshape(-1, AROUND)
    faults = ~window
    held = np.flatnonzero(window.any(axis=1))
    faults[held, window[held].argmax(axis=1)] = True  # the first that is cached maps the others
    index = np.flatnonzero(faults.reshape(-1)[:pages]).astype(np.uint64)
    run(mapping, "fault", index, np.ones_like(index))
    return len(index)


def counts_of(cell: Cell, mappings: Iterable[Mapping], memory: Memory) -> Row:
    """What lies in mappings, and what it took to get there."""
    mappings = list(mappings)
    policy, design = memory.policy, designs.find(cell.design)
    orders: dict[int, int] = {}
    for mapping in mappings:
        for order, folios in mapping.folios_by_order.items():
            orders[order] = orders.get(order, 0) + folios
    zeros = zero_orders(mappings) if cell.holes == "zero-entries" else []
    stats = {
        name: sum(mapping.stats[name] for mapping in mappings)
        for name in ("zero_reads", "folios", "fallbacks", "misses", "evicted")
    }
    inserted = sum(blocks * slots(design, order) for order, blocks in policy.got.items())
    return {
        "brought_in": sum(blocks << order for order, blocks in policy.got.items()),
        "pages": sum(mapping.pages for mapping in mappings),
        "folios": sum(orders.values()),
        "nodes": sum(mapping.nodes for mapping in mappings),
        "index_bytes": sum(mapping.node_bytes for mapping in mappings),
        "slots_written": inserted + sum(slots(design, order) for order in zeros),
        "zero_entries": len(zeros),
        "pages_saved": stats["zero_reads"],
        "made": stats["folios"],
        "fallbacks": stats["fallbacks"],
        "attempts": sum(policy.attempts.values()),
        "failures": sum(policy.failures.values()),
        "misses": stats["misses"],
        "evictions": stats["evicted"],
        "orders": orders,
    }


def zero_orders(mappings: Iterable[Mapping]) -> list[int]:
    """The order of each zero entry in them.  O(entries)"""
    return [order for m in mappings for kind, _, order in m.entries() if kind == ZERO_ENTRY]


def slots(design: Design, order: int) -> int:
    """Slots that an entry of that order takes: itself and its siblings, or one a page.

    Examples
    --------
    >>> [slots(designs.find(name), 9) for name in ("hugetlb-huge", "thp-multi", "thp-slots-head")]
    [1, 8, 512]
    """
    if design.entry_a_page:
        return 1 << order
    return 1 if design.huge_unit else 1 << order % design.chunk_shift
