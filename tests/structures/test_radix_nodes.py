"""Nodes of the radix tree against those counted with Linux's own code, fill by fill."""

import pytest

from pagecache.structures.radix.loops import erase_each, load_each, store_each
from pagecache.structures.radix.radix import RadixTree

from .fills import counted
from .node_rows import is_hours, is_long, steps

COUNTED = counted("radix tree 4.19")
SHORT = [fill for fill in COUNTED if not is_long(fill)]
LONG = [fill for fill in COUNTED if is_long(fill) and not is_hours(fill)]


def check_fill(fill: str) -> None:
    tree = RadixTree()
    stored, order, erased = steps(fill)
    assert store_each(tree, stored, order) == len(stored)
    assert load_each(tree, stored) == int((4 * stored + 2).sum(dtype="uint64"))
    assert erase_each(tree, erased) == len(erased)
    assert tree.nodes == COUNTED[fill]
    assert tree.node_bytes == 576 * COUNTED[fill]
    tree.destroy()
    assert tree.pool.nodes == 0


@pytest.mark.parametrize("fill", SHORT)
def test_fill_takes_the_nodes_that_linux_takes(fill: str) -> None:
    check_fill(fill)


@pytest.mark.slow
@pytest.mark.parametrize("fill", LONG)
def test_long_fill_takes_the_nodes_that_linux_takes(fill: str) -> None:
    check_fill(fill)
