"""Lookups over struct pages of each layout: the design's answers, and the lines they touch."""

import re
from typing import Any

import numpy as np
import pytest

from pagecache import designs
from pagecache.designs import struct_page_layouts
from pagecache.designs.struct_page_layouts import after_2018
from pagecache.designs.struct_page_layouts.struct_page_index import StructPageIndex
from pagecache.errors import InputError
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames
from pagecache.page.layouts import LAYOUTS
from pagecache.page.struct_pages import StructPages

NAMES = [design.name for design in designs.BUILT_IN if design.on_xarray]
FRAMES = 4096
HUGE = [(0, 9, 1024), (512, 9, 512), (1536, 9, 2048)]  # index, order, pfn; a gap at 1024
SMALL = [(index, 0, FRAMES - 1 - index) for index in range(70)]


def folios_of(name: str) -> list[tuple[int, int, int]]:
    return SMALL if name == "base-4k" else HUGE


def filled(name: str, layout: str, by_page: bool = False) -> StructPageIndex:
    pages = StructPages(FRAMES, layout)
    index = struct_page_layouts.make(designs.find(name), pages, by_page=by_page)
    for start, order, pfn in folios_of(name):
        pages.make_folios(np.uint64([pfn]), np.uint8([order]))
        index.insert_folio(start, order, pfn)
    return index


def reference(name: str) -> Any:
    """The design itself, over struct pages as they are by default."""
    frames = Frames(FRAMES)
    index = designs.make(name, frames)
    for start, order, pfn in folios_of(name):
        frames.make_folios(np.uint64([pfn]), np.uint8([order]), tails=True)
        index.insert_folio(start, order, pfn)
    return index


def placed(dump: str, frames: Frames) -> str:
    """A dump with frames in place of their pages' addresses."""
    first = frames.range[0] // 16  # a dump gives addresses in units of 16 bytes
    return re.sub(r"=p(\d+)", lambda found: f"=frame {(int(found[1]) - first) // 4}", dump)


each = pytest.mark.parametrize("name", NAMES)
over_each = pytest.mark.parametrize("layout", LAYOUTS)
both_ways = pytest.mark.parametrize("by_page", [False, True])


@each
@over_each
@both_ways
def test_answers_are_the_designs_own(name: str, layout: str, by_page: bool) -> None:
    index, own = filled(name, layout, by_page), reference(name)
    asked = [0, 1, 63, 64, 69, 70, 511, 512, 513, 1023, 1024, 1535, 1536, 2047, 2048, 1 << 40]
    assert [index.frame(k) for k in asked] == [own.frame(k) for k in asked]
    assert [index.named(k) for k in asked] == [own.named(k) for k in asked]
    assert (index.nodes, index.index_bytes) == (own.nodes, own.index_bytes)
    assert placed(index.dump(), index.struct_pages.frames) == placed(own.dump(), own.frames)
    index.check()


def test_dump_is_of_the_frames_that_were_cached() -> None:
    index = filled("thp-multi", "folio")
    assert "8=frame 512 9=s8" in placed(index.dump(), index.struct_pages.frames)


@each
@over_each
@both_ways
def test_batches_sum_as_the_designs_do(name: str, layout: str, by_page: bool) -> None:
    at = np.arange(70 if name == "base-4k" else 1024, dtype=np.uint64)
    file = np.zeros(len(at), np.uint32)
    index, own = Batch([filled(name, layout, by_page)]), Batch([reference(name)])
    for event in ("get", "load", "read", "fault_around"):
        assert getattr(index, event)(file, at) == getattr(own, event)(file, at), event
    huge = at[:2]
    assert index.huge_fault(file[:2], huge) == own.huge_fault(file[:2], huge)


@each
@over_each
def test_lookups_leave_the_references_as_they_were(name: str, layout: str) -> None:
    index = filled(name, layout)
    start, order, pfn = folios_of(name)[1]
    for k in range(start, start + (1 << order)):
        index.frame(k)
    assert index.struct_pages.describe(pfn)["refcount"] == 1 + (1 << order)
    assert index.struct_pages.describe(pfn)["mapping"] != 0


@each
@over_each
def test_truncate_gives_everything_back(name: str, layout: str) -> None:
    index = filled(name, layout)
    folios = folios_of(name)
    assert Batch([index]).truncate() == sum(1 << order for _, order, _ in folios)
    assert index.nodes == 0
    for start, order, pfn in folios:
        assert index.frame(start) is None
        said = index.struct_pages.describe(pfn)
        assert (said["refcount"], said["mapping"]) == (1, 0)
        index.insert_folio(start, order, pfn)
    assert index.frame(folios[1][0]) == folios[1][2]


@over_each
def test_get_touches_the_line_of_the_head_alone(layout: str) -> None:
    for name in NAMES:
        if name != "thp-slots-subpage":
            index = filled(name, layout)
            assert {index.lines(k) for k in (0, 1, 63, 69)} == {1}, name


@over_each
def test_subpage_that_is_no_head_is_a_line_of_its_own(layout: str) -> None:
    index = filled("thp-slots-subpage", layout)
    assert [index.lines(k) for k in (512, 513, 1023)] == [1, 2, 2]


@over_each
@each
def test_by_page_each_tail_is_a_line_of_its_own(name: str, layout: str) -> None:
    index = filled(name, layout, by_page=True)
    tail = 1 if name == "base-4k" else 2
    assert [index.lines(k) for k in (0, 1, 63)] == [1, tail, tail]


@over_each
def test_read_touches_the_first_tail_for_the_order(layout: str) -> None:
    assert filled("thp-multi", layout).lines_read(100) == 2  # the head and its first tail
    assert filled("thp-multi", layout).lines_read(500) == 4  # of two folios
    assert filled("base-4k", layout).lines_read(0) == 32  # a head a page, no tails
    assert filled("thp-slots-subpage", layout).lines_read(100) == 3  # and the page asked for


def test_lines_of_what_is_not_cached_are_none() -> None:
    with pytest.raises(KeyError, match="no page is cached at index 1024"):
        filled("thp-multi", "folio").lines(1024)


def test_records_of_another_layout_are_refused() -> None:
    with pytest.raises(InputError, match="laid out folio, not after-2018"):
        after_2018.ByHead(StructPages(64, "folio"))
    with pytest.raises(TypeError, match="StructPageIndex is abstract"):
        StructPageIndex(StructPages(64, "folio"))
    with pytest.raises(TypeError):
        after_2018.ByHead(None)  # type: ignore[arg-type]


def test_bad_folios_are_refused_and_change_nothing() -> None:
    index = filled("thp-multi", "folio")
    before = [index.struct_pages.raw(pfn) for pfn in range(FRAMES)]
    with pytest.raises(KeyError):
        index.insert_folio(512, 0, 0)
    with pytest.raises(IndexError):
        index.insert_folio(1024, 9, FRAMES - 1)
    with pytest.raises(ValueError, match="cannot start"):
        index.insert_folio(1025, 9, 0)
    with pytest.raises(NotImplementedError, match="the design itself removes one"):
        index.remove_folio(0)
    huge = filled("hugetlb-huge", "folio")
    with pytest.raises(ValueError):  # noqa: PT011 - the design's own sentence
        huge.insert_folio(1024, 0, 0)
    assert [index.struct_pages.raw(pfn) for pfn in range(FRAMES)] == before


@each
@over_each
def test_insert_that_fails_for_nodes_leaves_all_as_it_was(name: str, layout: str) -> None:
    index = filled(name, layout)
    last = folios_of(name)[0]
    start, order, pfn = 1 << 20, last[1], 3072
    index.struct_pages.make_folios(np.uint64([pfn]), np.uint8([order]))
    before, record = index.nodes, index.struct_pages.raw(pfn)
    failed = 0
    for spare in range(20):
        index.pool.limit = before + spare
        try:
            index.insert_folio(start, order, pfn)
        except MemoryError:
            failed += 1
            index.check()
            assert index.frame(start) is None
            assert index.struct_pages.raw(pfn) == record
            assert index.nodes <= before + spare
        else:
            break
    assert failed > 0
    assert index.frame(start) == pfn
    start, order, pfn = folios_of(name)[1]
    assert index.frame(start) == pfn


def test_records_are_refused_to_a_design_that_is_no_xarray() -> None:
    with pytest.raises(InputError, match="maple-multi is no XArray"):
        struct_page_layouts.make(designs.find("maple-multi"), StructPages(FRAMES, "folio"))
