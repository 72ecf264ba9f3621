"""pc.Memory: sizes, requests through a policy, fragmentation and moves."""

from typing import Any

import pytest

import pagecache as pc
from pagecache.gfp.flags import GFP_HIGHUSER_MOVABLE, GFP_KERNEL
from pagecache.gfp.reentry import Detector, Reentry
from pagecache.gfp.scope import memalloc_nofs, memalloc_pin

MOVABLE, DIRECT, NORETRY = 0x08, 0x400, 0x10000


def test_memory_of_a_size_hands_out_and_takes_back() -> None:
    memory = pc.Memory("4G", policy="fallback", seed=1)
    assert memory.buddyinfo() == [0] * 10 + [1024]
    pfn = memory.alloc(9)
    assert memory.order(pfn) == 9
    memory.free(pfn)
    assert memory.buddyinfo() == [0] * 10 + [1024]
    memory.check()
    assert repr(memory) == "<Memory of 4 GiB, 4 GiB free, policy fallback>"


@pytest.mark.parametrize("size", [4097, "64M1", "1K", 0, -4096, "17T", "x", 4096.5, None])
def test_size_that_is_none_is_an_error(size: Any) -> None:
    with pytest.raises(pc.InputError, match=r"^size: "):
        pc.Memory(size)


def test_size_is_in_bytes_and_one_page_at_least() -> None:
    assert pc.Memory(4096).buddyinfo() == [1] + [0] * 10
    with pytest.raises(pc.InputError, match="size: 4097 is no multiple of a page of 4096 bytes"):
        pc.Memory(4097)
    with pytest.raises(pc.InputError, match="size: '17T' is above 16 TiB"):
        pc.Memory("17T")


def test_lowest_watermark_can_be_given() -> None:
    assert pc.Memory("64M").buddy.watermarks[0] == 256
    assert pc.Memory("64M", min_free="2M").buddy.watermarks[0] == 512
    assert pc.Memory("64M", min_free=0).buddy.watermarks[0] == 0
    assert pc.Memory("64M", min_free="0").buddy.watermarks[0] == 0
    with pytest.raises(pc.InputError, match="min_free: '65M' is above the size, '64M'"):
        pc.Memory("64M", min_free="65M")
    with pytest.raises(pc.InputError, match="min_free: 5 is no multiple of a page"):
        pc.Memory("64M", min_free=5)


def test_unknown_policy_names_the_nearest() -> None:
    with pytest.raises(pc.InputError, match="unknown policy 'compund'; did you mean compound"):
        pc.Memory("64M", policy="compund")


@pytest.mark.parametrize("order", [-1, 11, 63, 10**30])
def test_order_out_of_range_changes_nothing(order: int) -> None:
    memory = pc.Memory("64M")
    with pytest.raises(ValueError, match="is not from 0 to 10"):
        memory.alloc(order)
    assert memory.policy.attempts == {}


@pytest.mark.parametrize("gfp", [-1, 1 << 32, 0x18])
def test_flags_that_are_none_are_an_error(gfp: int) -> None:
    memory = pc.Memory("64M")
    usual = memory.policy.gfp
    with pytest.raises(ValueError, match="flags"):
        memory.alloc(0, gfp=gfp)
    assert memory.policy.gfp == usual


@pytest.mark.parametrize("migrate", ["unmovable", "movable", "reclaimable"])
def test_migrate_type_is_that_asked_for(migrate: str) -> None:
    memory = pc.Memory("64M")
    assert memory.buddy.type(memory.alloc(3, migrate=migrate)) == migrate
    with pytest.raises(ValueError, match="unknown migrate type 'cma'"):
        memory.alloc(3, migrate="cma")


def test_double_free_and_wrong_order_change_nothing() -> None:
    memory = pc.Memory("64M")
    pfn = memory.alloc(4)
    with pytest.raises(ValueError, match="no block of order 3 in use begins"):
        memory.free(pfn, 3)
    memory.free(pfn, 4)
    before = memory.buddyinfo()
    with pytest.raises(ValueError, match="was it freed before"):
        memory.free(pfn)
    with pytest.raises(IndexError, match="there is no frame"):
        memory.free(1 << 20)
    assert memory.buddyinfo() == before


def test_split_pieces_are_freed_alone() -> None:
    memory = pc.Memory("64M")
    pfn = memory.alloc(9)
    memory.split(pfn, 6)
    memory.free(pfn + 64)
    assert memory.order(pfn + 128) == 6
    with pytest.raises(ValueError, match="was it freed before"):
        memory.free(pfn + 64)


def test_fallback_gives_what_there_is_and_order_tells() -> None:
    memory = pc.Memory("64M")
    memory.fragment("keep-one-of", k=8, share=1.0)
    assert memory.order(memory.alloc(9)) == 2
    assert memory.unusable_index(9) == 1.0
    assert memory.unusable_index(2) == pytest.approx(3 / 7, abs=0.001)
    assert memory.fragmentation_index(9) == pytest.approx(1, abs=0.01)
    assert memory.fragmentation_index(0) == -1


def test_compound_fails_where_compaction_is_not_allowed_and_gets_it_where_it_is() -> None:
    memory = pc.Memory("64M", policy="compound")
    memory.fragment("every-other")
    for gfp in (MOVABLE, MOVABLE | DIRECT | NORETRY):
        with pytest.raises(MemoryError, match="policy 'compound' has nothing for order 9: 8192 of"):
            memory.alloc(9, gfp=gfp)
    assert memory.order(memory.alloc(9, gfp=MOVABLE | DIRECT)) == 9
    memory.check()


def test_empty_pool_has_nothing() -> None:
    memory = pc.Memory("64M", policy="huge-pool", pool=2)
    blocks = [memory.alloc(9), memory.alloc(9)]
    with pytest.raises(MemoryError, match="policy 'huge-pool' has nothing"):
        memory.alloc(9)
    for pfn in blocks:
        memory.free(pfn)
        with pytest.raises(ValueError, match="was it freed before"):
            memory.free(pfn)


def test_gibibyte_pages_are_named_by_their_order() -> None:
    memory = pc.Memory("2G", policy="huge-pool", huge_order=18, pool=1)
    pfn = memory.alloc(18)
    assert memory.order(pfn) == 18
    memory.free(pfn)
    with pytest.raises(ValueError, match="order 19"):
        memory.alloc(19)


@pytest.mark.parametrize("pattern", ["every-other", "keep-one-of", "random", "pinned", "ageing"])
def test_every_pattern_scatters_by_the_seed_and_keeps_the_rule(pattern: str) -> None:
    counts = []
    for seed in (1, 1, 2):
        memory = pc.Memory("64M", seed=seed)
        memory.fragment(pattern, free="16M")
        memory.check()
        assert memory.buddy.free_frames >= 4096 - 200
        assert memory.unusable_index(9) > 0.5
        counts.append(memory.buddy.used())
    assert counts[0] == counts[1] != counts[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "keep"}, "unknown pattern 'keep': every-other, keep-one-of"),
        ({"pattern": "ageing", "share": 0.5}, "ageing decides itself"),
        ({"pattern": "random", "k": 1}, "k=1"),
        ({"pattern": "random", "free": "1G"}, "free fewer"),
        ({"pattern": "random", "free": 5}, "free: 5 is no multiple of a page"),
    ],
)
def test_fragment_with_bad_input_changes_nothing(options: dict[str, Any], message: str) -> None:
    memory = pc.Memory("64M")
    with pytest.raises(ValueError, match=message):
        memory.fragment(**options)
    assert memory.buddyinfo() == [0] * 10 + [16]


def test_release_takes_fragmentation_back() -> None:
    memory = pc.Memory("64M")
    memory.fragment("random", k=3)
    assert memory.release() > 0
    assert memory.buddyinfo() == [0] * 10 + [16]


def test_compaction_tells_the_holder_where_blocks_have_gone() -> None:
    where: dict[int, int] = {}

    def move(old: int, new: int, order: int) -> None:
        assert memory.order(new) == order
        where[new] = where.pop(old)

    memory = pc.Memory("64M", on_move=move)
    memory.fragment("keep-one-of", k=4, share=1.0)
    where |= {memory.alloc(1): name for name in range(500)}
    first = dict(where)
    cost = memory.compact()
    assert cost["moved"] > 1000
    assert sorted(where.values()) == list(range(500))
    assert where != first
    for pfn in where:
        memory.free(pfn, 1)
    memory.check()


def test_request_that_compacts_tells_the_holder_too() -> None:
    moves: list[tuple[int, int, int]] = []
    memory = pc.Memory("64M", policy="compound", on_move=lambda *move: moves.append(move))
    memory.fragment("keep-one-of", k=4)
    held = {memory.alloc(0) for _ in range(1000)}
    memory.alloc(9)
    assert moves
    assert {old for old, _, _ in moves} <= held
    assert all(memory.order(new) == order for _, new, order in moves)
    memory.check()


@pytest.mark.parametrize("flags", [1 << 26, 1 << 31, 1 << 32, -1, 0xCC0 | 1 << 27])
def test_bits_that_no_flag_has_are_refused(flags: int) -> None:
    memory = pc.Memory("64M")
    with pytest.raises(ValueError, match=r"no flag has the bits .*; see Gfp for those known"):
        memory.alloc(0, gfp=flags)
    with pytest.raises(ValueError, match="no flag has the bits"):
        pc.Memory("64M", gfp=flags)


@pytest.mark.parametrize("given", [{"gfp": 3264.0}, {"gfp": "GFP_KERNEL"}, {"order": 1.0}])
def test_what_is_no_integer_is_a_type_error(given: dict[str, Any]) -> None:
    memory = pc.Memory("64M")
    before = memory.buddyinfo()
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        memory.alloc(**given)
    assert memory.buddyinfo() == before


@pytest.mark.parametrize("order", [0, 11, -1])
def test_largest_order_out_of_range_is_refused(order: int) -> None:
    with pytest.raises(pc.InputError, match=f"max_order: {order} is not from 1 to 10"):
        pc.Memory("64M", max_order=order)


def test_scopes_take_bits_from_what_memory_is_asked_with() -> None:
    """A pin scope takes MOVABLE away, so the block lies among the unmovable ones."""
    memory = pc.Memory("64M")
    with memalloc_pin():
        pinned = memory.alloc(0, gfp=GFP_HIGHUSER_MOVABLE)
    movable = memory.alloc(0, gfp=GFP_HIGHUSER_MOVABLE)
    assert pinned // 512 != movable // 512
    assert memory.policy.gfp == pc.Memory("64M").policy.gfp


def test_allocation_that_could_re_enter_the_filesystem_is_named_and_takes_nothing() -> None:
    detector = Detector(fs=["ILOCK"])
    memory = pc.Memory("64M", detector=detector)
    before = memory.buddyinfo()
    with detector.holding("ILOCK"), pytest.raises(Reentry, match="GFP_KERNEL under ILOCK"):
        memory.alloc(0, gfp=GFP_KERNEL)
    assert memory.buddyinfo() == before
    with memalloc_nofs(), detector.holding("ILOCK"):
        memory.free(memory.alloc(0, gfp=GFP_KERNEL))


def test_on_move_that_raises_is_told_of_every_move_and_no_block_is_lost() -> None:
    seen: list[tuple[int, ...]] = []

    def failing(*move: int) -> None:
        seen.append(move)
        raise RuntimeError(f"move {len(seen)}")

    memory = pc.Memory("64M", policy="compound", on_move=failing, min_free=0)
    held = [memory.alloc(0) for _ in range(memory.buddy.free_frames)]
    for pfn in held[::2]:
        memory.free(pfn)
    free = memory.buddy.free_frames
    with pytest.raises(RuntimeError, match=r"move 1$"):
        memory.alloc(9)
    assert len(seen) > 1
    assert memory.buddy.free_frames == free
    memory.check()


def test_on_move_that_cannot_be_called_is_an_error() -> None:
    with pytest.raises(pc.InputError, match=r"^on_move: 3 cannot be called"):
        pc.Memory("64M", on_move=3)  # type: ignore[arg-type]


def test_argument_that_is_gone_is_told_the_new_one() -> None:
    with pytest.raises(TypeError, match="argument 'supply'; it is called policy now"):
        pc.Memory("64M", supply="fallback")
    with pytest.raises(TypeError, match="argument 'supply'; it is called alloc now"):
        pc.compare(supply=["fallback"])
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'siez'$"):
        pc.compare(siez="64M")
