"""Nodes of the maple tree against those counted with Linux's own code, fill by fill."""

import numpy as np
import pytest

from pagecache.structures.maple.loops import erase_each, load_each, store_each
from pagecache.structures.maple.maple import MapleTree

from .fills import counted
from .node_rows import is_hours, is_long, steps

ROWS = [
    pytest.param(rcu, fill, nodes, id=f"{fill}-{'rcu' if rcu else 'plain'}")
    for rcu, name in ((True, "RCU mode"), (False, "no RCU mode"))
    for fill, nodes in counted(f"maple tree 6.16, {name}").items()
]
LOADED = [row for row in ROWS if row.values[1].endswith("bulk")]  # type: ignore[union-attr]
STORED = [row for row in ROWS if not row.values[1].endswith(("bulk", "kept-state"))]  # type: ignore[union-attr]


def rows(long: bool, among: list[object]) -> list[object]:
    return [
        row
        for row in among
        if is_long(row.values[1]) == long and not is_hours(row.values[1])  # type: ignore[attr-defined]
    ]


def check_fill(rcu: bool, fill: str, nodes: int) -> None:
    tree = MapleTree(rcu=rcu)
    stored, order, erased = steps(fill)
    assert store_each(tree, stored, order) == len(stored)
    assert load_each(tree, stored) == int((2 * stored + 1).sum(dtype="uint64"))
    assert erase_each(tree, erased) == len(erased)
    assert tree.nodes == tree.pool.nodes == nodes
    assert tree.node_bytes == 256 * nodes
    tree.destroy()
    assert tree.pool.nodes == 0


@pytest.mark.parametrize(("rcu", "fill", "nodes"), rows(False, STORED))
def test_fill_takes_the_nodes_that_linux_takes(rcu: bool, fill: str, nodes: int) -> None:
    check_fill(rcu, fill, nodes)


@pytest.mark.slow
@pytest.mark.parametrize(("rcu", "fill", "nodes"), rows(True, STORED))
def test_long_fill_takes_the_nodes_that_linux_takes(rcu: bool, fill: str, nodes: int) -> None:
    check_fill(rcu, fill, nodes)


@pytest.mark.parametrize(("rcu", "fill", "nodes"), rows(False, LOADED))
def test_bulk_load_takes_the_nodes_that_linux_takes(rcu: bool, fill: str, nodes: int) -> None:
    tree = MapleTree(rcu=rcu)
    stored, order, _ = steps(fill.removesuffix(" bulk"))
    lasts = stored + np.uint64((1 << order) - 1)
    tree.bulk_load(zip(stored.tolist(), lasts.tolist(), stored.tolist(), strict=True))
    tree.check()
    assert tree.nodes == tree.pool.nodes == nodes
