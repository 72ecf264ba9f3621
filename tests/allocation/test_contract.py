"""What every policy promises to a mapping, and what sets each apart."""

from typing import Any

import pytest

from pagecache import allocation, designs
from pagecache.allocation import registry
from pagecache.allocation.buddy_policy import Counting
from pagecache.buddy.buddy import Buddy
from pagecache.errors import InputError

FRAMES = 1 << 14
ORDERS = {"pages": 0, "min-order": 4}  # the least order that it can give, if not any
SPLITTING = [name for name in allocation.names() if name != "huge-pool"]


@pytest.fixture
def memory() -> Buddy:
    return Buddy(FRAMES, min_pages=0)


@pytest.fixture(params=allocation.names())
def made(request: pytest.FixtureRequest, memory: Buddy) -> Counting:
    return allocation.make(request.param, memory)


def drain(made: Counting, order: int, least: int = 0) -> list[tuple[int, int]]:
    """Blocks until none is left."""
    blocks = []
    while (block := made.alloc(order, least)) is not None:
        blocks.append(block)
    return blocks


@pytest.mark.parametrize("order", [0, 4, 9])
def test_blocks_are_aligned_disjoint_and_of_no_larger_order(made: Counting, order: int) -> None:
    taken: set[int] = set()
    for pfn, got in drain(made, order):
        frames = set(range(pfn, pfn + (1 << got)))
        assert got <= max(order, ORDERS.get("min-order", 0))
        assert pfn % (1 << got) == 0
        assert pfn + (1 << got) <= FRAMES
        assert not taken & frames
        taken |= frames
    made.buddy.check()


def test_no_block_is_below_the_least_order(made: Counting) -> None:
    for pfn, order in drain(made, 9, 4):
        assert order >= 4, pfn


@pytest.mark.parametrize("order", [0, 4, 9])
def test_memory_is_as_before_when_all_is_given_back(made: Counting, order: int) -> None:
    before = made.buddy.counts()
    for pfn, got in drain(made, order):
        made.free(pfn, got)
    assert made.buddy.counts() == before
    made.buddy.check()


def test_block_freed_twice_or_at_another_order_is_an_error(made: Counting) -> None:
    pfn, order = made.alloc(9) or (0, 0)
    before = made.buddy.used()
    for wrong in ({0, 5, 9} | {order + 1}) - {order}:
        with pytest.raises(ValueError, match=f"no block of order {wrong} in use begins at frame"):
            made.free(pfn, wrong)
    assert made.buddy.used() == before
    made.free(pfn, order)
    for again in (pfn, pfn + 1, FRAMES, 2**64 - 1):
        with pytest.raises(ValueError, match="was it freed before"):
            made.free(again, order)
    made.buddy.check()


def test_least_above_the_order_is_an_error(made: Counting) -> None:
    with pytest.raises(ValueError, match="least order 3 is above the order asked for, 2"):
        made.alloc(2, 3)


def test_attempts_are_blocks_and_failures(made: Counting) -> None:
    blocks = drain(made, 9)
    assert sum(made.got.values()) == len(blocks)
    assert {order for _, order in blocks} == set(made.got)
    assert made.failures
    assert sum(made.attempts.values()) == len(blocks) + sum(made.failures.values())
    made.reset_counts()
    assert (made.attempts, made.got, made.failures) == ({}, {}, {})


def test_order_above_the_largest_block_is_refused_or_falls(made: Counting) -> None:
    before = made.buddy.used()
    block = made.alloc(18, 11)
    assert block is None
    assert made.buddy.used() == before


@pytest.mark.parametrize("order", [11, 18, 63, 2**32 - 1])
def test_fallback_begins_at_the_largest_block(memory: Buddy, order: int) -> None:
    fallback = allocation.make("fallback", memory)
    assert fallback.alloc(order) == (0, 10)
    assert fallback.attempts == {10: 1}
    assert fallback.alloc(order, order) is None


@pytest.mark.parametrize("name", SPLITTING)
def test_pieces_of_a_split_block_are_given_back_one_by_one(name: str, memory: Buddy) -> None:
    made = allocation.make(name, memory)
    before = memory.counts()
    pfn, order = made.alloc(9) or (0, 0)
    made.split(pfn, order, 0)
    with pytest.raises(ValueError, match="no block of order"):
        made.free(pfn, order or 1)
    for frame in range(pfn, pfn + (1 << order)):
        made.free(frame, 0)
    assert memory.counts() == before


def test_huge_pages_of_a_pool_are_not_split(memory: Buddy) -> None:
    pool = allocation.make("huge-pool", memory)
    pfn, order = pool.alloc(9) or (0, 0)
    with pytest.raises(ValueError, match="can be split to order 0"):
        pool.split(pfn, order, 0)
    pool.free(pfn, order)


def test_policies_are_those_that_the_designs_name() -> None:
    assert allocation.names() == designs.POLICIES


def test_unknown_policy_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="unknown policy 'fallbak'; did you mean fallback"):
        allocation.make("fallbak", FRAMES)


@pytest.mark.parametrize("name", allocation.names())
def test_unknown_option_is_answered_with_the_known(name: str) -> None:
    with pytest.raises(InputError, match=f"policy '{name}' has no option pol; it takes .*gfp"):
        allocation.make(name, FRAMES, pol=3)


def test_every_option_of_the_registry_is_one_of_a_policy() -> None:
    assert registry.OPTIONS.keys() <= set(allocation.names())


def test_abstract_policy_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        allocation.Policy()


def scattered(keep: int = 2) -> Buddy:
    """Memory in which every `keep`th frame is in use and cannot be moved."""
    memory = Buddy(FRAMES, min_pages=0, cache=False)
    frames = [memory.alloc(0, 0) for _ in range(FRAMES)]
    for pfn in frames:
        if pfn % keep:
            memory.free(pfn)
    return memory


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("pages", {}, {0}),
        ("compound", {}, set()),
        ("fallback", {}, {0, 1, 2}),
        ("min-order", {"min_order": 1}, {1, 2}),
        ("min-order", {"min_order": 4}, set()),
    ],
)
def test_orders_got_where_seven_of_eight_are_free(
    name: str, options: dict[str, Any], expected: set[int]
) -> None:
    made = allocation.make(name, scattered(8), **options)
    drain(made, 9)
    assert set(made.got) == expected


def test_fallback_tries_every_order_once_and_fails_fast() -> None:
    made = allocation.make("fallback", scattered(2))
    assert made.alloc(9) is not None
    assert made.attempts == dict.fromkeys(range(10), 1)
    assert made.buddy.costs["runs"] == 0


def test_fallback_tries_hard_at_the_least_order_only() -> None:
    made = allocation.make("fallback", scattered(2))
    assert made.alloc(5, 3) is None
    assert made.attempts == {3: 1, 4: 1, 5: 1}
    assert made.buddy.costs["runs"] == 1


def test_order_below_the_block_size_is_raised_to_it(memory: Buddy) -> None:
    assert allocation.make("min-order", memory, min_order=4).alloc(0) == (0, 4)


def test_block_size_above_the_largest_block_is_an_error(memory: Buddy) -> None:
    with pytest.raises(ValueError, match="min_order 11 is above the largest order, 10"):
        allocation.make("min-order", memory, min_order=11)


def test_pool_is_reserved_beforehand_and_empty_pool_gives_nothing(memory: Buddy) -> None:
    pool = allocation.make("huge-pool", memory, pool=4)
    assert memory.free_frames == FRAMES - 4 * 512
    assert [pool.alloc(9) for _ in range(5)] == [*((k * 512, 9) for k in range(4)), None]
    assert memory.free_frames == FRAMES - 4 * 512


def test_surplus_comes_from_memory_and_goes_back_there(memory: Buddy) -> None:
    pool: Any = allocation.make("huge-pool", memory, pool=1, surplus=2)
    blocks = [pool.alloc(9) for _ in range(4)]
    assert blocks[3] is None
    assert (pool.surplus_in_use, memory.free_frames) == (2, FRAMES - 3 * 512)
    for block in blocks[:3]:
        pool.free(*block)
    assert (pool.surplus_in_use, pool.unused) == (0, 1)
    assert memory.free_frames == FRAMES - 512


def test_pool_gives_back_what_is_not_in_use(memory: Buddy) -> None:
    pool: Any = allocation.make("huge-pool", memory, pool=3)
    pool.alloc(9)
    assert pool.shrink() == 2
    assert (pool.pool, pool.unused) == (1, 0)
    assert memory.free_frames == FRAMES - 512
    memory.check()


def test_pool_larger_than_memory_is_an_error_and_takes_nothing() -> None:
    memory = scattered(512)
    for pfn in range(0, FRAMES // 2, 512):
        memory.free(pfn)
    before = memory.counts()
    with pytest.raises(MemoryError, match="only 16 of 20 huge pages of order 9"):
        allocation.make("huge-pool", memory, pool=20)
    assert memory.counts() == before
    with pytest.raises(MemoryError, match="no room for 33 huge pages"):
        allocation.make("huge-pool", memory, pool=33)
    memory.check()


def test_huge_pages_of_a_gibibyte_are_adjacent_blocks() -> None:
    memory = Buddy(1 << 20)
    before = memory.counts()
    pool: Any = allocation.make("huge-pool", memory, huge_order=18, pool=2)
    first, second = pool.alloc(18), pool.alloc(18)
    assert (first, second, pool.alloc(18)) == ((0, 18), (1 << 18, 18), None)
    memory.check()
    assert memory.counts()[10] == before[10] - 512
    pool.free(*first)
    pool.free(*second)
    pool.shrink()
    assert memory.counts() == before
    memory.check()


def test_gibibyte_page_needs_all_its_blocks_free() -> None:
    memory = Buddy(1 << 19)
    memory.alloc(0)
    pool: Any = allocation.make("huge-pool", memory, huge_order=18, pool=1)
    assert pool.alloc(18) == (1 << 18, 18)
    with pytest.raises(MemoryError, match="only 0 of 1"):
        allocation.make("huge-pool", memory, huge_order=18, pool=1)


@pytest.mark.parametrize("name", allocation.names())
@pytest.mark.parametrize("bits", [1 << 26, 1 << 40, -1])
def test_flags_of_a_policy_are_known_ones(name: str, bits: int) -> None:
    with pytest.raises(ValueError, match="no flag has the bits"):
        allocation.make(name, 1 << 14, gfp=bits)
    with pytest.raises(TypeError):
        allocation.make(name, 1 << 14, gfp=8.0)


@pytest.mark.parametrize("order", [-1, 2**32, 2**70])
def test_orders_of_a_policy_name_their_range(order: int) -> None:
    for name, option in (("min-order", "min_order"), ("huge-pool", "huge_order")):
        with pytest.raises(ValueError, match=f"{option} {order} is not from 0 to 18"):
            allocation.make(name, 1 << 14, **{option: order})
    fallback: Any = allocation.make("fallback", 1 << 14)
    with pytest.raises(ValueError, match=f"order {order} is not from 0 to 4294967295"):
        fallback.alloc(order)
    with pytest.raises(ValueError, match="the least order -1 is not from 0 to 4294967295"):
        fallback.alloc(4, -1)
    with pytest.raises(TypeError):
        fallback.alloc(4.0)
