"""What nodes mean, from nodes written out by hand."""

import numpy as np
import pytest

from pagecache.live.answers import by_name
from pagecache.live.entries import Entries, decode

from .crafted import nodes

FOLIO, NODE, SHADOW, RETRY = 0x1000, 0x2002, 0x5, 256 << 2 | 2
HEAD = np.array([NODE], np.uint64)


def sibling(offset: int) -> int:
    return offset << 2 | 2


def rows(entries: Entries) -> list[tuple[int, int, int]]:
    columns = (entries.root.tolist(), entries.index.tolist(), entries.order.tolist())
    return sorted(zip(*columns, strict=True))


def test_folios_and_shadows_of_the_lowest_level() -> None:
    found = decode(nodes((0, 128, 0, {0: FOLIO, 3: SHADOW, 63: FOLIO})), HEAD)
    assert rows(found.folios) == [(0, 128, 0), (0, 191, 0)]
    assert rows(found.shadows) == [(0, 131, 0)]
    assert not found.torn.any()


def test_siblings_make_the_order_of_the_entry_they_name() -> None:
    huge = {8: FOLIO} | {k: sibling(8) for k in range(9, 16)}
    found = decode(nodes((0, 4096, 6, {**huge, 16: FOLIO, 18: SHADOW, 19: sibling(18)})), HEAD)
    assert rows(found.folios) == [(0, 4096 + 512, 9), (0, 4096 + 1024, 6)]
    assert rows(found.shadows) == [(0, 4096 + 18 * 64, 7)]
    assert not found.torn.any()


def test_nodes_and_reserved_entries_are_no_folios() -> None:
    top = (0, 0, 6, {0: NODE, 1: RETRY})
    found = decode(nodes(top, (0, 0, 0, {5: FOLIO})), HEAD)
    assert rows(found.folios) == [(0, 5, 0)]
    assert not found.torn.any()


def test_head_without_a_node_is_an_entry_at_0() -> None:
    heads = np.array([0, FOLIO, SHADOW], np.uint64)
    found = decode(nodes(), heads)
    assert rows(found.folios) == [(1, 0, 0)]
    assert rows(found.shadows) == [(2, 0, 0)]


def test_each_root_has_its_own() -> None:
    heads = np.array([NODE, NODE], np.uint64)
    found = decode(nodes((1, 0, 0, {1: FOLIO}), (0, 0, 0, {2: FOLIO})), heads)
    assert rows(found.folios) == [(0, 2, 0), (1, 1, 0)]
    assert found.folios.pages(3).tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    "some",
    [
        nodes((0, 0, 0, {1: FOLIO}), counts=[2]),  # a count that is not of its slots
        nodes((0, 0, 6, {0: NODE})),  # a node that was not copied
        nodes((0, 0, 0, {1: FOLIO}), (0, 64, 0, {1: FOLIO})),  # one that nothing names
        nodes((0, 0, 0, {0: FOLIO, 1: sibling(0), 2: sibling(0)})),  # three slots are no order
        nodes((0, 0, 0, {1: sibling(0)})),  # a sibling of nothing
    ],
)
def test_nodes_that_contradict_themselves_are_torn(some) -> None:
    heads = np.array([NODE, 0], np.uint64)
    assert decode(some, heads).torn.tolist() == [True, False]


def test_rows_of_counts_that_are_equal_share_what_is_made_of_them() -> None:
    made = by_name(["0", "9"], np.array([[3, 0], [3, 1], [3, 0], [0, 0]]), zeros=False)
    assert made == [{"0": 3}, {"0": 3, "9": 1}, {"0": 3}, {}]
    assert made[0] is made[2]
    assert by_name(["a", "b"], np.array([[0, 2]])) == [{"a": 0, "b": 2}]
