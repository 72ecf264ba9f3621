"""hugetlbfs before and after it went to 4 KiB units, by the figures of that change (Linux 6.7).

What its cover letter and its review of July 2023 say of nodes and slots is exact, and comes out of
indexes that are built. Its times, of one run each on two machines, agree in direction alone.
"""

from collections import Counter

import numpy as np
import pytest

from pagecache import designs
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

SIZES = {"x86": 100 * 10**9, "aarch64": 700 * 10**9}  # bytes, as `fallocate -l 700GB` takes them
HUGE, MULTI = "hugetlb-huge", "hugetlb-4k-multi"
# Per cent of the time of fallocate that hugetlb_add_to_page_cache and its children took, 2 MiB.
ADDED = {"aarch64": (0.08, 0.17), "x86": (0.03, 0.04)}  # there __filemap_add_folio alone
# Of the latencies while LTP ran, how often an insertion took up to 1 us, and longer.
LATENCIES = {HUGE: (7518, 158 + 30 + 6 + 9), MULTI: (6400, 1230 + 55 + 16 + 19 + 1)}


def populated(name: str, size: int, order: int):
    """An index of a file of that size, in huge pages of that order."""
    folios = -(-size // (4096 << order))
    index = designs.make(name, Frames(folios << order, backed=False), huge_order=order)
    at = np.arange(folios, dtype=np.uint64) << np.uint64(order)
    batch, zeros = Batch([index]), np.zeros(folios, np.uint32)
    assert batch.populate(zeros, at, np.full(folios, order, np.uint8), at) == folios
    return index, folios


def levels(index) -> list[int]:
    """Nodes by level, the lowest first."""
    found = Counter(int(node.split()[1]) for node in index.dump().split(" N ")[1:])
    return [found[shift] for shift in sorted(found)]


@pytest.mark.parametrize("machine", SIZES)
def test_2_mib_take_eight_slots_and_eight_times_the_leaves(machine: str) -> None:
    (huge, folios), (multi, _) = (populated(name, SIZES[machine], 9) for name in (HUGE, MULTI))
    assert (huge.slots, multi.slots) == (folios, 8 * folios)
    leaves = levels(huge)[0], levels(multi)[0]
    assert leaves == (-(-folios // 64), -(-folios // 8))
    assert 7.9 < multi.nodes / huge.nodes < 8.1


@pytest.mark.parametrize("machine", SIZES)
def test_1_gib_takes_essentially_the_same(machine: str) -> None:
    """Three levels are skipped; only what the levels are called differs."""
    (huge, folios), (multi, _) = (populated(name, SIZES[machine], 18) for name in (HUGE, MULTI))
    assert huge.slots == multi.slots == folios
    assert levels(huge) == levels(multi)


def test_five_years_before_2_mib_took_512_slots() -> None:
    slots, folios = populated("hugetlb-4k-slots", 1 << 30, 9)
    multi, _ = populated(MULTI, 1 << 30, 9)
    assert (slots.slots, multi.slots) == (512 * folios, 8 * folios)
    assert levels(slots)[0] == 64 * levels(multi)[0]


@pytest.mark.parametrize(
    ("order", "huge", "multi"),
    [(9, [5600, 88, 2, 1], [44800, 700, 11, 1]), (18, [11, 1], [11, 1])],
)
def test_700_gib_have_these_nodes_on_each_level(
    order: int, huge: list[int], multi: list[int]
) -> None:
    assert levels(populated(HUGE, 700 << 30, order)[0]) == huge
    assert levels(populated(MULTI, 700 << 30, order)[0]) == multi


def test_insertions_became_dearer_as_published() -> None:
    """More slots are written, which all three measurements show, and by less than 8 times."""
    (huge, folios), (multi, _) = (populated(name, 1 << 30, 9) for name in (HUGE, MULTI))
    written = multi.slots / huge.slots
    assert written > 1
    assert all(1 < after / before < written for before, after in ADDED.values())
    late = [slow / (fast + slow) for fast, slow in LATENCIES.values()]
    assert 1 < late[1] / late[0] < written
    assert folios == 512
