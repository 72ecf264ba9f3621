"""The designs on a page hash: their bytes, their lists, and what they refuse."""

import numpy as np
import pytest

from pagecache import designs
from pagecache.errors import InputError
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

PAGES = 1 << 14  # 64 MiB
TABLE = 8 * PAGES


def frames_of(order: int) -> tuple[Frames, np.ndarray]:
    frames = Frames(PAGES)
    first = np.arange(0, PAGES, 1 << order, dtype=np.uint64)
    frames.make_folios(first, np.full(len(first), order, np.uint8))
    return frames, first


@pytest.mark.parametrize(
    ("name", "order", "links"),
    [("page-hash", 0, PAGES), ("page-hash-folio", 0, PAGES), ("page-hash-folio", 9, 32)],
)
def test_64_mib_take_the_table_and_a_link_a_folio(name: str, order: int, links: int) -> None:
    frames, first = frames_of(order)
    index = designs.make(name, frames)
    assert (index.nodes, index.index_bytes) == (0, TABLE)
    for at in first.tolist():
        index.insert_folio(at, order, at)
    assert (index.nodes, index.index_bytes) == (links, TABLE + 16 * links)
    assert [index.frame(page) for page in (0, 700, PAGES - 1)] == [0, 700, PAGES - 1]
    index.check()


def test_files_share_a_table_that_the_first_counts() -> None:
    frames, _ = frames_of(0)
    pool = designs.find("page-hash").make_pool()
    one, other = (designs.make("page-hash", frames, pool) for _ in range(2))
    one.insert_folio(3, 0, 3)
    other.insert_folio(3, 0, 4)
    assert [one.index_bytes, other.index_bytes] == [TABLE + 16, 16]
    assert [one.frame(3), other.frame(3), pool.entries] == [3, 4, 2]
    del one
    assert (other.frame(3), pool.entries) == (4, 1)
    other.check()


def test_file_that_goes_leaves_no_chain_through_its_struct_pages() -> None:
    frames, _ = frames_of(0)
    pool = designs.find("page-hash").make_pool()
    for _ in range(2):
        index = designs.make("page-hash", frames, pool)
        for page in range(0, 100, 2):
            index.insert_folio(page, 0, page)
        assert pool.entries == 50
        del index
        assert pool.entries == 0


def test_next_folio_is_found_far_away_and_in_any_order_of_insertion() -> None:
    frames, _ = frames_of(0)
    index = designs.make("page-hash", frames)
    places = [2**40, 5, 2**63, 100, 7]
    for pfn, page in enumerate(places):
        index.insert_folio(page, 0, pfn)
    assert index.folios() == [(page, 0) for page in sorted(places)]


def test_read_to_the_last_page_of_the_index_ends() -> None:
    frames, _ = frames_of(0)
    index = designs.make("page-hash", frames)
    index.insert_folio(2**64 - 1, 0, 9)
    index.insert_folio(2**64 - 32, 0, 5)
    assert Batch([index]).read(np.zeros(1, np.uint32), np.uint64([2**64 - 32])) == 14


@pytest.mark.parametrize("name", ["page-hash", "page-hash-folio"])
def test_frames_without_struct_pages_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} keeps its keys in struct pages"):
        designs.make(name, Frames(PAGES, backed=False))
