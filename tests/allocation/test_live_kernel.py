"""What a running kernel did in memory fragmented on purpose, done again in simulated memory.

Each row of fragmentation.csv is a shape: so much free, so much of it scattered by keeping one page
of k.  The memory is given that shape and then asked for as many 2 MiB blocks, one by one.
"""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pagecache import allocation
from pagecache.allocation.buddy_policy import Counting
from pagecache.buddy.buddy import Buddy
from pagecache.buddy.fragment import fragment

DATA = Path(__file__).parents[1] / "data" / "live-kernel" / "fragmentation.csv"
ORDER = 9
MIB = 256  # frames
NO_COMPACTION = 0x08 | 0x800  # movable; may wake kswapd, may not wait
POINTS = 0.05


class Row(NamedTuple):
    """One shape and what the kernel did there."""

    k: int
    free: int  # frames
    unusable: float
    blocks: int
    attempts: int
    share: float
    orders: dict[int, int]

    @property
    def name(self) -> str:
        return f"1-of-{self.k}-unusable-{self.unusable}"


def read(row: dict[str, str]) -> Row:
    orders = (pair.split(":") for pair in row["fallback_orders_median_run"].split())
    return Row(
        int(row["kept_1_page_of"]),
        int(row["free_mb"]) * MIB,
        float(row["unusable_index_order9"].split()[0]),
        int(row["free_2mb_blocks"].split()[0]),
        int(row["attempts"]),
        float(row["share"]),
        {int(order): int(count) for order, count in orders},
    )


ROWS = [read(row) for row in csv.DictReader(DATA.read_text().splitlines())]
rows = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


def shaped(row: Row, seed: int = 1) -> Buddy:
    """Memory of just that shape, in whole pageblocks; and what the watermarks keep."""
    scattered = row.unusable * row.free / (1 - 1 / row.k)
    frames = round((scattered + (1 - row.unusable) * row.free) / 512 + 2) * 512
    memory = Buddy(frames)
    fragment(memory, "keep-one-of", k=row.k, share=row.unusable, free=row.free, seed=seed)
    return memory


def free_blocks(memory: Buddy) -> int:
    counts = memory.counts()
    return counts[ORDER] + 2 * counts[ORDER + 1]


def successes(made: Counting, attempts: int) -> int:
    return sum(made.alloc(ORDER) is not None for _ in range(attempts))


def cover(made: Counting, pages: int) -> None:
    """Blocks for a range of pages, each as large as there is, up to the rest of the range."""
    order = ORDER
    while pages:
        block = made.alloc(min(order, pages.bit_length() - 1))
        assert block is not None
        order = block[1]
        pages -= 1 << order


def test_all_twelve_shapes_are_here() -> None:
    assert len(ROWS) == 12
    assert {row.attempts for row in ROWS} == {768}


@rows
def test_memory_takes_the_shape(row: Row) -> None:
    memory = shaped(row)
    assert memory.free_frames == pytest.approx(row.free, abs=512)
    assert free_blocks(memory) == pytest.approx(row.blocks, abs=4)
    assert memory.unusable_index(ORDER) == pytest.approx(row.unusable, abs=0.003)


@rows
@pytest.mark.parametrize("seed", [1, 2])
def test_success_without_compaction_is_that_of_the_kernel(row: Row, seed: int) -> None:
    memory = shaped(row, seed)
    blocks = free_blocks(memory)
    got = successes(allocation.make("compound", memory, gfp=NO_COMPACTION), row.attempts)
    assert got / row.attempts == pytest.approx(row.share, abs=POINTS)
    assert got / row.attempts == pytest.approx(min(1, blocks / row.attempts), abs=POINTS)
    assert memory.costs["runs"] == 0
    memory.check()


@rows
def test_failed_requests_fall_to_the_orders_that_the_kernel_fell_to(row: Row) -> None:
    memory = shaped(row)
    made = allocation.make("fallback", memory, gfp=NO_COMPACTION)
    for _ in range(row.attempts):
        cover(made, 1 << ORDER)
    got = made.got
    assert sum(count << order for order, count in got.items()) == row.attempts << ORDER
    assert got[ORDER] == pytest.approx(row.orders[ORDER], abs=POINTS * row.attempts)
    if set(got) == {ORDER}:
        assert set(row.orders) == {ORDER}
        return
    fallen = {order: count << order for order, count in got.items() if order < ORDER}
    kernel = {order: count << order for order, count in row.orders.items() if order < ORDER}
    # Where keeping one page of 2^n leaves runs of at most order n - 1, most of the pages are of
    # that order, in both; the kernel's memory had holes of other sizes besides.
    most = row.k.bit_length() - 2
    assert max(fallen, key=lambda order: fallen[order]) == most
    assert max(kernel, key=lambda order: kernel[order]) == most
    assert made.failures[ORDER] == made.attempts[ORDER] - got[ORDER]


@rows
def test_order_9_of_fallback_is_what_compound_gets(row: Row) -> None:
    compound = allocation.make("compound", shaped(row), gfp=NO_COMPACTION)
    fallback = allocation.make("fallback", shaped(row), gfp=NO_COMPACTION)
    for _ in range(row.attempts):
        cover(fallback, 1 << ORDER)
    assert fallback.got[ORDER] == successes(compound, row.attempts)


@rows
def test_compaction_restores_nearly_all(row: Row) -> None:
    memory = shaped(row)
    before = memory.free_frames
    got = successes(allocation.make("compound", memory), row.attempts)
    assert 0.92 <= got / row.attempts <= 1
    assert memory.free_frames == before - (got << ORDER)
    assert (memory.costs["moved"] > 0) == (row.blocks < row.attempts)
    memory.check()


def test_pinned_pages_keep_compaction_from_restoring() -> None:
    row = ROWS[-1]
    memory = shaped(row)
    fragment(memory, "pinned", k=row.k, share=row.unusable, free=row.free, seed=1)
    filler = sum(kind == "filler" for _, _, kind in memory.used())
    blocks, got = free_blocks(memory), successes(allocation.make("compound", memory), row.attempts)
    assert blocks <= got <= blocks + filler // 512
    assert got < 0.02 * row.attempts


def test_moves_are_of_the_kernels_size_where_half_the_pages_are_kept() -> None:
    """pages_migrated of the rows k=2: 22,959 to 180,848."""
    migrated: dict[float, int] = {0.5998: 22959, 0.8018: 124934, 0.9004: 173661, 0.996: 180848}
    for row in ROWS:
        if row.k == 2 and row.unusable in migrated:
            memory: Any = shaped(row)
            successes(allocation.make("compound", memory), row.attempts)
            assert 0.5 < memory.costs["moved"] / migrated[row.unusable] < 2
