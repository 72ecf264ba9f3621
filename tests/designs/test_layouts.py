"""How each layout lays a folio into the slots, word by word."""

import re
from typing import Any

import numpy as np
import pytest

from pagecache import designs
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

RECORD = 64  # bytes of a struct page
HUGE = 512  # pages of 2 MiB
on_each = pytest.mark.parametrize(
    "name", [name for name in designs.names() if designs.find(name).on_xarray]
)
NAMES_WITH_FILL = [n for n in designs.names() if "slots" in n]


def index_with(name: str, *folios: tuple[int, int, int], **options: Any) -> Any:
    """An index of the design that holds folios (index, order, frame)."""
    frames = Frames(8 * HUGE if options.get("huge_order", 9) == 9 else 1 << 20)
    index = designs.make(name, frames, **options)
    tails = designs.find(name).names_subpages
    for at, order, pfn in folios:
        frames.make_folios(np.uint64([pfn]), np.uint8([order]), tails=tails)
        index.insert_folio(at, order, pfn)
    return index


def address(index: Any, pfn: int) -> int:
    """Of a frame's struct page: the word that a slot naming it holds."""
    return int(index.frames.range[0]) + RECORD * pfn


def words(index: Any, first: int, count: int) -> list[int]:
    return [index.raw(key) for key in range(first, first + count)]


def shape(dump: str) -> list[str]:
    """The tree without addresses: what kind of thing each slot of each node holds."""
    return re.sub(r"p\d+", "p", dump).split("; ")


@pytest.mark.parametrize("name", ["thp-slots-head", "hugetlb-4k-slots"])
def test_slots_of_a_huge_page_all_name_the_head(name: str) -> None:
    index = index_with(name, (HUGE, 9, 2 * HUGE))
    assert words(index, HUGE, HUGE) == [address(index, 2 * HUGE)] * HUGE
    assert {index.named(i) for i in range(HUGE, 2 * HUGE)} == {2 * HUGE}
    assert words(index, HUGE - 1, 1) == words(index, 2 * HUGE, 1) == [0]


def test_slots_of_a_huge_page_each_name_their_own_subpage() -> None:
    index = index_with("thp-slots-subpage", (HUGE, 9, 2 * HUGE))
    frames = range(2 * HUGE, 3 * HUGE)
    assert words(index, HUGE, HUGE) == [address(index, pfn) for pfn in frames]
    assert [index.named(i) for i in range(HUGE, 2 * HUGE)] == list(frames)


def test_heads_and_subpages_answer_the_same_frames_from_different_words() -> None:
    folios = ((0, 0, HUGE), (HUGE, 9, 2 * HUGE))
    head, subpage = (index_with(f"thp-slots-{n}", *folios) for n in ("head", "subpage"))
    pages = range(HUGE, 2 * HUGE)
    assert [head.frame(i) for i in pages] == [subpage.frame(i) for i in pages]
    assert [head.named(i) == subpage.named(i) for i in pages] == [True] + [False] * (HUGE - 1)
    assert head.named(0) == subpage.named(0) == HUGE
    assert shape(head.dump()) == shape(subpage.dump())


@pytest.mark.parametrize("name", ["thp-multi", "hugetlb-4k-multi"])
def test_huge_page_is_one_entry_and_seven_siblings_at_shift_6(name: str) -> None:
    index = index_with(name, (HUGE, 9, 2 * HUGE))
    slots = [index.raw(HUGE + 64 * k) for k in range(8)]
    sibling = 4 * 8 + 2  # of slot 8
    assert slots == [address(index, 2 * HUGE)] + [sibling] * 7
    assert " N 0 6 c8 v0 m0,0,0 8=p" in index.dump()
    assert {index.named(i) for i in range(HUGE, 2 * HUGE)} == {2 * HUGE}


@pytest.mark.parametrize("order", [*range(12), 13])
def test_entry_of_each_order_has_its_siblings(order: int) -> None:
    """Order k lies at shift k - k mod 6, in 2^(k mod 6) slots; the words are 4 * slot + 2."""
    index = index_with("thp-multi", (1 << order, order, 1 << order), huge_order=18)
    shift, slots = order - order % 6, 1 << order % 6
    canonical = slots % 64
    found = [index.raw((1 << order) + (k << shift)) for k in range(slots)]
    assert found == [address(index, 1 << order)] + [4 * canonical + 2] * (slots - 1)
    assert index.raw((1 << order) + (slots << shift)) == 0


def test_first_folio_of_a_file_has_siblings_2() -> None:
    index = index_with("thp-multi", (0, 1, 0), (64, 3, 8))
    assert words(index, 0, 3) == [address(index, 0), 2, 0]
    assert words(index, 64, 8) == [address(index, 8)] + [2] * 7


@pytest.mark.parametrize("name", ["hugetlb-4k-multi", "hugetlb-huge"])
def test_gigabyte_page_takes_one_slot_of_one_node(name: str) -> None:
    order = 18
    index = index_with(name, (1 << order, order, 1 << order), huge_order=order)
    shift = order if name == "hugetlb-4k-multi" else 0
    assert re.fullmatch(rf"H n m000; N 0 {shift} c1 v0 m0,0,0 1=p\d+;", index.dump())


def test_huge_page_takes_one_slot_where_the_unit_is_a_huge_page() -> None:
    index = index_with("hugetlb-huge", *((k * HUGE, 9, k * HUGE) for k in range(4)))
    assert words(index, 0, 6) == [address(index, k * HUGE) for k in range(4)] + [0, 0]
    assert index.nodes == 1
    assert index.named(3 * HUGE + 5) == 3 * HUGE


@pytest.mark.parametrize("name", NAMES_WITH_FILL)
def test_both_fills_give_the_same_tree(name: str) -> None:
    orders = [o for o in (0, 9) if o in designs.find(name).orders]
    folios = [(k << 9, orders[k % len(orders)], k << 9) for k in range(1, 6)]
    leaf, slot = (index_with(name, *folios, fill=f) for f in ("per-leaf", "per-slot"))
    assert (leaf.fill, slot.fill) == ("per-leaf", "per-slot")
    base = address(slot, 0) - address(leaf, 0)
    assert moved(leaf.dump(), base) == slot.dump()
    for index in (leaf, slot):
        index.remove_folio(2 << 9)
    assert moved(leaf.dump(), base) == slot.dump()
    assert leaf.frame(2 << 9) is None


def moved(dump: str, base: int) -> str:
    """A dump as it would be with the struct pages `base` bytes further on."""
    return re.sub(r"=p(\d+)", lambda found: f"=p{int(found[1]) + base // 16}", dump)


def test_multi_entries_of_thp_and_hugetlb_are_the_same_tree() -> None:
    folios = [(k * HUGE, 9, (7 - k) * HUGE) for k in (0, 1, 3, 6)]
    thp, hugetlb = index_with("thp-multi", *folios), index_with("hugetlb-4k-multi", *folios)
    assert moved(thp.dump(), address(hugetlb, 0) - address(thp, 0)) == hugetlb.dump()
    assert designs.find("thp-multi").merged_with == designs.find("hugetlb-4k-multi").merged_with


def test_tree_in_huge_pages_is_that_of_single_pages_in_other_units() -> None:
    keys = (0, 1, 63, 64, 100, 4096)
    frames = Frames(len(keys) * HUGE)
    base, huge = designs.make("base-4k", frames), designs.make("hugetlb-huge", frames)
    for k, key in enumerate(keys):
        base.insert_folio(key, 0, k * HUGE)
        frames.make_folios(np.uint64([k * HUGE]), np.uint8([9]))
        huge.insert_folio(key * HUGE, 9, k * HUGE)
    assert base.dump() == huge.dump()
    assert base.nodes == huge.nodes == 6


def test_slot_designs_are_not_merged_with_others() -> None:
    merged = {name: designs.find(name).merged_with for name in designs.names()}
    assert merged["hugetlb-4k-slots"] == merged["thp-slots-head"] != merged["thp-slots-subpage"]
    assert merged["base-4k"] != merged["hugetlb-huge"]


def test_lone_page_at_the_start_lies_in_the_head() -> None:
    index = index_with("base-4k", (0, 0, 3))
    assert (index.nodes, index.raw(0)) == (0, address(index, 3))
    assert index_with("thp-multi", (0, 9, 0)).nodes == 1


@on_each
def test_pool_counts_the_nodes_of_the_trees_alone(name: str) -> None:
    order = min(max(designs.find(name).orders_for(9)), 9)
    index = index_with(name, (8 << order, order, 0))
    assert index.nodes == index.pool.nodes > 0
    index.remove_folio(8 << order)
    assert (index.nodes, index.pool.nodes, index.dump()) == (0, 0, "H - m000;")


@on_each
def test_mark_goes_from_the_tree_with_the_folio(name: str) -> None:
    order = min(max(designs.find(name).orders_for(9)), 9)
    index = index_with(name, (8 << order, order, 0))
    Batch([index]).mark(np.uint32([0]), np.uint64([8 << order]))
    assert "m100" in index.dump()
    index.remove_folio(8 << order)
    assert index.dump() == "H - m000;"


@on_each
def test_limit_in_bytes_is_one_of_whole_nodes(name: str) -> None:
    index = designs.make(name)
    index.set_limit(10 * designs.find(name).node_bytes - 1)
    assert index.pool.limit == 9
