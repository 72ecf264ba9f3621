"""Struct pages laid out as each kernel had them: bytes where the tables say."""

import ctypes
import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest

from pagecache import designs
from pagecache.designs import struct_page_layouts
from pagecache.errors import InputError
from pagecache.page import layouts
from pagecache.page.frames import Frames
from pagecache.page.struct_pages import WHICH, StructPages

MAKER = Path(__file__).parents[2] / "tools" / "make_page_structs.py"
NAMES = list(layouts.LAYOUTS)
CODES = {1: "<B", 4: "<i", 8: "<Q"}


def made(name: str, count: int, *folios: tuple[int, int]) -> StructPages:
    pages = StructPages(count, name)
    pfn, order = zip(*folios, strict=True)
    pages.make_folios(np.uint64(pfn), np.uint8(order))
    return pages


def read(pages: StructPages, pfn: int, user: str, field: str) -> int:
    """A field of a record, read from its bytes by the table."""
    found = layouts.find(pages.layout).field(user, field)
    return int(struct.unpack_from(CODES[found.size], pages.raw(pfn), found.offset)[0])


@pytest.mark.skipif(not MAKER.exists(), reason="tools/ is not part of the distribution")
def test_c_structs_are_those_of_the_tables() -> None:
    spec = importlib.util.spec_from_file_location("make_page_structs", MAKER)
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    assert maker.TARGET.read_text() == maker.text()


def test_there_is_compiled_code_for_each_layout() -> None:
    assert list(WHICH) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_folio_is_written_to_the_offsets_of_its_layout(name: str) -> None:
    pages = made(name, 64, (8, 3))
    assert read(pages, 8, "every page", "refcount") == 1
    assert read(pages, 8, "every page", "flags") == 1 << 3 | 1 << 16
    assert read(pages, 8, "page cache", "mapcount") == -1
    assert read(pages, 9, "first tail", "order") == 3
    assert read(pages, 9, "first tail", "compound_mapcount") == -1
    start, _ = pages.frames.range
    for tail in range(9, 16):
        assert read(pages, tail, "first tail", "compound_head") == start + 64 * 8 + 1
        assert read(pages, tail, "every page", "refcount") == 0
    assert not read(pages, 8, "first tail", "compound_head")
    assert not any(pages.raw(16))


@pytest.mark.parametrize("name", NAMES)
def test_records_say_what_they_hold(name: str) -> None:
    pages = made(name, 64, (8, 3), (3, 0))
    assert pages.describe(13)["head"] == 8
    assert [pages.describe(pfn)["order"] for pfn in (3, 8, 15)] == [0, 3, 3]
    assert pages.describe(3)["refcount"] == pages.describe(8)["refcount"] == 1


def test_default_layout_is_that_of_frames() -> None:
    """frames.pxd spells its struct out; the table must say the same."""
    pages, frames = made(layouts.DEFAULT, 64, (8, 2)), Frames(64)
    frames.make_folios(np.uint64([8]), np.uint8([2]), tails=True)
    struct_page_layouts.make(designs.find("thp-multi"), pages).insert_folio(4, 2, 8)
    index = designs.make("thp-multi", frames)
    index.insert_folio(4, 2, 8)
    for pfn in range(8, 12):
        mine, default = words(pages, pages.raw(pfn)), words(frames, raw_of(frames, pfn))
        assert mine == default
    assert frames.refcount(8) == 5


def words(owner: StructPages | Frames, raw: bytes) -> list[int]:
    """The words of a record: an address of a head as its frame, a mapping as there or not."""
    start, _ = (owner.frames if isinstance(owner, StructPages) else owner).range
    word = list(struct.unpack("<8Q", raw))
    word[1] = word[1] - start if word[1] else 0
    word[3] = min(word[3], 1)
    return word


def raw_of(frames: Frames, pfn: int) -> bytes:
    return ctypes.string_at(frames.range[0] + 64 * pfn, 64)


@pytest.mark.parametrize(
    ("pfn", "order"), [(1, 1), (256, 9), (1024, 0), (0, 11), (1 << 40, 0), (0, 64)]
)
def test_folio_out_of_line_or_out_of_range_is_refused(pfn: int, order: int) -> None:
    pages = StructPages(1024, "folio")
    with pytest.raises(IndexError, match=f"order {order} at frame {pfn}"):
        pages.make_folios(np.uint64([0, pfn]), np.uint8([0, order]))
    assert not any(pages.raw(0))  # nothing was made of the folio before it


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="unknown layout 'next'; known: before-2018"):
        StructPages(64, "next")
    with pytest.raises(ValueError, match="do not go together"):
        StructPages(64, "folio").make_folios(np.uint64([0, 1]), np.uint8([0]))
    for ask in ("describe", "raw"):
        with pytest.raises(IndexError, match="frame 64 has no struct page here"):
            getattr(StructPages(64, "folio"), ask)(64)
    with pytest.raises(MemoryError):
        StructPages(1 << 44, "folio")
