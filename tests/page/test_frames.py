"""Struct pages: 64 bytes each, a head and its tails."""

import ctypes
import struct

import numpy as np
import pytest

from pagecache import designs
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

PG_UPTODATE, PG_HEAD = 1 << 3, 1 << 16
HUGE_PAGE = 2 << 20  # bytes


def made(count: int, *folios: tuple[int, int], tails: bool = False) -> Frames:
    """Frames with folios (frame, order)."""
    frames = Frames(count)
    pfn, order = zip(*folios, strict=True)
    frames.make_folios(np.uint64(pfn), np.uint8(order), tails=tails)
    return frames


def record(frames: Frames, pfn: int) -> tuple[int, ...]:
    """(flags, word 1, destructor, order, mapping, index, private, mapcount, refcount, memcg)."""
    start, _ = frames.range
    return struct.unpack("<QQBB6xQQQiiQ", ctypes.string_at(start + 64 * pfn, 64))


def test_record_is_64_bytes() -> None:
    frames = made(4, (3, 0))
    assert record(frames, 3) == (PG_UPTODATE, 0, 0, 0, 0, 0, 0, -1, 1, 0)
    assert record(frames, 2) == (0,) * 10
    assert struct.calcsize("<QQBB6xQQQiiQ") == 64


def test_array_begins_at_a_huge_page_and_fills_whole_ones() -> None:
    for count in (1, 32768, 32769):
        start, size = Frames(count).range
        assert start % HUGE_PAGE == size % HUGE_PAGE == 0
        assert count * 64 <= size < count * 64 + 2 * HUGE_PAGE


@pytest.mark.parametrize("order", [0, 1, 2, 9, 11])
def test_folio_is_made_clean_with_one_reference(order: int) -> None:
    frames = made(4096, (2048, order))
    assert (frames.refcount(2048), frames.order(2048)) == (1, order)
    assert frames.dirty(2048) is False
    assert record(frames, 2048)[0] == PG_UPTODATE | (PG_HEAD if order else 0)


@pytest.mark.parametrize(("tails", "written"), [(False, 1), (True, 511)])
def test_tails_name_their_head(tails: bool, written: int) -> None:
    frames = made(2048, (512, 9), tails=tails)
    head = frames.range[0] + 64 * 512
    assert [record(frames, 512 + k)[1] for k in range(1, 512)] == [head + 1] * written + [0] * (
        511 - written
    )
    assert record(frames, 512)[1] == record(frames, 1024)[1] == 0
    assert record(frames, 513)[3] == 9


def test_cached_folio_holds_a_reference_a_page_and_its_place() -> None:
    frames = made(1024, (512, 9))
    index = designs.make("thp-multi", frames)
    index.insert_folio(1024, 9, 512)
    assert frames.refcount(512) == 513
    mapping, place = record(frames, 512)[4:6]
    assert (mapping != 0, place) == (True, 1024)
    index.remove_folio(1024)
    assert (frames.refcount(512), record(frames, 512)[4]) == (1, 0)


def test_dirty_is_the_folio_that_was_marked() -> None:
    frames = made(64, (0, 2), (4, 2))
    index = designs.make("thp-multi", frames)
    for place in (0, 4):
        index.insert_folio(place, 2, place)
    Batch([index]).mark(np.uint32([0]), np.uint64([6]))
    assert (frames.dirty(0), frames.dirty(4)) == (False, True)


def test_index_in_huge_pages_stands_in_the_record_in_huge_pages() -> None:
    frames = made(1024, (512, 9))
    designs.make("hugetlb-huge", frames).insert_folio(3 * 512, 9, 512)
    assert record(frames, 512)[5] == 3


@pytest.mark.parametrize(
    ("pfn", "order"), [(1, 1), (256, 9), (1024, 0), (512, 10), (1023, 1), (0, 11), (1 << 40, 0)]
)
def test_folio_out_of_line_or_out_of_range_is_refused(pfn: int, order: int) -> None:
    frames = Frames(1024)
    with pytest.raises(IndexError, match=f"order {order} at frame {pfn}"):
        frames.make_folios(np.uint64([0, pfn]), np.uint8([0, order]))
    assert frames.refcount(0) == 0  # nothing was made of the folio before it


@pytest.mark.parametrize("order", [64, 128])
def test_order_beyond_the_word_is_refused(order: int) -> None:
    with pytest.raises(IndexError, match=f"order {order}"):
        Frames(1024).make_folios(np.uint64([0]), np.uint8([order]))


def test_folio_of_a_frame_near_the_end_of_64_bits_is_refused() -> None:
    with pytest.raises(IndexError):
        Frames(64).make_folios(np.uint64([2**64 - 1]), np.uint8([0]))


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="do not go together"):
        Frames(64).make_folios(np.uint64([0, 1, 2]), np.uint8([0]))


@pytest.mark.parametrize("order", [0, 1])
def test_frame_that_was_a_tail_becomes_a_head_of_its_own(order: int) -> None:
    frames = made(64, (0, 3), tails=True)
    frames.make_folios(np.uint64([4]), np.uint8([order]))
    assert record(frames, 4)[1] == 0


def test_folio_on_reused_frames_is_marked_itself() -> None:
    frames = made(64, (0, 2))
    frames.make_folios(np.uint64([1]), np.uint8([0]))
    index = designs.make("thp-multi", frames)
    index.insert_folio(7, 0, 1)
    assert Batch([index]).mark(np.uint32([0]), np.uint64([7])) == 1


@pytest.mark.parametrize("ask", ["refcount", "order", "dirty"])
def test_frame_beyond_the_last_has_no_record(ask: str) -> None:
    with pytest.raises(IndexError, match="frame 64 has no struct page here"):
        getattr(Frames(64), ask)(64)


@pytest.mark.parametrize("ask", ["refcount", "order", "dirty"])
def test_unbacked_frames_refuse_to_show_records(ask: str) -> None:
    with pytest.raises(IndexError, match="frame 0 has no struct page here"):
        getattr(Frames(64, backed=False), ask)(0)


def test_unbacked_frames_refuse_to_make_folios() -> None:
    with pytest.raises(ValueError, match="not backed by memory"):
        Frames(64, backed=False).make_folios(np.uint64([0]), np.uint8([0]))


def test_unbacked_frames_describe_more_memory_than_there_is() -> None:
    frames = Frames(1 << 36, backed=False)  # 4 TiB of struct pages
    assert (frames.count, frames.backed) == (1 << 36, False)


def test_frames_beyond_the_address_space_raise_memory_error() -> None:
    with pytest.raises(MemoryError, match="no room for the struct pages of"):
        Frames(1 << 44)
