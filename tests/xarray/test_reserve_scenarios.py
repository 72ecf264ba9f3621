"""Linux's own XArray tests of reserved slots, allocated IDs and orders read through a cursor."""

import pytest

import pagecache as pc

HIGHEST_ID = 2**32 - 1
MAX_INDEX = 2**64 - 1


@pytest.fixture(params=[None, 0], ids=["plain", "alloc"])
def kept(request: pytest.FixtureRequest, chunk_shift: int) -> pc.XArray:
    """An array of either kind: both can reserve."""
    return pc.XArray(alloc=request.param, chunk_shift=chunk_shift)


@pytest.fixture(params=[0, 1], ids=["from-0", "from-1"])
def ids(request: pytest.FixtureRequest, chunk_shift: int) -> tuple[pc.XArray, int]:
    """An array that hands out IDs, and the first of them."""
    return pc.XArray(alloc=request.param, chunk_shift=chunk_shift), request.param


# Reserved slots

SLOTS = [0, 1, 12345678]


@pytest.mark.parametrize("index", SLOTS)
def test_reserved_slot_reads_as_nothing_and_is_not_empty(kept: pc.XArray, index: int) -> None:
    kept.reserve(index)
    kept.check()
    assert not kept.empty
    assert kept.load(index) is None
    assert kept.order(index) == 0
    kept.release(index)
    assert kept.empty
    assert kept.nodes == 0


@pytest.mark.parametrize("index", SLOTS)
def test_release_after_a_store_does_nothing(kept: pc.XArray, index: int) -> None:
    kept.reserve(index)
    assert kept.store(index, 7) is None
    kept.release(index)
    assert kept.load(index) == 7
    kept.reserve(index)
    assert kept.load(index) == 7
    assert kept.erase(index) == 7
    assert kept.empty


@pytest.mark.parametrize("index", SLOTS)
def test_release_of_what_was_never_reserved_does_nothing(kept: pc.XArray, index: int) -> None:
    kept.release(index)
    assert kept.empty
    kept.store(index, 7)
    kept.release(index)
    assert kept.load(index) == 7


@pytest.mark.parametrize("index", SLOTS)
def test_reserved_slot_is_busy_for_insert_and_not_nothing_for_cmpxchg(
    kept: pc.XArray, index: int
) -> None:
    """As in Linux 5.17: NULL is not what the slot holds."""
    kept.reserve(index)
    with pytest.raises(pc.EntryExists):
        kept.insert(index, 7)
    assert kept.cmpxchg(index, None, 7) is None
    assert kept.load(index) is None
    assert kept.erase(index) is None
    assert kept.empty


@pytest.mark.parametrize("index", SLOTS)
def test_inserting_nothing_reserves(kept: pc.XArray, index: int) -> None:
    kept.insert(index, None)
    assert not kept.empty
    with pytest.raises(pc.EntryExists):
        kept.insert(index, None)
    kept.release(index)
    assert kept.empty


@pytest.mark.parametrize("index", SLOTS)
def test_store_into_a_reserved_slot_needs_no_memory(kept: pc.XArray, index: int) -> None:
    kept.reserve(index)
    kept.pool.limit = 0
    assert kept.store(index, pc.Pointer(0x40)) is None
    assert kept.load(index) == pc.Pointer(0x40)


def test_searches_and_batches_pass_a_reserved_slot(kept: pc.XArray) -> None:
    kept.store(5, 5)
    kept.reserve(6)
    kept.store(7, 7)
    assert kept.find(6) == kept.find_after(5) == (7, 7)
    assert [found.tolist() for found in kept.extract()] == [[5, 7], [5, 7]]


def test_iteration_passes_a_reserved_slot(kept: pc.XArray) -> None:
    kept.store(5, 5)
    kept.reserve(6)
    kept.store(7, 7)
    assert list(kept) == [(5, 5), (7, 7)]


def test_release_makes_room_for_the_next_id(chunk_shift: int) -> None:
    xa = pc.XArray(alloc=0, chunk_shift=chunk_shift)
    for index in (5, 6, 7):
        xa.reserve(index)
    assert xa.alloc(8, (5, 10)) == 8
    xa.release(6)
    assert xa.alloc(6, (5, 10)) == 6


def test_storing_nothing_keeps_the_id_and_erasing_frees_it(ids: tuple[pc.XArray, int]) -> None:
    xa, _ = ids
    for index in range(10):
        xa.store(index, None)
    xa.store(3, 3)
    xa.store(4, 4)
    assert xa.store(4, None) == 4
    assert xa.store(5, None) is None
    assert xa.erase(5) is None
    assert xa.alloc(5) == 5
    assert xa.alloc(10) == 10
    assert xa.load(4) is None


# IDs


def test_first_id_is_the_base_and_comes_again_when_free(ids: tuple[pc.XArray, int]) -> None:
    xa, base = ids
    for _ in range(2 * 64):
        assert xa.alloc(7) == base
        assert xa.erase(base) == 7
        assert xa.empty
    assert xa.alloc(7) == base
    xa.destroy()
    assert xa.alloc(7) == base


def test_stored_index_is_taken_until_it_is_erased(ids: tuple[pc.XArray, int]) -> None:
    xa, base = ids
    xa.store(base, 1)
    assert xa.alloc(2) == base + 1
    xa.erase(base)
    assert xa.alloc(3) == base


def test_five_thousand_ids_are_handed_out_in_order(ids: tuple[pc.XArray, int]) -> None:
    xa, base = ids
    assert [xa.alloc(k) for k in range(5000)] == list(range(base, base + 5000))
    xa.check()
    for index in range(base, base + 5000):
        xa.erase(index)
    assert xa.empty
    assert xa.nodes == 0


def test_highest_ids_are_handed_out_once(ids: tuple[pc.XArray, int]) -> None:
    xa, _ = ids
    limit = (HIGHEST_ID - 1, HIGHEST_ID)
    assert [xa.alloc(7, limit) for _ in range(2)] == list(limit)
    with pytest.raises(pc.EntryExists, match=f"no index from {limit[0]} to {limit[1]} is free"):
        xa.alloc(7, limit)
    for index in limit:
        xa.erase(index)
    assert xa.empty


def test_limit_upside_down_has_no_free_index(ids: tuple[pc.XArray, int]) -> None:
    xa, _ = ids
    for _ in range(2):
        with pytest.raises(pc.EntryExists):
            xa.alloc(7, (10, 5))
        xa.store(3, 3)


def test_allocating_nothing_reserves_ids(ids: tuple[pc.XArray, int]) -> None:
    xa, base = ids
    assert [xa.alloc(None) for _ in range(10)] == list(range(base, base + 10))
    assert not xa.empty
    assert xa.extract()[0].tolist() == []
    assert [xa.erase(index) for index in range(base, base + 10)] == [None] * 10
    assert xa.empty


def test_plain_array_hands_out_no_ids(xa: pc.XArray) -> None:
    for call in (xa.alloc, xa.alloc_cyclic):
        with pytest.raises(ValueError, match="alloc=0 or alloc=1"):
            call(7)
    assert xa.empty


def test_cyclic_ids_go_on_after_the_last_and_wrap(ids: tuple[pc.XArray, int]) -> None:
    xa, _ = ids
    limit = (1, 0x3FFF)
    assert xa.alloc_cyclic(0, limit) == (1, False)
    xa.next = 0x3FFD
    given = [xa.alloc_cyclic(0, limit) for _ in range(6)]
    assert given == [
        (0x3FFD, False),
        (0x3FFE, False),
        (0x3FFF, False),
        (2, True),
        (3, False),
        (4, False),
    ]


def test_cyclic_id_after_the_highest_reports_that_it_wrapped(ids: tuple[pc.XArray, int]) -> None:
    xa, base = ids
    xa.next = HIGHEST_ID
    given = [xa.alloc_cyclic(7) for _ in range(3)]
    assert given == [(HIGHEST_ID, False), (base, True), (base + 1, False)]
    assert xa.next == base + 2


def test_cyclic_allocation_that_finds_nothing_leaves_next_alone(ids: tuple[pc.XArray, int]) -> None:
    xa, _ = ids
    for index in range(1, 11):
        xa.store(index, index)
    xa.next = 5
    before = xa.dump()
    with pytest.raises(pc.EntryExists):
        xa.alloc_cyclic(7, (1, 10))
    assert (xa.next, xa.dump()) == (5, before)


def test_cyclic_id_stays_within_the_limit_when_next_is_beyond(ids: tuple[pc.XArray, int]) -> None:
    xa, _ = ids
    for index in range(1, 11):
        xa.store(index, index)
    xa.next = 100
    with pytest.raises(pc.EntryExists):
        xa.alloc_cyclic(7, (1, 10))


def test_last_index_is_not_handed_out_twice(ids: tuple[pc.XArray, int]) -> None:
    xa, _ = ids
    xa.store(MAX_INDEX, 1)
    with pytest.raises(pc.EntryExists):
        xa.alloc(2, (MAX_INDEX, MAX_INDEX))


@pytest.mark.parametrize("by_range", [False, True], ids=["order", "range"])
def test_ids_of_a_larger_entry_are_free_again_when_it_is_erased(
    ids: tuple[pc.XArray, int], by_range: bool
) -> None:
    xa, base = ids
    if by_range:
        xa.store_range(4, 7, 1)
    else:
        xa.store(4, 1, order=2)
    taken = [xa.alloc(2) for _ in range(4 - base)]
    assert taken == list(range(base, 4))
    xa.erase(4)
    assert [xa.alloc(2) for _ in range(4)] == [4, 5, 6, 7]


# Orders and conflicts, seen by a cursor


@pytest.mark.parametrize("order", range(20))
def test_cursor_tells_the_order_at_every_index(xa: pc.XArray, order: int) -> None:
    """Thinned from order 5 on: some 32 indices of each block are asked."""
    assert xa.cursor(0).order() == 0
    for block in range(10):
        first, step = block << order, max(1, 2**order // 32)
        xa.store(first, block, order)
        for index in [*range(first, first + 2**order, step), first + 2**order - 1]:
            cursor = xa.cursor(index)
            assert (cursor.load(), cursor.order()) == (block, order)
            assert cursor.extent() == (first, first + 2**order - 1)


@pytest.mark.parametrize("order", range(20))
def test_range_within_an_entry_or_around_it_conflicts_with_it(xa: pc.XArray, order: int) -> None:
    for block in range(10):
        first = block << order
        xa.store(first, block, order)
        for k in range(order):
            for at in {first + 2**k, first + 2**order - 2**k}:
                cursor = xa.cursor(at, order=k)
                assert (cursor.conflict(), cursor.order()) == (block, order)
        if order % xa.pool.chunk_shift != xa.pool.chunk_shift - 1:
            xa.erase(first ^ (1 << order))
            assert xa.cursor(first, order=order + 1).conflict() == block
    beyond = 10 << order
    assert xa.cursor(beyond, order=order).conflict() is None
