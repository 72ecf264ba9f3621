"""A cursor: walk once, then work where it stands."""

import pytest

import pagecache as pc

MAX_INDEX = 2**64 - 1


def found_all(cursor: pc.Cursor, **limits: int) -> list[tuple[int, object]]:
    found = []
    while (entry := cursor.find(**limits)) is not None:
        found.append((cursor.index, entry))
    return found


# Where it stands


def test_cursor_is_made_by_an_array_alone() -> None:
    with pytest.raises(TypeError, match=r"XArray.cursor\(index\)"):
        pc.Cursor()


def test_cursor_keeps_its_array(chunk_shift: int) -> None:
    cursor = pc.XArray(chunk_shift=chunk_shift).cursor(100)
    assert cursor.store(7) is None
    assert cursor.load() == 7
    assert cursor.next() is None
    assert cursor.prev() == 7


def test_cursor_says_whether_it_has_walked(xa: pc.XArray) -> None:
    xa.store(5, 7)
    cursor = xa.cursor(5)
    assert not cursor.walked
    assert cursor.load() == 7
    assert cursor.walked
    cursor.index = 2**30
    assert (cursor.walked, cursor.index) == (False, 2**30)
    assert cursor.load() is None
    assert not cursor.walked  # beyond the tree


def test_index_is_rounded_down_to_the_order(xa: pc.XArray) -> None:
    cursor = xa.cursor(1000, order=9)
    assert cursor.index == 512
    cursor.index = 2**20 + 1
    assert cursor.index == 2**20


@pytest.mark.parametrize("order", [64, 65, 2**31])
def test_order_beyond_63_is_refused(xa: pc.XArray, order: int) -> None:
    with pytest.raises(ValueError, match="must be from 0 to 63"):
        xa.cursor(0, order=order)


@pytest.mark.parametrize("index", [-1, 2**64])
def test_index_beyond_64_bits_is_refused(xa: pc.XArray, index: int) -> None:
    with pytest.raises(OverflowError):
        xa.cursor(index)
    cursor = xa.cursor(3)
    with pytest.raises(OverflowError):
        cursor.index = index
    assert cursor.index == 3


# Moving


def test_first_step_goes_nowhere(xa: pc.XArray) -> None:
    for index in (4, 5, 6):
        xa.store(index, index)
    assert [xa.cursor(5).next(), xa.cursor(5).prev()] == [5, 5]
    cursor = xa.cursor(5)
    assert [cursor.next(), cursor.next(), cursor.prev()] == [5, 6, 5]


def test_steps_wrap_at_both_ends(xa: pc.XArray) -> None:
    xa.store(0, 1)
    xa.store(MAX_INDEX, 2)
    cursor = xa.cursor(MAX_INDEX)
    assert [cursor.next(), cursor.next(), cursor.prev(), cursor.prev()] == [2, 1, 2, None]
    assert cursor.index == MAX_INDEX - 1


def test_steps_inside_an_entry_read_it(xa: pc.XArray) -> None:
    xa.store(8, 7, order=3)
    cursor = xa.cursor(6)
    assert [cursor.next() for _ in range(11)] == [None] * 2 + [7] * 8 + [None]


def test_extent_is_that_of_the_whole_entry(xa: pc.XArray) -> None:
    xa.store(512, 7, order=9)
    xa.store_range(3, 5, 8)
    xa.reserve(7)
    assert xa.cursor(700).extent() == (512, 1023)
    assert xa.cursor(4).extent() == (3, 5)
    assert xa.cursor(7).extent() == (7, 7)
    assert xa.cursor(6).extent() is None
    assert xa.cursor(2**40).extent() is None


# Storing


def test_store_answers_what_was_there(xa: pc.XArray) -> None:
    cursor = xa.cursor(70)
    assert [cursor.store(1), cursor.store(pc.Pointer(64)), cursor.store(None)] == [
        None,
        1,
        pc.Pointer(64),
    ]
    assert xa.empty


@pytest.mark.parametrize("entry", [-1, 2**63])
def test_value_too_large_is_refused(xa: pc.XArray, entry: int) -> None:
    cursor = xa.cursor(70)
    with pytest.raises(ValueError, match=f"value {entry} must be from 0"):
        cursor.store(entry)
    assert cursor.store(1) is None


@pytest.mark.parametrize("order", range(20))
def test_cursor_stores_entries_of_its_order(xa: pc.XArray, order: int) -> None:
    cursor = xa.cursor(3 << order, order=order)
    assert cursor.store(7) is None
    assert (cursor.load(), cursor.order()) == (7, order)
    assert cursor.store(8) == 7
    assert list(xa) == [(3 << order, 8)]
    assert cursor.store(None) == 8
    assert xa.empty


def test_blocks_are_stored_one_after_the_other(xa: pc.XArray) -> None:
    cursor = xa.cursor(0, order=4)
    for block in range(20):
        cursor.index = 16 * block
        cursor.store(block)
    assert list(xa) == [(16 * block, block) for block in range(20)]
    assert {xa.order(index) for index in range(320)} == {4}


def test_ascending_stores_and_erasures_equal_those_of_the_array(chunk_shift: int) -> None:
    one, other = (pc.XArray(chunk_shift=chunk_shift) for _ in range(2))
    cursor = one.cursor(100)
    for index in range(100, 600):
        cursor.next()
        cursor.store(index)
        other.store(index, index)
    assert one.dump() == other.dump()
    cursor.index = 100
    for index in range(100, 600, 3):
        cursor.index = index
        cursor.store(None)
        other.erase(index)
    assert one.dump() == other.dump()


def test_store_after_a_step_is_aligned_to_the_order(xa: pc.XArray) -> None:
    """Stored from slot 62 on, four slots reach into the marks, and beyond the node."""
    xa.store(0, 1)
    cursor = xa.cursor(60, order=2)
    for _ in range(3):
        cursor.next()
    cursor.store(9)
    xa.check()
    assert [entry for _, entry in xa] == [1, 9]
    assert xa.order(62) == 2


def test_cursor_keeps_its_order_after_a_store_into_a_larger_entry(xa: pc.XArray) -> None:
    xa.store(0, 1, order=9)
    cursor = xa.cursor(0, order=2)
    assert cursor.store(3) == 1
    xa.erase(0)
    cursor.store(4)
    assert xa.order(0) == 2


# Searching


def test_find_meets_each_entry_once(xa: pc.XArray) -> None:
    stored = [(0, 1, 0), (3, 2, 0), (8, 3, 3), (512, 4, 9), (2**40, 5, 20), (MAX_INDEX, 6, 0)]
    for index, entry, order in stored:
        xa.store(index, entry, order)
    assert found_all(xa.cursor()) == [(index, entry) for index, entry, _ in stored]
    assert found_all(xa.cursor(), max=512) == [(i, e) for i, e, _ in stored[:4]]
    assert found_all(xa.cursor(9)) == [(9, 3), (512, 4), (2**40, 5), (MAX_INDEX, 6)]
    assert found_all(xa.cursor(2**40 - 1), max=2**40 - 1) == []


@pytest.mark.parametrize("mark", range(3))
def test_find_by_mark_meets_the_marked(xa: pc.XArray, mark: int) -> None:
    expected = []
    for k in range(40):
        xa.store(16 * k, k, order=k % 5)
        if k % 3 == mark:
            xa.set_mark(16 * k, mark)
            expected.append((16 * k, k))
    assert found_all(xa.cursor(), mark=mark) == expected
    assert found_all(xa.cursor(), mark=(mark + 1) % 3) == []


def test_find_by_mark_ends_where_it_was_told(xa: pc.XArray) -> None:
    for index in (0, 1):
        xa.store(index, index)
        xa.set_mark(index, 0)
    assert found_all(xa.cursor(), max=0, mark=0) == [(0, 0)]


def test_find_passes_a_reserved_slot(xa: pc.XArray) -> None:
    xa.store(5, 5)
    xa.reserve(6)
    xa.store(7, 7)
    assert found_all(xa.cursor()) == [(5, 5), (7, 7)]


def test_walk_that_pauses_at_each_step_meets_every_order(xa: pc.XArray) -> None:
    for order in range(64):
        xa.store(1 << order, order, order)
    for every in (1, 2, 4):
        cursor, found = xa.cursor(), []
        while (entry := cursor.find()) is not None:
            found.append(entry)
            if len(found) % every == 0:
                cursor.pause()
        assert found == list(range(64))


def test_pause_after_the_last_index_ends_the_walk(xa: pc.XArray) -> None:
    xa.store(MAX_INDEX, 7)
    cursor = xa.cursor(MAX_INDEX)
    assert cursor.find() == 7
    cursor.pause()
    assert cursor.find() is None


def test_paused_walk_meets_what_is_stored_ahead_and_not_what_is_erased(xa: pc.XArray) -> None:
    for index in (1, 100, 200):
        xa.store(index, index)
    cursor = xa.cursor()
    assert cursor.find() == 1
    cursor.pause()
    xa.erase(100)
    xa.store(150, 150)
    assert [cursor.find(), cursor.find(), cursor.find()] == [150, 200, None]


def test_erasing_at_the_cursor_while_searching_empties_the_array(xa: pc.XArray) -> None:
    for k in range(300):
        xa.store(16 * k, k, order=k % 5)
    cursor, seen = xa.cursor(), []
    while (entry := cursor.find()) is not None:
        seen.append(entry)
        cursor.store(None)
        xa.check()
    assert seen == list(range(300))
    assert xa.empty


# Conflicts and marks


def test_conflict_is_what_overlaps_the_range(xa: pc.XArray) -> None:
    cursor = xa.cursor(64, order=6)
    assert cursor.conflict() is None
    xa.store(128, 1)
    xa.store(63, 2)
    assert cursor.conflict() is None
    xa.store(64, 7, order=xa.pool.chunk_shift % 6)
    assert cursor.conflict() is not None
    xa.destroy()
    xa.store(64, 7, order=9)
    assert cursor.conflict() == 7
    assert cursor.load() == 7


def test_store_after_no_conflict_goes_on_where_it_stands(xa: pc.XArray) -> None:
    cursor = xa.cursor(512, order=9)
    assert cursor.conflict() is None
    assert cursor.store(7) is None
    assert (cursor.conflict(), cursor.order()) == (7, 9)


def test_marks_are_those_of_the_entry_stood_in(xa: pc.XArray) -> None:
    xa.store(512, 7, order=9)
    cursor = xa.cursor(600)
    assert not cursor.get_mark(1)
    cursor.set_mark(1)
    assert cursor.get_mark(1)
    assert [xa.get_mark(512, mark) for mark in range(3)] == [False, True, False]
    cursor.clear_mark(1)
    assert not xa.marked(1)
    for call in (cursor.set_mark, cursor.clear_mark, cursor.get_mark):
        with pytest.raises(ValueError, match="mark 3 must be 0, 1 or 2"):
            call(3)


def test_marking_nothing_does_nothing(xa: pc.XArray) -> None:
    xa.store(5, 7)
    cursor = xa.cursor(6)
    cursor.set_mark(1)
    cursor.clear_mark(1)
    assert not cursor.get_mark(1)
    assert not xa.marked(1)
