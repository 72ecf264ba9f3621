"""Migrate types: whose blocks a request takes, and when a pageblock changes hands."""

import pytest

from pagecache.buddy.buddy import Buddy

UNMOVABLE, MOVABLE, RECLAIMABLE = 0, 0x08, 0x10
NAMES = {UNMOVABLE: "unmovable", MOVABLE: "movable", RECLAIMABLE: "reclaimable"}


def small(frames: int = 64, max_order: int = 4, pageblock_order: int = 3) -> Buddy:
    return Buddy(
        frames, min_pages=0, cache=False, max_order=max_order, pageblock_order=pageblock_order
    )


def types(memory: Buddy, step: int = 8) -> list[str]:
    return [memory.pageblock_type(pfn)[0] for pfn in range(0, memory.frames, step)]


def filled(types_of: dict[int, int], frames: int = 64) -> Buddy:
    """Memory in use, frame by frame, its pageblocks of 8 frames typed as given, else movable."""
    memory = small(frames, 3)
    order = sorted(range(frames // 8), key=lambda block: types_of.get(block, MOVABLE) == MOVABLE)
    taken = [memory.alloc(3, types_of.get(block, MOVABLE)) for block in order]
    for pfn in taken:
        memory.split(pfn)
    return memory


def test_memory_begins_movable() -> None:
    assert small().counts("movable")[4] == 4
    assert small().counts("unmovable") == [0] * 11


@pytest.mark.parametrize("kind", [UNMOVABLE, RECLAIMABLE])
def test_first_request_of_a_type_claims_the_pageblocks_of_a_largest_block(kind: int) -> None:
    memory = small()
    pfn = memory.alloc(0, kind)
    assert memory.type(pfn) == NAMES[kind]
    assert types(memory) == [*([NAMES[kind][0]] * 2), *(["m"] * 6)]
    assert memory.counts(NAMES[kind])[:5] == [1, 1, 1, 1, 0]
    assert memory.events == {"kswapd_wakes": 0, "fallbacks": 1, "claims": 2}
    memory.check()


def test_next_request_of_the_type_stays_in_its_pageblock() -> None:
    memory = small()
    memory.alloc(0, UNMOVABLE)
    memory.alloc(0, UNMOVABLE)
    assert memory.alloc(3, MOVABLE) >= 16
    assert memory.events["fallbacks"] == 1


def test_block_goes_back_to_the_list_of_its_pageblock() -> None:
    memory = filled({0: UNMOVABLE})
    memory.free(3)
    memory.free(11)
    assert memory.counts("unmovable")[0] == 1
    assert memory.counts("movable")[0] == 1


@pytest.mark.parametrize(
    ("wanted", "first", "second"),
    [
        (UNMOVABLE, RECLAIMABLE, MOVABLE),
        (MOVABLE, RECLAIMABLE, UNMOVABLE),
        (RECLAIMABLE, UNMOVABLE, MOVABLE),
    ],
)
def test_types_fall_back_in_the_order_of_linux(wanted: int, first: int, second: int) -> None:
    memory = filled({0: first, 1: second} | dict.fromkeys(range(2, 8), wanted))
    places = {memory.pageblock_type(pfn): pfn for pfn in (0, 8, 16, 24, 32, 40, 48, 56)}
    memory.free(places[NAMES[first]])
    memory.free(places[NAMES[second]])
    assert memory.alloc(0, wanted) == places[NAMES[first]]
    assert memory.alloc(0, wanted) == places[NAMES[second]]


def test_fallback_takes_the_largest_block() -> None:
    memory = filled({})
    memory.free(0)
    for pfn in (10, 11):
        memory.free(pfn)
    assert memory.alloc(0, UNMOVABLE) == 10
    assert memory.counts("movable")[:2] == [2, 0]


def test_larger_block_of_the_second_type_comes_before_a_smaller_one_of_the_first() -> None:
    memory = filled({0: RECLAIMABLE})
    memory.free(0)
    memory.free(8)
    memory.free(9)
    assert memory.alloc(0, UNMOVABLE) == 8


@pytest.mark.parametrize(("free", "claimed"), [(3, False), (4, True)])
def test_pageblock_is_claimed_from_half_of_it_free(free: int, claimed: bool) -> None:
    memory = filled({})
    frames = [0, 2, 4, 6][:free]  # no two of them buddies
    for pfn in frames:
        memory.free(pfn)
    memory.alloc(0, UNMOVABLE)
    assert memory.pageblock_type(0) == ("unmovable" if claimed else "movable")
    assert memory.counts("unmovable" if claimed else "movable")[0] == free - 1
    memory.check()


def test_own_blocks_are_taken_before_any_other_is_touched() -> None:
    memory = filled({0: UNMOVABLE})
    for pfn in range(8, 16):
        memory.free(pfn)
    memory.free(5)
    assert memory.alloc(0, UNMOVABLE) == 5
    assert memory.pageblock_type(8) == "movable"


def test_no_type_is_refused_while_any_has_a_block() -> None:
    memory = small()
    for kind in (UNMOVABLE, MOVABLE, RECLAIMABLE) * 5 + (MOVABLE,):
        memory.alloc(2, kind)
        memory.check()
    with pytest.raises(MemoryError):
        memory.alloc(0, UNMOVABLE)


def test_block_over_two_pageblocks_is_listed_by_the_first() -> None:
    memory = small()
    pfn = memory.alloc(4, UNMOVABLE)
    memory.split(pfn, 3)
    memory.free(pfn + 8)
    low = memory.alloc(3, RECLAIMABLE)  # claims one pageblock, of the largest there is
    memory.free(low)
    memory.free(pfn)
    assert sum(memory.counts(name)[4] for name in NAMES.values()) == 4
    memory.check()


def test_mixed_workload_keeps_the_types_apart_while_there_is_room() -> None:
    memory = Buddy(1 << 15, min_pages=0)
    taken = {memory.alloc(0, kind) for kind in (UNMOVABLE, MOVABLE, RECLAIMABLE) * 1500}
    for pfn, _, name in memory.used():
        assert memory.pageblock_type(pfn) == name
    assert len(taken) == 4500
