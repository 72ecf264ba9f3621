"""Table c: bytes an entry and a page, and what the pool takes beyond its nodes."""

from typing import NamedTuple

import numpy as np
import psutil

from benchmarks.arrays import Shape
from pagecache import XArray

from .markdown import number, table

SHAPES = {
    "512 Ki entries": Shape(1 << 19),
    "4 Mi entries": Shape(1 << 22),
    "2 GiB of order 9": Shape(1 << 19, 9),
    "100 GiB of order 9": Shape(25 << 20, 9),
    "1 TiB of order 9": Shape(1 << 28, 9),
    "64 GiB, a page in 64": Shape(1 << 24, 0, 64),
}


class Taken(NamedTuple):
    """Of one array with a pool of its own; bytes."""

    entries: int
    pages: int
    nodes: int
    node_bytes: int
    mapped: int
    resident: int


def measure(name: str) -> Taken:
    """Fill an array in this process, which nothing else was done in."""
    shape = SHAPES[name]
    indices = shape.indices(np.random.default_rng(1))
    XArray().store(1, 1)
    process = psutil.Process()
    xa = XArray()
    values = indices >> np.uint64(1)
    before = process.memory_info().rss
    xa.store_many(indices, values, shape.order)
    resident = process.memory_info().rss - before
    pages = len(indices) << shape.order
    return Taken(len(indices), pages, xa.nodes, xa.node_bytes, xa.pool.mapped, resident)


def text(found: dict[str, Taken]) -> str:
    rows = [[name, *cells(taken)] for name, taken in found.items()]
    heading = ["array", "nodes", "bytes an entry", "bytes a page"]
    return table([*heading, "nodes, KiB", "resident, KiB", "beyond the nodes", "mapped, KiB"], rows)


def cells(taken: Taken) -> list[str]:
    return [
        f"{taken.nodes:,}",
        number(taken.node_bytes / taken.entries),
        f"{taken.node_bytes / taken.pages:.3f}",
        f"{taken.node_bytes / 1024:,.0f}",
        f"{taken.resident / 1024:,.0f}",
        f"{taken.resident / taken.node_bytes - 1:.1%}",
        f"{taken.mapped / 1024:,.0f}",
    ]
