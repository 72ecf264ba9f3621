"""The contract of a design, over every design that is registered."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ABSENT = np.uint64(2**64 - 1)
NO_LIMIT = 2**64 - 1
DRAWS = 400  # events of one batch
GIGABYTE = 18  # an order: a step then takes up to 262,144 slots

# (remove?, which of the design's orders, which place in the file)
steps = st.lists(
    st.tuples(st.booleans(), st.integers(0, 11), st.integers(0, 1 << 20)), min_size=1, max_size=20
)


def u32(count: int) -> np.ndarray:
    return np.zeros(count, np.uint32)


def total(frames: np.ndarray) -> int:
    return int(frames.sum(dtype=np.uint64))


def filled(variant: Any) -> Any:
    cache = variant.cache()
    cache.fill(variant.orders)
    assert len(cache.table) > 1
    return cache


def insert_or_refuse(cache: Any, index: int, order: int) -> None:
    """Insert where nothing is; elsewhere it must be refused and change nothing."""
    if not cache.overlaps(index, order):
        cache.insert(index, order)
        return
    before, pfn = cache.index.dump(), cache.new_folio(order)
    with pytest.raises(KeyError, match=f"index {index} is cached already"):
        cache.index.insert_folio(index, order, pfn)
    assert cache.index.dump() == before
    assert cache.frames.refcount(pfn) == 1


def remove(cache: Any, index: int) -> None:
    """Remove whatever covers a page, by that page."""
    home = next((f for f, (o, _) in cache.table.items() if f <= index < f + (1 << o)), None)
    order, pfn = cache.table.pop(home, (None, None))
    assert cache.index.remove_folio(index) == (0 if order is None else 1 << order)
    assert order is None or cache.frames.refcount(pfn) == 1


@settings(max_examples=20)
@given(steps=steps)
def test_any_insertions_and_removals_leave_what_the_folio_table_says(
    variant: Any, steps: list[tuple[bool, int, int]]
) -> None:
    cache = variant.cache()
    for removing, pick, place in steps[: 3 if variant.top == GIGABYTE else None]:
        order = variant.orders[pick % len(variant.orders)]
        index = (place << order) % cache.pages
        if removing:
            remove(cache, index)
        else:
            insert_or_refuse(cache, index, order)
        cache.check()
    assert cache.batch.truncate() == sum(pages for _, _, pages in cache.runs())
    cache.check_empty()


def test_every_page_of_the_file_reads_its_own_frame_or_none(variant: Any) -> None:
    cache = filled(variant)
    expected = [None if f == ABSENT else f for f in cache.expected_frames().tolist()]
    assert list(map(cache.index.frame, range(cache.pages))) == expected
    assert None in expected


def test_removing_every_folio_gives_back_all_slots_and_references(variant: Any) -> None:
    cache = filled(variant)
    for index in sorted(cache.table, key=lambda k: k * 2654435761 % 2**32):
        remove(cache, index)
        cache.check()
    cache.check_empty()


def with_marks(variant: Any) -> Any:
    """A filled index of a design that has marks."""
    if not {"mark", "scan"} <= variant.design.provides:
        pytest.skip(f"{variant} declares no marks")
    return filled(variant)


def test_dirty_folio_removed_leaves_no_mark_behind(variant: Any) -> None:
    cache = with_marks(variant)
    first = min(cache.table)
    cache.batch.mark(u32(1), np.uint64([first]))
    remove(cache, first)
    cache.check()
    assert cache.batch.scan() == 0


def test_event_that_is_not_declared_is_refused(variant: Any) -> None:
    cache = filled(variant)
    for event, arrays in (("mark", (u32(1), np.uint64([0]))), ("scan", ())):
        if event in variant.design.provides:
            getattr(cache.batch, event)(*arrays)
        else:
            with pytest.raises(NotImplementedError, match=f"has no event '{event}'"):
                getattr(cache.batch, event)(*arrays)


def test_folio_that_comes_back_is_clean(variant: Any) -> None:
    cache = with_marks(variant)
    first, (order, pfn) = next(iter(cache.table.items()))
    cache.batch.mark(u32(1), np.uint64([first]))
    assert cache.frames.dirty(pfn)
    remove(cache, first)
    cache.index.insert_folio(first, order, pfn)
    assert not cache.frames.dirty(pfn)


def test_truncate_returns_the_pages_and_gives_back_every_node_and_reference(variant: Any) -> None:
    cache = filled(variant)
    assert cache.batch.truncate() == sum(pages for _, _, pages in cache.runs())
    cache.check_empty()
    assert cache.batch.truncate() == 0


def limits_to_try(needed: int) -> list[int]:
    """Every number of nodes too small; of thousands a few at each end and one between."""
    if needed <= 100:
        return list(range(needed))
    return [0, 1, 2, 3, 4, 67, 68, needed // 2, needed - 2, needed - 1]


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("beside", [False, True], ids=["empty", "beside-another"])
def test_insertion_without_memory_fails_and_changes_nothing(
    variant: Any, place: int, beside: bool
) -> None:
    """Every limit in turn: whatever the last node was missing for, all is as before."""
    order, cache = max(variant.orders), variant.cache()
    index, other = (place << order) + (1 << 30), 2 << order
    if beside:
        cache.insert(other, order)
    before, held, pfn = cache.index.dump(), cache.index.index_bytes, cache.new_folio(order)
    limits = limits_of(cache, index, order)
    assert bool(limits) or beside or variant.free_alone  # of an empty one, all of it is needed
    for limit in limits:
        cache.index.set_limit(limit)
        with pytest.raises(MemoryError):
            cache.index.insert_folio(index, order, pfn)
        assert cache.index.dump() == before
        assert (cache.index.index_bytes, cache.frames.refcount(pfn)) == (held, 1)
        cache.check()
    cache.index.set_limit(NO_LIMIT)
    cache.index.insert_folio(index, order, pfn)
    assert cache.index.frame(index) == pfn


def limits_of(cache: Any, index: int, order: int) -> list[int]:
    """The limits in bytes that an insertion fails under, one for each node it needs."""
    held, nodes, pfn = cache.index.index_bytes, cache.index.nodes, cache.new_folio(order)
    cache.index.insert_folio(index, order, pfn)
    bytes_, needed = cache.index.index_bytes - held, cache.index.nodes - nodes
    cache.index.remove_folio(index)
    assert cache.index.index_bytes == held
    return [held + k * bytes_ // needed for k in limits_to_try(needed)] if bytes_ else []


def test_batch_that_runs_out_of_memory_names_the_folio(variant: Any) -> None:
    cache, order = variant.cache(), max(variant.orders)
    if variant.free_alone:
        cache.insert(0, order)
    far, pfn = 1 << (order + 6), cache.new_folio(order)
    cache.index.set_limit(0)
    with pytest.raises(MemoryError, match=f"cannot grow for the folio at index {far}"):
        cache.batch.populate(u32(1), np.uint64([far]), np.uint8([order]), np.uint64([pfn]))


def test_batch_that_meets_a_cached_page_names_the_folio(variant: Any) -> None:
    cache, order = variant.cache(), max(variant.orders)
    pfn = [cache.new_folio(order) for _ in range(2)]
    with pytest.raises(KeyError, match="a page of the folio at index 0 is cached already"):
        cache.batch.populate(u32(2), np.zeros(2, np.uint64), np.uint8([order] * 2), np.uint64(pfn))
    assert cache.index.pages == 1 << order


@pytest.fixture
def draw() -> Any:
    """Random pages of a file, as many inside folios as elsewhere."""
    rng = np.random.default_rng(20)

    def pages(cache: Any) -> np.ndarray:
        anywhere = rng.integers(cache.pages, size=DRAWS // 2)
        cached = np.flatnonzero(cache.expected_frames() != ABSENT)
        return np.concatenate((anywhere, rng.choice(cached, DRAWS // 2))).astype(np.uint64)

    return pages


@pytest.mark.parametrize("copy", [False, True], ids=["", "with-a-copy-between"])
def test_get_sums_the_frames_of_the_pages_asked(variant: Any, draw: Any, copy: bool) -> None:
    cache = filled(variant)
    batch = type(cache.batch)([cache.index], copy=copy)
    index = draw(cache)
    assert batch.get(u32(DRAWS), index) == total(cache.expected_frames()[index])
    cache.check()


def named_frames(cache: Any) -> np.ndarray:
    """What each page's slot names: the head, or where the design says so the page itself."""
    named = cache.expected_frames()
    for index, pfn, pages in [] if cache.tails else cache.runs():
        named[index : index + pages] = pfn
    return named


def test_load_sums_what_the_slots_name(variant: Any, draw: Any) -> None:
    cache = filled(variant)
    index = draw(cache)
    expected = total(named_frames(cache)[index])
    assert cache.batch.load(u32(DRAWS), index) == expected
    assert cache.batch.load_unchained(u32(DRAWS), index) == expected


def window_sums(cache: Any, start: np.ndarray, pages: int) -> int:
    """The sum over windows of the frames of those of their pages that are cached."""
    frame = np.concatenate((cache.expected_frames(), np.full(pages, ABSENT)))
    frame[frame == ABSENT] = 0
    return total(frame[start[:, None] + np.arange(pages, dtype=np.uint64)])


def test_read_sums_the_cached_frames_of_32_pages(variant: Any, draw: Any) -> None:
    cache = filled(variant)
    index = draw(cache)
    assert cache.batch.read(u32(DRAWS), index) == window_sums(cache, index, 32)
    cache.check()


def test_fault_around_sums_the_cached_frames_of_the_aligned_16_pages(
    variant: Any, draw: Any
) -> None:
    cache = filled(variant)
    index = draw(cache)
    aligned = index & ~np.uint64(15)
    assert cache.batch.fault_around(u32(DRAWS), index) == window_sums(cache, aligned, 16)
    cache.check()


def test_huge_fault_sums_the_first_frames_of_huge_pages(variant: Any) -> None:
    cache = filled(variant)
    number = np.arange(cache.pages >> variant.huge_order, dtype=np.uint64)
    expected = cache.expected_frames()[number << np.uint64(variant.huge_order)]
    assert cache.batch.huge_fault(u32(len(number)), number) == total(expected)


def test_mark_and_scan_sum_the_first_frames_of_the_folios(variant: Any) -> None:
    cache = with_marks(variant)
    dirty = sorted(cache.table)[::2]
    inside = [index + (1 << cache.table[index][0]) // 3 for index in dirty]
    expected = sum(cache.table[index][1] for index in dirty)
    assert cache.batch.scan() == 0
    assert cache.batch.mark(u32(len(dirty)), np.uint64(inside)) == expected
    assert cache.batch.scan() == expected
    cache.check()
    flags = {index: cache.frames.dirty(pfn) for index, (_, pfn) in cache.table.items()}
    assert flags == {index: index in dirty for index in cache.table}


def test_mark_of_a_page_that_is_not_cached_marks_nothing(variant: Any) -> None:
    cache = with_marks(variant)
    absent = np.flatnonzero(cache.expected_frames() == ABSENT)[:1].astype(np.uint64)
    assert cache.batch.mark(u32(1), absent) == ABSENT
    assert cache.batch.scan() == 0


def test_folio_marked_through_two_pages_is_scanned_once(variant: Any) -> None:
    cache, order = with_marks(variant), max(variant.orders)
    first = next(first for first, (its, pfn) in cache.table.items() if its == order and pfn)
    cache.batch.mark(u32(2), np.uint64([first, first + (1 << order) - 1]))
    assert cache.batch.scan() == cache.table[first][1]


def test_batch_over_two_files_asks_the_right_one(variant: Any) -> None:
    cache, order = filled(variant), max(variant.orders)
    other = variant.design.make(
        cache.frames, cache.pool, huge_order=variant.huge_order, **variant.options
    )
    first, pfn = min(cache.table), cache.new_folio(order)
    other.insert_folio(0, order, pfn)
    batch = type(cache.batch)([cache.index, other])
    asked = batch.get(np.uint32([0, 1, 1]), np.uint64([first, 0, 1 << order]))
    assert asked == (cache.table[first][1] + pfn + int(ABSENT)) % 2**64
    assert batch.truncate() == (1 << order) + sum(pages for _, _, pages in cache.runs())
    assert other.is_empty
    cache.check_empty()


def test_folio_out_of_line_is_refused(variant: Any) -> None:
    cache, order = variant.cache(), variant.top
    with pytest.raises(ValueError, match="cannot start at index 1"):
        cache.index.insert_folio(1, order, 0)
    with pytest.raises(IndexError, match="must have struct pages"):
        cache.index.insert_folio(0, min(variant.orders), cache.frames.count)


def test_last_page_of_the_index_can_be_cached_and_removed(variant: Any) -> None:
    cache, order = variant.cache(), min(variant.orders)
    first = 2**64 - (1 << order)
    cache.insert(first, order)
    cache.check()
    assert cache.batch.truncate() == 1 << order
    cache.check_empty()
