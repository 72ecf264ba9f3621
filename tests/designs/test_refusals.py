"""What an index refuses from Python; the tests that would crash are marked and do not run."""

import numpy as np
import pytest

from pagecache import designs
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames


@pytest.mark.parametrize("name", ["base-4k", "hugetlb-huge"])
def test_order_that_the_layout_cannot_hold_is_not_called_a_cached_page(name: str) -> None:
    index = designs.make(name, Frames(1 << 18))
    with pytest.raises(ValueError, match="order 18"):
        index.insert_folio(0, 18, 0)


@pytest.mark.parametrize("order", [-1, 64, 2**32, 2**70])
def test_order_out_of_range_names_the_range(order: int) -> None:
    for name in ("thp-multi", "base-4k", "maple-multi", "radix-2018"):
        with pytest.raises(ValueError, match=f"order {order} is not from 0 to 63"):
            designs.make(name).insert_folio(0, order, 0)
        with pytest.raises(ValueError, match=f"huge_order {order} is not from 0 to 51"):
            designs.make(name, huge_order=order)
    with pytest.raises(TypeError):
        designs.make("thp-multi").insert_folio(0, 1.0, 0)


def test_batch_with_an_order_that_the_layout_cannot_hold_says_so() -> None:
    batch = Batch([designs.make("base-4k", Frames(512))])
    with pytest.raises(ValueError, match="order 9"):
        batch.populate(np.uint32([0]), np.uint64([0]), np.uint8([9]), np.uint64([0]))


def test_folio_of_a_frame_near_the_end_of_64_bits_is_refused() -> None:
    with pytest.raises(IndexError):
        designs.make("thp-multi").insert_folio(0, 0, 2**64 - 1)


def test_batch_with_a_frame_that_has_no_record_is_refused() -> None:
    batch = Batch([designs.make("thp-multi", Frames(64))])
    with pytest.raises(IndexError):
        batch.populate(np.uint32([0]), np.uint64([0]), np.uint8([0]), np.uint64([1 << 40]))


@pytest.mark.parametrize("ask", ["frame", "remove_folio"])
def test_index_over_unbacked_frames_refuses_what_needs_records(ask: str) -> None:
    index = designs.make("thp-multi", Frames(512, backed=False))
    index.insert_folio(512, 9, 0)
    with pytest.raises(ValueError, match="backed"):
        getattr(index, ask)(512)


def test_index_over_unbacked_frames_still_says_what_its_slots_name() -> None:
    index = designs.make("thp-multi", Frames(1024, backed=False))
    index.insert_folio(512, 9, 512)
    index.check()
    assert (index.named(700), index.named(0), index.nodes) == (512, None, 1)


@pytest.mark.parametrize("option", ["names", "fill"])
def test_unknown_option_of_a_slot_layout_lists_what_it_takes(option: str) -> None:
    with pytest.raises(ValueError, match=f"{option}='both'"):
        designs.make("thp-slots-head", **{option: "both"})


def test_batch_refuses_what_is_no_index() -> None:
    with pytest.raises(TypeError, match="index 1 is a int, not a PageIndex"):
        Batch([designs.make("base-4k"), 3])


def test_batch_refuses_a_file_it_does_not_have() -> None:
    batch = Batch([designs.make("base-4k")])
    with pytest.raises(IndexError, match="event 2 is on file 1, and there are 1"):
        batch.get(np.uint32([0, 0, 1]), np.uint64([0, 1, 2]))


def test_batch_refuses_arrays_of_different_lengths() -> None:
    batch, two, one = Batch([designs.make("base-4k")]), np.zeros(2, np.uint32), np.uint64([0])
    with pytest.raises(ValueError, match="2 files and 1 indices do not go together"):
        batch.load(two, one)
    with pytest.raises(ValueError, match="as long as index"):
        batch.populate(two, np.uint64([0, 1]), np.uint8([0]), np.uint64([0, 1]))
