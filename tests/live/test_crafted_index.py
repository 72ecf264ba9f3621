"""The walker on indexes that no kernel has: what was freed meanwhile is counted, not followed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from pagecache.live.bpf import Table
from pagecache.live.inodes import cached_inodes
from pagecache.live.walk import Walk, Walker

from .crafted import PLACE, Index

FOLIO = 0xFFFFEA0000000000  # entries that look like folios; the walker only carries them


@pytest.fixture
def index(walker: Walker) -> Iterator[Index]:
    with Table(PLACE, 4) as table:
        yield Index(walker.offsets, table)


def walked(walker: Walker, index: Index, pages: int) -> Walk:
    index.mapping(pages, top=1)
    return walker.mappings(np.array([index.at(0)], np.uint64))


def family(index: Index, shift: int = 0, parent: int | None = None) -> None:
    """A top node of shift 6 whose slot 3 leads to a node with two folios."""
    index.node(1, 6, 0, {3: index.at(2) | 2})
    index.node(2, shift, index.at(1) if parent is None else parent, {0: FOLIO, 5: FOLIO + 64})


def test_index_in_memory_of_our_own_is_walked_like_the_kernels(
    walker: Walker, index: Index
) -> None:
    family(index)
    walk = walked(walker, index, pages=2)
    assert walk.steady.tolist() == [True]
    assert walk.levels[0, :2].tolist() == [1, 1]
    assert walk.folios.index.tolist() == [3 * 64, 3 * 64 + 5]


@pytest.mark.parametrize(("shift", "pages"), [(6, 128), (12, 8192), (1, 4)])
def test_node_of_another_level_than_below_its_parent_is_torn(
    walker: Walker, index: Index, shift: int, pages: int
) -> None:
    family(index, shift)
    walk = walked(walker, index, pages)
    assert walk.steady.tolist() == [False]
    assert walk.levels[0].sum() == 1  # the top node alone


def test_node_that_names_another_parent_is_torn(walker: Walker, index: Index) -> None:
    family(index, parent=index.at(3))
    walk = walked(walker, index, pages=2)
    assert walk.steady.tolist() == [False]
    assert walk.levels[0].sum() == 1


def test_top_node_with_a_parent_or_beyond_the_highest_level_is_torn(
    walker: Walker, index: Index
) -> None:
    for shift, parent in ((6, index.at(3)), (66, 0)):
        family(index)
        index.node(1, shift, parent, {3: index.at(2) | 2})
        walk = walked(walker, index, pages=2)
        assert (walk.steady.tolist(), walk.levels[0].sum()) == ([False], 0)


def test_what_is_no_superblock_has_no_inodes(walker: Walker) -> None:
    """The list of superblocks begins with its head, whose root names no superblock."""
    offsets = walker.offsets
    assert len(cached_inodes(offsets).records) > 0
    beside = replace(offsets, dentry_sb=offsets.dentry_sb + 8)
    assert len(cached_inodes(beside).records) == 0
