"""What kernels differ in, and what `like` chooses."""

import pytest

import pagecache as pc
from pagecache.xarray import xarray

MAX_INDEX = 2**64 - 1
EACH = pytest.mark.parametrize("like", xarray.LIKES)


def split_and_marked(like: str, chunk_shift: int = 6) -> pc.XArray:
    """One entry, marked, that was split a level down into pieces of 8 slots."""
    xa = pc.XArray(like=like, chunk_shift=chunk_shift)
    xa.store(0, 7, order=chunk_shift + 3)
    xa.set_mark(0, 0)
    xa.split(0, 3)
    return xa


def marks_of_leaves(xa: pc.XArray) -> set[str]:
    """The first mark's bitmap of each leaf."""
    return {part.split(" m")[1].split(",")[0] for part in xa.dump().split(" N ") if " 0 c" in part}


@EACH
def test_array_says_whose_it_is_like(like: str) -> None:
    assert pc.XArray(like=like).like == like
    assert pc.XArray.likes == ("5.17", "6.10", "6.14", "7.1")


def test_array_is_like_that_of_current_kernels_by_default() -> None:
    assert pc.XArray().like == "7.1"


@pytest.mark.parametrize("like", ["5.18", "7", "", None, 7.1])
def test_array_like_an_unknown_kernel_is_refused(like: str) -> None:
    with pytest.raises(ValueError, match=r"differ as 5\.17, 6\.10, 6\.14, 7\.1 do"):
        pc.XArray(like=like)


@EACH
def test_split_marks_the_first_slot_of_each_piece_or_all(like: str) -> None:
    xa = split_and_marked(like)
    assert marks_of_leaves(xa) == {"f" * 16 if like == "5.17" else "101010101010101"}
    xa.check()


@EACH
@pytest.mark.parametrize("chunk_shift", [3, 6, 9])
def test_search_by_mark_gives_each_piece_once_after_one_was_erased(
    like: str, chunk_shift: int
) -> None:
    """In Linux 5.17 this search gives siblings as entries, then never returns."""
    xa = split_and_marked(like, chunk_shift)
    xa.erase(8)
    expected = [0, *range(16, 8 << chunk_shift, 8)]
    assert [at for at, _ in xa.items(mark=0)] == expected
    assert xa.extract(mark=0)[0].tolist() == expected
    cursor, found = xa.cursor(), []
    while cursor.find(mark=0) is not None:
        found.append(cursor.index)
    assert found == expected


@EACH
@pytest.mark.parametrize("call", ["find", "find_after", "items", "extract", "cursor"])
def test_search_by_mark_ends_where_slots_that_hold_nothing_are_marked(like: str, call: str) -> None:
    xa = split_and_marked(like)
    for at in range(0, 512, 8):
        xa.erase(at)
    xa.store(5000, 1)
    ask = {
        "find": lambda: xa.find(0, mark=0),
        "find_after": lambda: xa.find_after(0, mark=0),
        "items": lambda: list(xa.items(mark=0)) or None,
        "extract": lambda: xa.extract(mark=0)[0].tolist() or None,
        "cursor": lambda: xa.cursor().find(mark=0),
    }
    assert ask[call]() is None


@EACH
def test_entry_stored_where_a_piece_was_erased_is_born_marked_like_5_17_alone(like: str) -> None:
    xa = split_and_marked(like)
    xa.erase(8)
    xa.store(9, 1)
    assert xa.get_mark(9, 0) == (like == "5.17")
    xa.check()


@EACH
@pytest.mark.parametrize(("order", "start"), [(6, 70), (9, 600), (3, 12)])
def test_pause_inside_an_entry_goes_to_its_end_or_on_by_its_length(
    like: str, order: int, start: int
) -> None:
    """Kernels from 6.14 on go too far inside a run of several slots; no cursor here does."""
    xa = pc.XArray(like=like)
    first = start >> order << order
    xa.store(first, 7, order)
    cursor = xa.cursor(start)
    assert cursor.find() == 7
    cursor.pause()
    older = like in ("5.17", "6.10")
    assert cursor.index == (start if older else first) + 2**order


@EACH
@pytest.mark.parametrize("order", [0, 3, 6, 9])
def test_pause_at_the_beginning_of_an_entry_goes_to_its_end(like: str, order: int) -> None:
    xa = pc.XArray(like=like)
    xa.store(1 << order, 7, order)
    cursor = xa.cursor()
    cursor.find()
    cursor.pause()
    assert cursor.index == 2 << order


@EACH
@pytest.mark.parametrize("mark", [None, 1])
@pytest.mark.parametrize("order", [0, 6, 9])
def test_walk_paused_after_the_highest_index_has_ended(
    like: str, mark: int | None, order: int
) -> None:
    """Whatever is stored then.  In Linux 7.1 a walk by mark begins again at 0."""
    xa = pc.XArray(like=like)
    xa.store(MAX_INDEX, 7, order)
    xa.set_mark(MAX_INDEX, 1)
    cursor = xa.cursor(MAX_INDEX)
    assert cursor.find(mark=mark) == 7
    cursor.pause()
    assert (cursor.index, cursor.walked) == (0, False) or like in ("5.17", "6.10")
    for index in (0, 100, 2**40):
        xa.store(index, 8)
        xa.set_mark(index, 1)
        assert cursor.find(mark=mark) is None


def test_loop_that_pauses_and_stores_at_the_highest_index_ends() -> None:
    xa = pc.XArray()
    xa.store(MAX_INDEX, 0)
    cursor, rounds = xa.cursor(), 0
    while cursor.find() is not None:
        cursor.pause()
        xa.erase(MAX_INDEX)
        xa.store(MAX_INDEX, 1)
        xa.store(2**rounds, 1)
        rounds += 1
    assert rounds == 1


@pytest.mark.parametrize("move", ["next", "prev", "index"])
def test_walk_that_has_ended_goes_on_once_the_cursor_is_moved(move: str) -> None:
    xa = pc.XArray()
    xa.store(MAX_INDEX, 7)
    xa.store(0, 6)
    xa.store(5, 5)
    cursor = xa.cursor(MAX_INDEX)
    cursor.find()
    cursor.pause()
    if move == "index":
        cursor.index = 1
    else:
        assert getattr(cursor, move)() == 6
        assert cursor.index == 0
    assert cursor.find() == 5


@EACH
def test_cyclic_ids_say_that_they_wrapped(like: str) -> None:
    """As `__xa_alloc_cyclic` of every kernel does."""
    xa = pc.XArray(alloc=1, like=like)
    xa.next = 2**32 - 1
    assert xa.alloc_cyclic(1) == (2**32 - 1, False)
    assert xa.alloc_cyclic(2) == (1, True)
    assert xa.alloc_cyclic(3) == (2, False)


@EACH
@pytest.mark.parametrize(("order", "new"), [(12, 0), (12, 5), (13, 3), (18, 11)])
def test_split_over_two_levels_is_refused_and_changes_nothing(
    like: str, order: int, new: int
) -> None:
    """Linux 5.17 splits order 12 to 0 into pieces of order 6."""
    xa = pc.XArray(like=like)
    xa.store(0, 7, order)
    xa.set_mark(0, 2)
    before = xa.dump()
    with pytest.raises(ValueError, match=f"cannot be split to order {new} in one step"):
        xa.split(0, new)
    assert xa.dump() == before


# What a search from inside an entry answers, and what is out of range


def test_find_from_inside_an_entry_gives_the_index_asked_for_but_by_mark_from_a_sibling() -> None:
    xa = pc.XArray()
    xa.store(512, 7, order=9)  # slots 8 to 15 of a node whose slots stand for 64 indices each
    xa.set_mark(512, 0)
    assert xa.find(570) == (570, 7)
    assert xa.find(570, mark=0) == (570, 7)
    assert xa.find(580) == (580, 7)
    assert xa.find(580, mark=0) == (512, 7)
    assert xa.find(580, mark=1) is None


@pytest.mark.parametrize("order", [-1, 64, 2**70])
def test_order_out_of_range_is_refused_by_every_call(order: int) -> None:
    xa = pc.XArray()
    calls = [
        lambda: xa.store(0, 1, order),
        lambda: xa.insert(0, 1, order),
        lambda: xa.split(0, order),
        lambda: xa.try_split(0, order),
        lambda: xa.cursor(0, order),
        lambda: xa.store_many(xa.extract()[0], xa.extract()[1], order),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=f"order {order} must be from 0 to 63"):
            call()


@pytest.mark.parametrize("index", [-1, 2**64])
def test_index_out_of_range_is_refused_by_every_call(index: int) -> None:
    xa = pc.XArray(alloc=0)
    calls = [
        lambda: xa.load(index),
        lambda: xa.store(index, 1),
        lambda: xa.erase(index),
        lambda: xa.find(index),
        lambda: xa.find(0, index),
        lambda: list(xa.items(index)),
        lambda: xa.extract(index),
        lambda: xa.cursor(index),
        lambda: xa.alloc(1, (index, 5)),
        lambda: xa.alloc(1, (0, index)),
        lambda: xa.alloc_cyclic(1, (0, index)),
        lambda: xa.mark_range(0 if index > 0 else index, max(index, 0), 1),
        lambda: xa.load_many(xa.extract()[0], default=index),
        lambda: xa.cursor().find(index),
    ]
    for call in calls:
        with pytest.raises(OverflowError, match=rf"{index} is not from 0 to 2\*\*64 - 1"):
            call()


@pytest.mark.parametrize("stop", [-1, -(2**70), 2**64 + 1])
def test_end_of_a_search_out_of_range_is_refused(stop: int) -> None:
    xa = pc.XArray()
    for call in (lambda: list(xa.items(0, stop)), lambda: xa.extract(0, stop)):
        with pytest.raises(OverflowError, match=rf"stop {stop} is not from 0 to 2\*\*64"):
            call()


@pytest.mark.parametrize("width", [-1, 2, 10, 2**70])
def test_width_out_of_range_is_refused(width: int) -> None:
    for make in (pc.XArray, pc.NodePool):
        with pytest.raises(ValueError, match=f"chunk_shift is {width}; it must be 3 to 9"):
            make(chunk_shift=width)


@pytest.mark.parametrize("limit", [-1, 2**64])
def test_number_of_entries_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match=f"limit {limit} must be from 0 to"):
        pc.XArray().extract(limit=limit)


@pytest.mark.parametrize("address", [-4, 2**64])
def test_address_out_of_range_is_refused(address: int) -> None:
    with pytest.raises(OverflowError, match=rf"{address} is not from 0 to 2\*\*64 - 1"):
        pc.Pointer(address)
