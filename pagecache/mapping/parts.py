"""What a mapping is put together from; what goes with what `pagecache.designs` says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.allocation import Policy, make
from pagecache.allocation.buddy_policy import Counting
from pagecache.allocation.registry import POLICIES
from pagecache.buddy.buddy import Buddy
from pagecache.designs import Design
from pagecache.designs.file_index import FileIndex
from pagecache.designs.pfn_entry import PfnEntry
from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, parse_size
from pagecache.mapping.file import File
from pagecache.mapping.storage.sharing import SharedBlocks
from pagecache.page.frames import Frames
from pagecache.xarray.node import NodePool

SPARE_PAGES = 1 << 14  # of a memory made for one file: 64 MiB more than it needs


def find_design(name: str) -> Design:
    """The design of that name, if its index can serve a mapping."""
    found = designs.find(name)
    designs.check(found, mapped=True)
    return found


def check_file(design: Design, file: File) -> None:
    """InputError unless files of that filesystem are indexed by that design."""
    designs.check(design, hugetlbfs=file.filesystem.huge)


def check_holes(design: Design, file: File, holes: str) -> None:
    """InputError unless the design can have zero entries as large as the file's block."""
    designs.check(design, holes=holes, block_order=file.block_order)


def make_index(
    design: Design, entries: str, frames: Frames, file: File, pool: NodePool | None
) -> FileIndex:
    """The index of that design, its entries pointers or frame numbers."""
    if pool is not None and not isinstance(pool, NodePool):
        raise InputError(f"pool: {pool!r} is no pool; give a pagecache.NodePool")
    designs.check(design, entries=entries)
    if entries == "pfns":
        return PfnEntry(frames, pool)
    index = design.make(frames, pool, huge_order=max(9, file.block_order))
    assert isinstance(index, FileIndex)
    return index


def shared_blocks(file: File, frames: Frames, content: bool) -> SharedBlocks | None:
    """The blocks that the file shares; InputError if they are cached otherwise than wanted.

    All that cache them do so in one memory, and either all or none keep what each frame holds.
    """
    shared = file.shared
    if shared is None:
        return None
    if shared.frames is None:
        shared.frames, shared.content = frames, content
    if shared.frames is not frames:
        raise InputError("the blocks of a clone are cached in another memory; give it the same one")
    if shared.content != content:
        raise InputError("content: the files that share blocks must all keep it, or none of them")
    return shared


@dataclass
class Physical:
    """A policy and the struct pages of its frames, which all mappings of a memory share."""

    policy: Policy
    struct_pages: Frames
    held: NDArray[np.uint64] | None = None


def held_by_frames(memory: Any) -> NDArray[np.uint64]:
    """What each frame of a memory holds, for mappings that keep content: one array for all."""
    if getattr(memory, "held", None) is None:
        memory.held = np.zeros(memory.struct_pages.count, np.uint64)
    held: NDArray[np.uint64] = memory.held
    return held


def as_memory(memory: Any, design: Design, file: File) -> Any:
    """Something with a `policy` and its `struct_pages`, which come with the first mapping."""
    if memory is None:
        memory = enough_memory(design, file)
    if isinstance(memory, int | str):
        frames = parse_size(memory, "memory") // PAGE_SIZE
        memory = make("huge-pool" if file.filesystem.huge else "fallback", frames)
    policy = memory if isinstance(memory, Policy) else getattr(memory, "policy", None)
    if not isinstance(policy, Counting):
        raise InputError(f"memory: {memory!r} is no memory; give pagecache.Memory or a policy")
    check_policy(design, file, policy)
    if getattr(memory, "on_move", None) is not None:
        raise InputError(
            "memory: its on_move tells where blocks went, which a mapping cannot follow"
        )
    if policy is memory:
        return Physical(policy, Frames(policy.buddy.frames, huge=False))
    if getattr(memory, "struct_pages", None) is None:
        memory.struct_pages = Frames(policy.buddy.frames, huge=False)
    return memory


def enough_memory(design: Design, file: File) -> Policy:
    """Memory that the whole file fits into, without watermarks."""
    pages = -(-file.pages >> 18 << 18) if file.filesystem.huge else file.pages
    frames = -(-(pages + SPARE_PAGES) >> 10 << 10)
    if file.filesystem.huge:
        options = {"huge_order": file.block_order, "pool": -(-file.pages >> file.block_order)}
        return make("huge-pool", Buddy(frames, min_pages=0), **options)
    return make("fallback", Buddy(frames, min_pages=0))


def check_policy(design: Design, file: File, policy: Policy) -> None:
    """InputError unless policy, design and block go together."""
    name = next((name for name, kind in POLICIES.items() if type(policy) is kind), None)
    designs.check(
        design,
        policy=name,
        min_order=getattr(policy, "min_order", None),
        pool_order=getattr(policy, "huge_order", None),
        block_order=file.block_order,
    )


def order_tables(orders: Sequence[int], most: int) -> tuple[list[int], list[int]]:
    """For each order the largest one taken that is not above it, and where its run begins.

    Examples
    --------
    >>> fits, lowest = order_tables((0, 1, 2, 3, 9), most=9)
    >>> fits[:11], lowest[:4], lowest[9]
    ([0, 1, 2, 3, 3, 3, 3, 3, 3, 9, 9], [0, 0, 0, 0], 9)
    """
    taken = sorted(order for order in orders if order <= most)
    fits = [max((o for o in taken if o <= order), default=taken[0]) for order in range(64)]
    lowest = list(range(64))
    for order in taken:
        if order - 1 in taken:
            lowest[order] = lowest[order - 1]
    return fits, lowest
