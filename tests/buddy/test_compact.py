"""Compaction: what moves, where to, what it costs, and when it is not tried."""

import pytest

from pagecache.buddy.buddy import Buddy
from pagecache.buddy.fragment import fill, fragment, release
from pagecache.buddy.moves import Moves

MOVABLE, RECLAIMABLE, DIRECT, NORETRY = 0x08, 0x10, 0x400, 0x10000


def small(frames: int = 64) -> Buddy:
    """Pageblocks of 8 frames, none larger."""
    return Buddy(frames, min_pages=0, max_order=3, pageblock_order=3)


def heads(memory: Buddy) -> list[int]:
    return [pfn for pfn, _, _ in memory.used()]


def test_scanners_meet_and_what_was_scattered_lies_at_the_top() -> None:
    memory = small()
    fragment(memory, "keep-one-of", k=4)
    assert heads(memory) == list(range(0, 64, 4))
    cost = memory.compact()
    # Six pageblocks are emptied from the bottom; each of the upper ones takes six frames, until
    # the scanners are in neighbouring ones: 16 frames in use, in 2 pageblocks.
    assert heads(memory) == [*range(48, 64)]
    assert cost == {"runs": 1, "migrate_scanned": 48, "free_scanned": 16, "moved": 12}
    assert memory.counts()[3] == 6
    memory.check()


def test_run_stops_at_the_first_block_of_the_order_wanted() -> None:
    memory = small()
    fragment(memory, "keep-one-of", k=4)
    pfn = memory.alloc(3, MOVABLE | DIRECT)
    assert pfn == 0
    assert memory.costs == {"runs": 1, "migrate_scanned": 8, "free_scanned": 3, "moved": 2}
    assert heads(memory)[:2] == [0, 8]


def test_next_run_goes_on_where_the_last_one_stopped() -> None:
    memory = small()
    fragment(memory, "keep-one-of", k=4)
    assert [memory.alloc(3, MOVABLE | DIRECT) for _ in range(3)] == [0, 8, 16]
    assert memory.costs["migrate_scanned"] == 24
    assert memory.costs["runs"] == 3


def test_compaction_restores_all_blocks_but_the_last() -> None:
    memory = small()
    fragment(memory, "keep-one-of", k=4)
    got = 0
    while True:
        try:
            memory.alloc(3, MOVABLE | DIRECT)
        except MemoryError:
            break
        got += 1
    assert got == 5  # of 6: compaction is not tried unless twice the block is free
    memory.check()


@pytest.mark.parametrize("gfp", [MOVABLE, MOVABLE | DIRECT | NORETRY])
def test_request_that_may_not_wait_or_retry_does_not_compact(gfp: int) -> None:
    memory = small()
    fragment(memory, "keep-one-of", k=4)
    with pytest.raises(MemoryError):
        memory.alloc(3, gfp)
    assert memory.costs["runs"] == 0


def test_pinned_frames_stay_and_keep_their_pageblocks_from_coming_free() -> None:
    memory = small()
    fragment(memory, "pinned", k=4, seed=1)
    before = memory.used()
    memory.compact()
    assert memory.used() == before


def test_holes_of_unmovable_pageblocks_are_left_to_their_kind() -> None:
    memory = Buddy(64, min_pages=0, max_order=3, pageblock_order=3, cache=False)
    pinned = [memory.alloc(0, 0) for _ in range(2)]
    low = [memory.alloc(0, MOVABLE) for _ in range(54)]
    for pfn in low[:-2]:
        memory.free(pfn)
    assert memory.pageblock_type(pinned[0]) == "unmovable"
    moves = Moves(memory)
    memory.compact()
    assert all(new >> 3 != pinned[0] >> 3 for _, new, _ in moves.take())
    assert heads(memory)[:2] == sorted(pinned)


def test_after_a_vain_run_the_next_requests_are_deferred() -> None:
    memory = Buddy(1 << 12, min_pages=0)
    fragment(memory, "pinned", k=4)
    runs = []
    for _ in range(200):
        with pytest.raises(MemoryError):
            memory.alloc(9, MOVABLE | DIRECT)
        runs.append(memory.costs["runs"])
    tried = [
        n for n, (before, after) in enumerate(zip([0, *runs], runs, strict=False)) if after > before
    ]
    assert tried == [0, 2, 6, 14, 30, 62, 126, 190]


def test_success_ends_putting_off() -> None:
    memory = Buddy(1 << 12, min_pages=0)
    fragment(memory, "pinned", k=4)
    for _ in range(4):
        with pytest.raises(MemoryError):
            memory.alloc(9, MOVABLE | DIRECT)
    for pfn, _, _ in memory.used():
        memory.free(pfn)
    fragment(memory, "keep-one-of", k=16)
    while memory.costs["moved"] == 0:
        try:
            memory.alloc(9, MOVABLE | DIRECT)
        except MemoryError:
            continue
    runs = memory.costs["runs"]
    memory.alloc(9, MOVABLE | DIRECT)
    assert memory.costs["runs"] == runs + 1


def test_held_block_stays_unless_its_holder_is_told() -> None:
    memory = small()
    pfn, pinned = memory.alloc(1), memory.alloc(3)
    memory.split(pinned)
    for frame in range(pinned, pinned + 7):
        memory.free(frame)
    assert memory.compact()["moved"] == 0
    moves = Moves(memory)
    assert memory.compact()["moved"] == 2
    ((old, new, order),) = moves.take()
    assert (old, new, order) == (pfn, pinned, 1)
    assert memory.used() == [(new, 1, "movable"), (pinned + 7, 0, "movable")]
    assert moves.take() == []
    with pytest.raises(ValueError, match="was it freed before"):
        memory.free(old)
    memory.free(new)
    memory.check()


def test_reclaimable_and_unmovable_blocks_stay() -> None:
    memory = small()
    moves = Moves(memory)
    for gfp in (0, RECLAIMABLE):
        memory.alloc(0, gfp)
    memory.compact()
    assert moves.take() == []


def test_memory_has_one_holder_at_a_time() -> None:
    memory = small()
    first = Moves(memory)
    with pytest.raises(ValueError, match="somebody already"):
        Moves(memory)
    del first
    Moves(memory)


def test_blocks_move_whole() -> None:
    memory = small()
    fill(memory)
    release(memory)
    moves = Moves(memory)
    blocks = [memory.alloc(k, MOVABLE) for k in (2, 0, 1, 2, 1, 0)]
    orders = dict(zip(blocks, (2, 0, 1, 2, 1, 0), strict=True))
    memory.compact()
    told = moves.take()
    assert told
    for old, new, order in told:
        assert orders.pop(old) == order
        assert memory.order(new) == order
        assert new % (1 << order) == 0
    memory.check()


def test_compaction_is_not_tried_where_memory_is_short() -> None:
    memory = Buddy(1 << 12, min_pages=64)
    fragment(memory, "keep-one-of", k=2, free=1024)
    fill(memory)
    for pfn in range(0, 4096, 5):
        memory.free(pfn)
    assert memory.free_frames < 64 + (2 << 9)
    with pytest.raises(MemoryError):
        memory.alloc(9, MOVABLE | DIRECT)
    assert memory.costs["runs"] == 0


def test_compaction_is_not_tried_where_the_index_says_it_is_lack_of_memory() -> None:
    memory = Buddy(1 << 12, min_pages=0)
    fill(memory)
    for block in range(8):  # eight blocks of order 7: four would do, so it is not scattered
        for pfn in range(512 * block, 512 * block + 128):
            memory.free(pfn)
    assert memory.counts()[7] == 8
    assert 0 <= memory.fragmentation_index(9) <= 1
    index = memory.fragmentation_index(9)
    runs = 0
    try:
        memory.alloc(9, MOVABLE | DIRECT)
        runs = 1
    except MemoryError:
        runs = int(memory.costs["runs"] > 0)
    assert runs == (index > 0.5)


def test_blocks_already_large_enough_are_neither_filled_nor_moved() -> None:
    memory = Buddy(1 << 13, min_pages=0)
    fragment(memory, "keep-one-of", k=2, share=0.5, seed=5)
    whole = memory.counts()
    memory.compact()
    after = memory.counts()
    assert after[9] + 2 * after[10] >= whole[9] + 2 * whole[10]
    memory.check()


def test_compaction_of_a_pageblock_that_ends_early_stays_inside_memory() -> None:
    memory = Buddy(5 * 8 + 3, min_pages=0, max_order=3, pageblock_order=3)
    fragment(memory, "keep-one-of", k=2)
    for pfn, _, _ in memory.used()[-3:-1]:
        memory.free(pfn)
    memory.compact()
    memory.check()
    assert memory.free_frames == 22
