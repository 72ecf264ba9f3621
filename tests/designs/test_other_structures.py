"""Designs on other structures than the XArray: nodes, names of slots, removal without memory."""

import numpy as np
import pytest

from pagecache import designs
from pagecache.designs.contract import PageIndex
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

PAGES = 1 << 14  # 64 MiB


def cache(name: str, order: int) -> tuple[PageIndex, Frames]:
    """A file of 64 MiB in folios of one order."""
    frames = Frames(PAGES)
    first = np.arange(0, PAGES, 1 << order, dtype=np.uint64)
    frames.make_folios(first, np.full(len(first), order, np.uint8), tails=True)
    index = designs.make(name, frames)
    for at in first.tolist():
        index.insert_folio(at, order, at)
    return index, frames


@pytest.mark.parametrize(
    ("name", "order", "nodes", "node_bytes"),
    [
        ("radix-2018", 0, 261, 576),
        ("radix-2018", 9, 261, 576),
        ("maple-multi", 0, 1172, 256),
        ("maple-multi", 9, 4, 256),
        ("maple-proposal", 0, 630, 256),
        ("maple-proposal", 9, 4, 256),
    ],
)
def test_64_mib_take_the_nodes_that_linux_takes_and_the_proposal_its_own(
    name: str, order: int, nodes: int, node_bytes: int
) -> None:
    index, frames = cache(name, order)
    assert (index.nodes, index.index_bytes) == (nodes, nodes * node_bytes)
    assert [index.frame(page) for page in (0, 700, PAGES - 1)] == [0, 700, PAGES - 1]
    assert index.remove_folio(700) == 1 << order
    assert index.frame(700) is None
    index.check()
    assert frames.refcount(700 >> order << order) == 1


@pytest.mark.parametrize("seed", range(3))
def test_maple_tree_is_the_same_without_rcu_mode(seed: int) -> None:
    """A prediction builds it so: folios of many orders, in file order and reshuffled."""
    rng, frames = np.random.default_rng(seed), Frames(PAGES, backed=False)
    copied = designs.make("maple-multi", frames)
    plain = designs.make("maple-multi", frames, rcu=False)
    order = rng.integers(5, size=PAGES >> 4)
    first = np.arange(len(order)) << 4
    for k in rng.permutation(len(order)) if seed else range(len(order)):
        for index in (copied, plain):
            index.insert_folio(int(first[k]), int(order[k]), int(first[k]))
        assert plain.nodes == copied.nodes
    plain.check()
    assert plain.dump() == copied.dump()
    for index in (copied, plain):
        with pytest.raises(KeyError):
            index.insert_folio(int(first[-1]), 0, 0)


def test_slots_of_a_huge_page_name_its_sub_pages() -> None:
    index, _ = cache("radix-2018", 9)
    assert [index.named(page) for page in (512, 700)] == [512, 700]
    index, _ = cache("maple-multi", 9)
    assert [index.named(page) for page in (512, 700)] == [512, 512]


def test_the_radix_tree_takes_no_folio_between_a_page_and_a_huge_page() -> None:
    with pytest.raises(ValueError, match="no folio of order 4"):
        designs.make("radix-2018").insert_folio(0, 4, 0)


@pytest.mark.parametrize("name", ["radix-2018", "maple-multi", "maple-proposal"])
def test_removal_at_the_limit_of_memory_still_removes(name: str) -> None:
    index, _ = cache(name, 0)
    index.set_limit(0)
    for page in range(0, PAGES, 3):
        assert index.remove_folio(page) == 1
    index.check()
    assert index.pages == PAGES - len(range(0, PAGES, 3))


def test_half_of_the_folios_removed_leaves_half_of_the_nodes() -> None:
    index, _ = cache("maple-multi", 0)
    before = index.nodes
    for page in range(PAGES // 2):
        index.remove_folio(page)
    index.check()
    assert index.nodes <= before // 2 + 5


@pytest.mark.parametrize("name", ["thp-multi", "maple-multi", "maple-proposal", "page-hash-folio"])
def test_read_at_the_end_of_the_indices_sums_what_it_found(name: str) -> None:
    """7 of 8 pages, whose first and last index together are beyond 2**64."""
    frames = Frames(1 << 9)
    frames.make_folios(np.uint64([8]), np.uint8([3]))
    index = designs.make(name, frames)
    index.insert_folio(2**64 - 8, 3, 8)
    found = Batch([index]).read(np.zeros(1, np.uint32), np.uint64([2**64 - 33]))
    assert found == sum(range(8, 15))
