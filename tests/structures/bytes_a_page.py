"""Bytes of index for each cached page, by file and structure, counted in the structures."""

from importlib import import_module
from typing import Any

import numpy as np

from pagecache import XArray
from pagecache.structures.maple.maple import MapleTree
from pagecache.structures.maple_proposal.proposal import ProposalTree
from pagecache.structures.page_hash.page_hash import PageHash
from pagecache.structures.pctrie.pctrie import PcTrie

from .fills import Indices

STRUCTURES: dict[str, tuple[Any, str]] = {
    "XArray": (XArray, "pagecache.xarray.timed.loops"),
    "maple 6.16": (MapleTree, "pagecache.structures.maple.loops"),
    "proposal": (ProposalTree, "pagecache.structures.maple_proposal.loops"),
    "pctrie": (PcTrie, "pagecache.structures.pctrie.loops"),
}
FILES: dict[
    str, tuple[int, int, int]
] = {  # folios, their order, and from one to the next, in pages
    "a lone page at 0": (1, 0, 1),
    "2 pages": (2, 0, 1),
    "16 pages": (16, 0, 1),
    "1 MiB": (1 << 8, 0, 1),
    "64 MiB": (1 << 14, 0, 1),
    "64 MiB of shadow entries": (1 << 14, 0, 1),
    "1 GiB": (1 << 18, 0, 1),
    "64 GiB": (1 << 24, 0, 1),
    "64 MiB, a page in 64": (1 << 8, 0, 64),
    "1 GiB of order 9": (1 << 9, 9, 1 << 9),
    "64 GiB of order 9": (1 << 15, 9, 1 << 9),
}
LONG = ("64 GiB",)
LINK_BYTES, BUCKET_BYTES = 16, 8


def indices_of(file: str) -> tuple[Indices, int]:
    folios, order, step = FILES[file]
    return np.arange(folios, dtype=np.uint64) * np.uint64(step), order


def counted(file: str, structure: str) -> float:
    """Bytes of nodes a page: what is stored are values, as shadow entries are."""
    make, loops = STRUCTURES[structure]
    indices, order = indices_of(file)
    tree = make()
    assert import_module(loops).store_each(tree, indices, order) == len(indices)
    return float(tree.node_bytes / (len(indices) << order))


def hashed(file: str) -> float:
    """Links and buckets of a page hash in a machine that the file's pages fill."""
    order = FILES[file][1]
    table = PageHash(1)
    links = table.node_bytes
    table.insert(0x1000, 0, 0)
    links = table.node_bytes - links
    assert links == LINK_BYTES
    return LINK_BYTES / (1 << order) + BUCKET_BYTES


def row(file: str) -> list[str]:
    cells = [counted(file, structure) for structure in STRUCTURES]
    return [f"{cell:,.3g}" if cell < 1000 else f"{cell:,.0f}" for cell in [*cells, hashed(file)]]
