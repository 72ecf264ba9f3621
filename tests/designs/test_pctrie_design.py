"""The design on a pctrie: its nodes, its walks in order, and what it refuses."""

import ctypes

import numpy as np
import pytest

from pagecache import designs
from pagecache.designs.contract import PageIndex
from pagecache.errors import InputError
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

PAGES = 1 << 14  # 64 MiB


def filled(pages: list[int]) -> tuple[PageIndex, Frames]:
    frames = Frames(PAGES)
    frames.make_folios(np.arange(PAGES, dtype=np.uint64), np.zeros(PAGES, np.uint8))
    index = designs.make("pctrie-4k", frames)
    for pfn, page in enumerate(pages):
        index.insert_folio(page, 0, pfn)
    return index, frames


def test_64_mib_take_the_nodes_of_their_digits() -> None:
    index, frames = filled(list(range(PAGES)))
    assert (index.nodes, index.index_bytes) == (1093, 1093 * 152)
    assert [index.frame(page) for page in (0, 700, PAGES - 1, PAGES)] == [0, 700, PAGES - 1, None]
    index.check()
    assert Batch([index]).truncate() == PAGES
    assert (index.nodes, index.is_empty, frames.refcount(700)) == (0, True, 1)


def test_lone_page_takes_no_node() -> None:
    index, _ = filled([2**40])
    assert (index.nodes, index.index_bytes, index.frame(2**40)) == (0, 0, 0)


def test_next_folio_is_found_far_away_and_in_any_order_of_insertion() -> None:
    places = [2**40, 5, 2**63, 100, 7, 2**64 - 1]
    index, _ = filled(places)
    assert index.folios() == [(page, 0) for page in sorted(places)]


def test_read_steps_from_node_to_node_and_ends_with_the_last_page() -> None:
    index, _ = filled([14, 15, 16, 45, 2**64 - 1, 2**64 - 32])
    batch = Batch([index])
    one = np.zeros(1, np.uint32)
    assert batch.read(one, np.uint64([14])) == 0 + 1 + 2 + 3
    assert batch.read(one, np.uint64([15])) == 1 + 2 + 3
    assert batch.read(one, np.uint64([2**64 - 32])) == 4 + 5


def test_read_passes_over_a_page_that_is_not_filled() -> None:
    index, frames = filled([14, 15, 16])
    ctypes.c_uint64.from_address(frames.range[0] + 64).value = 0  # the flags of the second page
    assert Batch([index]).read(np.zeros(1, np.uint32), np.uint64([14])) == 0 + 2
    assert index.frame(15) is None
    assert frames.refcount(1) == 2


def test_refused_page_keeps_the_index_that_it_had() -> None:
    index, frames = filled([5])
    with pytest.raises(KeyError):
        index.insert_folio(5, 0, 9)
    with pytest.raises(ValueError, match="no folio of order 9"):
        index.insert_folio(512, 9, 512)
    other = designs.make("pctrie-4k", frames)
    other.insert_folio(5, 0, 9)
    assert (index.frame(5), other.frame(5)) == (0, 9)


def test_frames_without_struct_pages_are_refused() -> None:
    with pytest.raises(InputError, match="pctrie-4k keeps its keys in struct pages"):
        designs.make("pctrie-4k", Frames(PAGES, backed=False))
