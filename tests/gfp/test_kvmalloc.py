"""kvmalloc: one piece, else page by page; every allocation failing in turn."""

import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pagecache.gfp import kv
from pagecache.gfp.flags import GFP_KERNEL, Gfp, effective
from pagecache.gfp.kvmalloc import KvBuffer, falls_back, first_mask
from pagecache.gfp.scope import memalloc_nofs
from pagecache.gfp.window import Failing, window_areas

PAGE = 4096
LARGEST_PIECE = 4 << 20


def writable(address: int, size: int) -> bool:
    """Is any of these bytes in a mapping that can be written?"""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights = line.split()[:2]
        start, end = (int(part, 16) for part in span.split("-"))
        if start < address + size and address < end and "w" in rights:
            return True
    return False


def filled(memory: KvBuffer) -> npt.NDArray[np.uint8]:
    """Every byte of it, written."""
    view = np.frombuffer(memoryview(memory), np.uint8)
    view[:] = np.arange(len(view)) % 251
    return view


@pytest.mark.parametrize("size", [0, 1, PAGE, PAGE + 1, LARGEST_PIECE])
def test_up_to_the_largest_block_it_is_one_piece(size: int) -> None:
    memory = kv.kvmalloc(size)
    assert (memory.one_piece, len(memory), window_areas()) == (True, size, [])
    assert memory.address != 0


@pytest.mark.parametrize("size", [LARGEST_PIECE + 1, 10 << 20])
def test_above_it_pages_are_put_together(size: int) -> None:
    memory = kv.kvmalloc(size)
    rounded = -(-size // PAGE) * PAGE
    assert (memory.one_piece, window_areas()) == (False, [(memory.address, rounded)])
    view = filled(memory)
    assert int(view[-1]) == (size - 1) % 251


def test_failed_piece_of_more_than_a_page_is_put_together_from_pages() -> None:
    with Failing(piece=True):
        memory = kv.kvmalloc(3 * PAGE)
    assert not memory.one_piece
    assert filled(memory).sum() > 0


@pytest.mark.parametrize("size", [1, PAGE])
def test_failed_piece_of_a_page_at_most_has_no_fallback(size: int) -> None:
    with Failing(piece=True), pytest.raises(MemoryError, match=f"no memory for {size} bytes"):
        kv.kvmalloc(size)


@pytest.mark.parametrize("failing", [*range(6), "record"])
def test_each_allocation_failing_in_turn_leaves_nothing_behind(failing: int | str) -> None:
    kept = kv.kvmalloc(LARGEST_PIECE + PAGE)
    before = window_areas()
    faults = (
        Failing(piece=True, record=True)
        if failing == "record"
        else Failing(piece=True, page=int(failing))
    )
    with faults:
        if failing == 5:  # beyond the last page: granted
            assert not kv.kvmalloc(5 * PAGE).one_piece
        else:
            with pytest.raises(MemoryError):
                kv.kvmalloc(5 * PAGE)
    after = kept.address + len(kept) + PAGE
    assert window_areas() == before
    assert not writable(after, 6 * PAGE)


def test_faults_end_with_their_block_and_nest() -> None:
    with Failing(piece=True):
        with Failing():
            assert kv.kvmalloc(2 * PAGE).one_piece
        assert not kv.kvmalloc(2 * PAGE).one_piece
    assert kv.kvmalloc(2 * PAGE).one_piece


def test_faults_are_of_their_thread_alone() -> None:
    with Failing(piece=True), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: kv.kvmalloc(2 * PAGE).one_piece).result()


@pytest.mark.parametrize("size", [2**31, 2**40, 2**64, 2**70])
def test_sizes_above_2_to_the_31_are_refused(size: int) -> None:
    with pytest.raises(MemoryError, match=f"{size} bytes: kvmalloc refuses more than 2147483647"):
        kv.kvmalloc(size)
    assert not falls_back(size)
    assert window_areas() == []


def test_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="-5 is not a count of bytes"):
        kv.kvmalloc(-5)


@pytest.mark.parametrize(
    ("size", "asked", "tried"),
    [
        (PAGE, "GFP_KERNEL|NOFAIL", "GFP_KERNEL|NOFAIL"),
        (PAGE + 1, "GFP_KERNEL", "GFP_KERNEL|NOWARN|NORETRY"),
        (PAGE + 1, "GFP_KERNEL|NOFAIL", "GFP_KERNEL|NOWARN|NORETRY"),
        (PAGE + 1, "GFP_KERNEL|RETRY_MAYFAIL", "GFP_KERNEL|NOWARN|RETRY_MAYFAIL"),
    ],
)
def test_mask_of_the_try_for_one_piece(size: int, asked: str, tried: str) -> None:
    mask = first_mask(size, Gfp.parse(asked))
    assert Gfp(mask) == Gfp.parse(tried)
    with memalloc_nofs():
        assert first_mask(size, Gfp.parse(asked)) == mask & ~Gfp.FS == effective(mask)


@pytest.mark.parametrize("piece", [False, True])
def test_zeroed_memory_is_zero_where_it_was_used_before(piece: bool) -> None:
    for _ in range(3):
        with Failing(piece=not piece):
            memory = kv.kvmalloc(50 * PAGE, GFP_KERNEL | Gfp.ZERO)
        view = np.frombuffer(memoryview(memory), np.uint8)
        assert not view.any()
        view[:] = 0xFF
        del view
        kv.kvfree(memory)


@pytest.mark.parametrize("fault", [False, True])
def test_second_free_is_found(fault: bool) -> None:
    with Failing(piece=fault):
        memory = kv.malloc(2 * PAGE)
    kv.free(memory)
    assert memory.address == 0
    with pytest.raises(ValueError, match="freed before"):
        kv.free(memory)
    with pytest.raises(ValueError, match="was freed"):
        memoryview(memory)


def test_memory_that_somebody_looks_at_is_not_freed() -> None:
    memory = kv.malloc(100)
    view = memoryview(memory)
    with pytest.raises(BufferError, match="1 views"):
        kv.free(memory)
    view[99] = 7
    view.release()
    kv.free(memory)


def test_free_of_nothing_is_fine() -> None:
    kv.free(None)


def test_last_reference_gives_the_memory_back() -> None:
    memory = kv.malloc(LARGEST_PIECE + 1)
    assert len(window_areas()) == 1
    del memory
    gc.collect()
    assert window_areas() == []


def test_freed_pages_are_gone() -> None:
    memory = kv.malloc(LARGEST_PIECE + 1)
    address = memory.address
    assert writable(address, PAGE)
    kv.free(memory)
    assert not writable(address, LARGEST_PIECE)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 7)), max_size=40))
def test_areas_never_touch_and_keep_their_bytes(steps: list[tuple[int, int]]) -> None:
    held: list[tuple[KvBuffer, int]] = []
    with Failing(piece=True):
        for k, (pages, slot) in enumerate(steps):
            if slot < len(held):
                memory, mark = held.pop(slot)
                assert memoryview(memory)[0] == memoryview(memory)[-1] == mark
                kv.kvfree(memory)
            else:
                memory = kv.kvmalloc((pages + 1) * PAGE)
                memoryview(memory)[0] = memoryview(memory)[-1] = k
                held.append((memory, k))
            spans = window_areas()
            assert sorted(spans) == spans
            assert {address for address, _ in spans} == {memory.address for memory, _ in held}
            ends = [address + size for address, size in spans]
            assert all(b[0] - end >= PAGE for end, b in zip(ends, spans[1:], strict=False))


def test_threads_get_areas_of_their_own() -> None:
    def task(number: int) -> bool:
        with Failing(piece=True):
            for _ in range(50):
                memory = kv.kvmalloc(4 * PAGE)
                view = np.frombuffer(memoryview(memory), np.uint8)
                view[:] = number
                if not (view == number).all():
                    return False
                del view
                kv.kvfree(memory)
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(task, range(1, 5)))
    assert window_areas() == []


HEAD = np.dtype([("magic", "u4"), ("count", "u2")])


def test_struct_ends_in_its_array() -> None:
    table = kv.kvmalloc_struct(HEAD, "u8", 1000)
    assert (table.memory.size, len(table.items)) == (8 + 8000, 1000)  # 6 bytes, 2 to align
    assert table.header == np.zeros((), HEAD)
    assert not table.items.any()
    table.header["count"] = 1000
    table.items[:] = np.arange(1000)
    assert memoryview(table.memory)[4] == 1000 % 256
    assert int(table.items.sum()) == 499500


def test_struct_page_by_page_is_zeroed_too() -> None:
    with Failing(piece=True):
        table = kv.kvmalloc_struct(HEAD, "u8", 1000)
    assert not table.memory.one_piece
    assert not table.items.any()


def test_struct_in_use_is_not_freed() -> None:
    table = kv.kvmalloc_struct(HEAD, [("a", "u1"), ("b", "u1")], 3)
    items = table.items
    with pytest.raises(BufferError):
        table.free()
    items["b"] = 5
    del items
    table.free()
    with pytest.raises(ValueError, match="freed before"):
        kv.kvfree(table)


def test_struct_of_no_items_is_its_header() -> None:
    table = kv.kvmalloc_struct("u8", "u8", 0)
    assert (table.memory.size, table.items.shape) == (8, (0,))


@pytest.mark.parametrize("kind", ["O", "V0", ("u4", 3), [("a", "O")]])
def test_dtypes_that_no_memory_holds_are_refused(kind: npt.DTypeLike) -> None:
    with pytest.raises(ValueError, match="has no bytes of its own"):
        kv.kvmalloc_struct("u8", kind, 3)


def test_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 is not a count"):
        kv.kvmalloc_struct("u8", "u8", -1)
