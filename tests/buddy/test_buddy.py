"""Blocks: split, merge, refusals, counts, bookkeeping."""

import ctypes
import os
import subprocess
import sys

import numpy as np
import pytest

from pagecache.buddy.buddy import MAX_FRAMES, Buddy
from pagecache.buddy.loops import alloc_and_free, alloc_each, free_each

MOVABLE = 0x08


def small(frames: int = 64, **options: int) -> Buddy:
    """The largest block is 16 frames, a pageblock 8; no watermark and no cache."""
    return Buddy(
        frames, **{"min_pages": 0, "max_order": 4, "pageblock_order": 3, "cache": False, **options}
    )


def counts(memory: Buddy) -> list[int]:
    return memory.counts()[:5]


def test_whole_memory_is_free_in_the_largest_blocks() -> None:
    assert counts(small()) == [0, 0, 0, 0, 4]
    assert counts(small(16 + 8 + 4 + 1)) == [1, 0, 1, 1, 1]
    assert Buddy(1 << 14).counts() == [0] * 10 + [16]


def test_split_puts_back_the_upper_halves_and_keeps_the_lowest_part() -> None:
    memory = small(16)
    assert memory.alloc(1) == 0
    assert counts(memory) == [0, 1, 1, 1, 0]
    assert memory.alloc(2) == 4
    assert memory.alloc(0) == 2


def test_smallest_block_that_is_large_enough_is_taken() -> None:
    memory = small(16)
    memory.alloc(3)
    memory.alloc(0)
    assert counts(memory) == [1, 1, 1, 0, 0]
    memory.alloc(1)
    assert counts(memory) == [1, 0, 1, 0, 0]


def test_free_of_last_buddy_restores_the_largest_block() -> None:
    memory = small(16)
    pfn = [memory.alloc(0) for _ in range(16)]
    assert counts(memory) == [0, 0, 0, 0, 0]
    for frame in pfn[:-1]:
        memory.free(frame)
    assert counts(memory) == [1, 1, 1, 1, 0]
    memory.free(pfn[-1])
    assert counts(memory) == [0, 0, 0, 0, 1]


def test_neighbour_that_is_no_buddy_does_not_merge() -> None:
    memory = small(16)
    for _ in range(16):
        memory.alloc(0)
    memory.free(9)
    memory.free(10)
    assert counts(memory) == [2, 0, 0, 0, 0]
    memory.free(8)
    assert counts(memory) == [1, 1, 0, 0, 0]
    memory.check()


def test_used_buddy_of_another_order_does_not_merge() -> None:
    memory = small(16)
    first, second = memory.alloc(1), memory.alloc(1)
    memory.split(second, 0)
    memory.free(second)
    memory.free(first)
    assert counts(memory) == [1, 1, 1, 1, 0]
    memory.check()


@pytest.mark.parametrize("cache", [False, True])
@pytest.mark.parametrize("order", [0, 1, 4])
def test_freeing_twice_is_found_and_changes_nothing(order: int, cache: bool) -> None:
    memory = small(cache=cache)
    pfn, other = memory.alloc(order), memory.alloc(order)
    memory.free(pfn)
    before = memory.dump()
    for _ in range(2):
        with pytest.raises(ValueError, match=f"frame {pfn}: was it freed before"):
            memory.free(pfn)
    assert memory.dump() == before
    memory.free(other)
    with pytest.raises(ValueError, match="was it freed before"):  # inside a merged block now
        memory.free(other)
    memory.check()
    assert counts(memory) == [0, 0, 0, 0, 4]


def test_freeing_at_another_order_is_found_and_changes_nothing() -> None:
    memory = small()
    pfn = memory.alloc(2)
    for order in (0, 1, 3, 4, 10, 99):
        with pytest.raises(ValueError, match=f"begins a block of order 2, not {order}"):
            memory.free(pfn, order)
    with pytest.raises(ValueError, match="no block in use begins at frame 1"):
        memory.free(pfn + 1, 0)
    assert memory.used() == [(pfn, 2, "movable")]
    memory.free(pfn, 2)


@pytest.mark.parametrize("pfn", [64, 2**40, 2**64 - 1])
def test_frames_that_are_not_there_are_an_index_error(pfn: int) -> None:
    memory = small()
    for call in (memory.free, memory.order, memory.split, memory.pageblock_type, memory.type):
        with pytest.raises(IndexError, match=f"no frame {pfn}: the last is 63"):
            call(pfn)


def test_orders_above_the_largest_are_a_value_error() -> None:
    for call in (small().alloc, small().fragmentation_index, small().unusable_index):
        with pytest.raises(ValueError, match="order 5 is not from 0 to 4"):
            call(5)
    with pytest.raises(ValueError, match="order 11 is not from 0 to 10"):
        Buddy(1 << 14).alloc(11)


@pytest.mark.parametrize("order", [-1, 11, 64, 2**32, 2**64, 2**70])
def test_order_out_of_range_names_the_range(order: int) -> None:
    memory = Buddy(1 << 14)
    pfn = memory.alloc(3)
    for call in (memory.alloc, memory.fragmentation_index, memory.unusable_index):
        with pytest.raises(ValueError, match=f"order {order} is not from 0 to 10"):
            call(order)
    with pytest.raises(ValueError, match=f"is of order 3; it cannot be split to {order}$"):
        memory.split(pfn, order)
    assert memory.used() == [(pfn, 3, "movable")]


@pytest.mark.parametrize("wrong", [1.0, "3", None])
def test_order_or_flags_that_are_no_whole_number_are_a_type_error(wrong: object) -> None:
    memory = Buddy(1 << 14)
    for call in (memory.alloc, lambda gfp: memory.alloc(0, gfp), memory.unusable_index):
        with pytest.raises(TypeError):
            call(wrong)
    assert memory.used() == []


@pytest.mark.parametrize("bits", [1 << 26, 1 << 27, 1 << 31, 1 << 40, -1])
def test_bits_that_no_flag_has_are_a_value_error(bits: int) -> None:
    with pytest.raises(ValueError, match=r"no flag has the bits -?0x.*; see Gfp for those known"):
        small().alloc(0, bits | 8)


def test_flags_that_name_two_types_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="movable and reclaimable at once"):
        small().alloc(0, 0x18)


@pytest.mark.parametrize("frames", [0, -1, MAX_FRAMES + 1])
def test_memory_of_no_size_is_a_value_error(frames: int) -> None:
    with pytest.raises(ValueError, match="give 1 to 2"):
        Buddy(frames)


def test_orders_that_do_not_go_together_are_a_value_error() -> None:
    for max_order, pageblock in ((11, 9), (4, 5), (4, 0)):
        with pytest.raises(ValueError, match="no larger than the largest block"):
            Buddy(64, max_order=max_order, pageblock_order=pageblock)
    with pytest.raises(ValueError, match="watermark of 65 pages does not fit 64 frames"):
        Buddy(64, min_pages=65)


def test_unknown_type_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="unknown migrate type 'cma'"):
        small().counts("cma")


def test_empty_memory_refuses_and_stays_as_it_is() -> None:
    memory = small()
    blocks = [memory.alloc(4) for _ in range(4)]
    for order in range(5):
        with pytest.raises(MemoryError, match=f"no block of order {order} .* 0 of 64 frames"):
            memory.alloc(order)
    memory.free(blocks[0])
    assert counts(memory) == [0, 0, 0, 0, 1]
    memory.check()


@pytest.mark.parametrize("cache", [False, True])
def test_pieces_of_a_split_block_are_blocks_in_use(cache: bool) -> None:
    memory = small(cache=cache)
    pfn = memory.alloc(4, 0)
    memory.split(pfn, 2)
    assert memory.used() == [(pfn + 4 * k, 2, "unmovable") for k in range(4)]
    memory.split(pfn, 2)
    with pytest.raises(ValueError, match="is of order 2; it cannot be split to 3"):
        memory.split(pfn, 3)
    for k in range(4):
        memory.free(pfn + 4 * k, 2)
    assert counts(memory) == [0, 0, 0, 0, 4]


def test_cached_frames_count_as_free_and_merge_when_blocks_are_counted() -> None:
    memory = Buddy(1 << 14, min_pages=0)
    pfn = memory.alloc()
    memory.free(pfn)
    assert memory.free_frames == 1 << 14
    assert memory.counts() == [0] * 10 + [16]
    memory.check()


def test_last_frames_are_found_in_the_cache_of_another_type() -> None:
    memory = small(16, cache=True)
    pfn = [memory.alloc(0, MOVABLE) for _ in range(16)]
    for frame in pfn:
        memory.free(frame)
    assert [memory.alloc(0, 0) for _ in range(16)]
    with pytest.raises(MemoryError):
        memory.alloc(0, 0)
    memory.check()


def test_large_block_is_found_that_the_cache_keeps_apart() -> None:
    memory = small(16, cache=True)
    for frame in [memory.alloc(0) for _ in range(16)]:
        memory.free(frame)
    assert memory.alloc(4) == 0


def test_more_frames_than_the_cache_holds_go_through_it() -> None:
    memory = Buddy(1 << 12, min_pages=0)
    pfn = np.zeros(4096, np.uint64)
    assert alloc_each(memory, pfn) == 4096
    assert sorted(pfn.tolist()) == list(range(4096))
    assert alloc_each(memory, np.zeros(1, np.uint64)) == 0
    assert free_each(memory, np.random.default_rng(1).permutation(pfn)) == 4096
    memory.check()
    assert memory.counts()[10] == 4


def test_loops_say_how_many_calls_succeeded() -> None:
    memory = small()
    assert alloc_and_free(memory, 100, 4) == 100
    assert alloc_and_free(memory, 100, 11) == 0
    pfn = np.zeros(6, np.uint64)
    assert alloc_each(memory, pfn, 4) == 4
    assert free_each(memory, pfn, 4) == 4  # the last two name a block that is free by then


@pytest.mark.parametrize("shift", [14, 18, 28])
def test_bookkeeping_takes_two_bytes_a_frame_at_most(shift: int) -> None:
    assert Buddy(1 << shift).bookkeeping_bytes <= 2 << shift


def test_a_terabyte_is_handed_out_from_end_to_end() -> None:
    memory = Buddy(1 << 28, min_pages=0)
    blocks = np.zeros(1 << 18, np.uint64)
    assert alloc_each(memory, blocks, 10) == 1 << 18
    assert np.array_equal(np.sort(blocks), np.arange(0, 1 << 28, 1 << 10, dtype=np.uint64))
    memory.free((1 << 28) - 1024)
    assert memory.alloc(0) == (1 << 28) - 1024
    memory.free((1 << 28) - 1024)
    assert free_each(memory, blocks, 10) == (1 << 18) - 1
    assert memory.counts()[10] == 1 << 18


def test_dump_shows_counts_by_type_and_bytes_of_state() -> None:
    memory = small()
    memory.alloc(0)
    assert memory.dump().splitlines()[-1].startswith("90 40 41 00 42")
    assert memory.dump().splitlines()[0].split() == ["unmovable", *["0"] * 11]


@pytest.mark.parametrize(
    ("place", "byte", "message"),
    [
        (0, 0x40, "two free buddies have not been merged"),  # in use, said to be free
        (0, 0x42, "a head lies inside a block"),
        (0, 0x41, "a head lies inside a block"),
        (1, 0x90, "a list holds a block that is not free"),  # free, said to be in use
        (1, 0x00, "no block begins here"),
        (2, 0x40, "a free block is not on the list"),  # of two frames, said to be one
        (5, 0x90, "a head lies inside a block"),
        (4, 0x43, "a block lies askew"),
        (16, 0x44, ".* not written as zero"),
        (0, 0x9B, "a block lies askew"),
        (2, 0xC1, "a cached block is no single frame"),
        (0, 0xC0, "the count of free frames is wrong|cached frames"),
    ],
)
def test_check_finds_a_wrong_byte_and_shows_the_state(place: int, byte: int, message: str) -> None:
    memory = small()
    memory.alloc(0)
    memory.check()
    address, size = memory.state
    assert size == 64
    ctypes.memset(address + place, byte, 1)
    with pytest.raises(AssertionError, match=rf"at frame \d+: ({message})(?s:.*)free 63 of 64"):
        memory.check()


def test_check_finds_two_buddies_that_were_not_merged() -> None:
    memory = small(16)
    first, second = memory.alloc(0), memory.alloc(0)
    memory.free(second)
    address, _ = memory.state
    ctypes.memset(address + first, 0x40, 1)
    with pytest.raises(AssertionError, match="two free buddies have not been merged"):
        memory.check()


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from pagecache.buddy.buddy import Buddy
memory = Buddy(1 << 14)
try:
    Buddy(1 << 32)
except MemoryError as error:
    print(error)
memory.free(memory.alloc(9), 9)
"""


@pytest.mark.skipif("asan" in os.environ.get("LD_PRELOAD", ""), reason="it maps terabytes itself")
def test_memory_too_large_for_this_machine_is_a_memory_error() -> None:
    command = [sys.executable, "-c", LIMITED]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "no room for the bookkeeping of 4294967296 frames\n"
