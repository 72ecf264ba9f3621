"""Each protocol of references, on each layout that it goes with: what a get answers and leaves."""

import mmap
import os
import threading

import numpy as np
import pytest

from pagecache import designs
from pagecache.designs.matrix import references_unfit
from pagecache.designs.references import References
from pagecache.errors import InputError
from pagecache.measure.threads.copies import Copies, page_contents
from pagecache.measure.threads.crew import Crew
from pagecache.measure.threads.subject import together
from pagecache.page.frames import Frames
from pagecache.page.protocols import PROTOCOLS, find_protocols

from ..xarray.test_check import SHIFT, SLOTS, Node, sibling

LAYOUTS = {
    "base-4k": 0,
    "thp-multi": 9,
    "thp-slots-head": 9,
    "thp-slots-subpage": 9,
    "hugetlb-huge": 9,
}
FIT = [
    (layout, protocol)
    for layout, order in LAYOUTS.items()
    for protocol in PROTOCOLS
    if references_unfit(designs.find(layout), protocol, order) is None
]


class Held:
    """One folio from frame 512 on, cached at its own size; only the cache holds it."""

    def __init__(self, layout: str, protocol: str, threads: int = 1) -> None:
        self.order = LAYOUTS[layout]
        self.pages = 1 << self.order
        self.frames = Frames(2048)
        pfn = np.array([512], np.uint64)
        self.frames.make_folios(pfn, np.array([self.order], np.uint8), tails=True)
        self.index = designs.make(layout, self.frames)
        self.index.insert_folio(self.pages, self.order, 512)
        self.frames.put_folios(pfn)
        self.references = References(self.index, protocol, threads)


@pytest.mark.parametrize(("layout", "protocol"), FIT)
def test_get_answers_every_page_and_leaves_the_count(layout: str, protocol: str) -> None:
    held = Held(layout, protocol, threads=3)
    for page in range(held.pages):
        assert held.references.get(held.pages + page, page % 3) == 512 + page
    assert held.frames.refcount(512) == held.pages
    assert held.references.get(0) is None
    assert held.references.get(5 * held.pages) is None
    assert [held.references.fallen_back(number) for number in range(3)] == [0] * 3


@pytest.mark.parametrize(("layout", "protocol"), FIT)
def test_folio_can_be_frozen_with_the_caches_references_alone(layout: str, protocol: str) -> None:
    held = Held(layout, protocol)
    kept = held.references
    if PROTOCOLS[protocol].name != "striped":
        assert not kept.freeze_folio(512, held.pages + 1)
        assert held.frames.refcount(512) == held.pages
    assert kept.freeze_folio(512, held.pages)
    assert held.frames.refcount(512) != held.pages
    kept.unfreeze_folio(512, held.pages)
    assert held.frames.refcount(512) == held.pages
    assert kept.get(held.pages) == 512


@pytest.mark.parametrize(
    ("layout", "protocol"), [each for each in FIT if PROTOCOLS[each[1]].counts]
)
def test_get_of_a_frozen_folio_waits_until_it_is_owned(layout: str, protocol: str) -> None:
    held = Held(layout, protocol)
    assert held.references.freeze_folio(512, held.pages)
    found: list[int | None] = []
    reader = threading.Thread(target=lambda: found.append(held.references.get(held.pages)))
    reader.start()
    reader.join(0.02)
    assert not found
    held.references.unfreeze_folio(512, held.pages)
    reader.join()
    assert found == [512]
    assert held.frames.refcount(512) == held.pages


@pytest.mark.parametrize("protocol", ["none", "none-folio"])
def test_copy_without_a_reference_is_not_believed_during_a_change(protocol: str) -> None:
    held = Held("thp-multi", protocol)
    held.references.begin_change(512)
    held.references.end_change(512)
    assert held.references.get(512) == 512
    assert held.references.fallen_back() == 0  # the change is over
    held.references.begin_change(512)
    assert held.references.get(512) == 512
    assert held.references.fallen_back() == 1
    held.references.end_change(512)
    assert held.references.get(512) == 512
    assert held.references.fallen_back() == 1


def test_striped_counts_in_the_stripes_alone() -> None:
    held = Held("thp-multi", "striped", threads=126)
    for number in range(126):
        assert held.references.get(512, number) == 512
    with pytest.raises(IndexError, match="thread 126 of 126"):
        held.references.get(512, 126)
    with pytest.raises(ValueError, match="1 to 126 have a stripe"):
        References(held.index, "striped", 127)


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ValueError, match="no protocol 'rcu'"):
        Held("base-4k", "rcu")
    with pytest.raises(TypeError):
        References(designs.make("pctrie-4k"), "cas")
    with pytest.raises(
        InputError, match="--references: unknown protocol 'lokced-bit'; did you mean"
    ):
        find_protocols(("lokced-bit",))
    with pytest.raises(InputError, match="--references: none given"):
        find_protocols(())
    assert references_unfit(designs.find("page-hash"), "none", 0) is not None
    assert references_unfit(designs.find("page-hash"), "cas", 0) is None
    assert references_unfit(designs.find("thp-multi"), "striped", 6) is not None


# Copies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layout", "protocol"), FIT)
@pytest.mark.parametrize("length", [8, 100, 1024])
def test_get_that_copies_gives_the_page_it_answers(layout: str, protocol: str, length: int) -> None:
    held = Held(layout, protocol, threads=2)
    contents = page_contents(700)  # of which 512 are shared, a power of two
    rest = contents.reshape(700, 64, 64)[:, :, 8:]
    rest[:] = np.arange(700 * 64 * 56, dtype=np.uint32).reshape(rest.shape) % 251
    copies = Copies(held.references, contents, length)
    lines = {8: 64, 100: 32, 1024: 32}[length]  # a page may be read from
    for page in range(0, held.pages, 73):
        frame = 512 + page
        at = frame % 512 * 4096 + frame % lines * 64
        first = contents[at:][:length].tobytes()
        assert copies.get(held.pages + page, page % 2) == (frame, first)
    assert copies.get(0) is None
    assert held.frames.refcount(512) == held.pages
    assert held.references.fallen_back() == 0


@pytest.mark.parametrize("protocol", ["none", "none-folio"])
def test_copy_that_is_not_believed_falls_back(protocol: str) -> None:
    held = Held("thp-multi", protocol)
    copies = Copies(held.references, page_contents(1024), 64)
    held.references.begin_change(512)
    found = copies.get(512)
    assert found is not None
    assert found[0] == 512
    assert held.references.fallen_back() == 1
    held.references.end_change(512)
    assert copies.get(512) == found
    assert held.references.fallen_back() == 1


@pytest.mark.parametrize("protocol", ["none", "none-folio"])
def test_copy_that_waits_for_a_frozen_folio_falls_back_once(protocol: str) -> None:
    held = Held("thp-multi", protocol)
    copies = Copies(held.references, page_contents(1024), 64)
    held.references.begin_change(512)
    assert held.references.freeze_folio(512, held.pages)
    found: list[tuple[int, bytes] | None] = []
    reader = threading.Thread(target=lambda: found.append(copies.get(512)))
    reader.start()
    reader.join(0.02)
    held.references.unfreeze_folio(512, held.pages)
    reader.join()
    assert found[0] is not None
    assert (found[0][0], held.references.fallen_back()) == (512, 1)


@pytest.mark.parametrize("protocol", [name for name in PROTOCOLS if name != "striped"])
def test_get_waits_for_its_own_piece_while_a_split_is_half_way(protocol: str) -> None:
    """One slot has its page's folio already, and the next still says that it is its sibling."""
    frames, pfn = Frames(2048), np.arange(512, 1024, dtype=np.uint64)
    frames.make_folios(pfn, np.zeros(512, np.uint8))
    index = designs.make("thp-multi", frames)
    for page in pfn.tolist():
        index.insert_folio(page, 0, page)
    top, second, found = Node(index.pool, 0), SLOTS + 8 * 9, list[int | None]()
    assert top.read(SHIFT, 1) == 6
    child = top.read(second)
    top.write(second, sibling(8))
    references = References(index, protocol)
    reader = threading.Thread(target=lambda: found.append(references.get(576 + 5)))
    reader.start()
    reader.join(0.02)
    early = list(found)
    top.write(second, child)
    reader.join()
    assert (early, found) == ([], [576 + 5])


@pytest.mark.parametrize("protocol", ["none", "none-folio"])
def test_copy_that_another_owner_wrote_into_is_not_believed(protocol: str) -> None:
    """The page is taken away, overwritten by whoever has its frame next, and put back."""
    memory = mmap.mmap(-1, 1024 * 4096)
    contents = np.frombuffer(memory, np.uint8)
    contents[:] = page_contents(1024)
    held = Held("thp-multi", protocol)
    copies = Copies(held.references, contents, 1024)
    crew = Crew(held.index, None, 1, 60_000_000_000, held.references, copies=copies)
    asked = np.full((64, 2), 512, np.uint64)

    def write() -> dict[str, int]:
        page = contents.reshape(1024, 4096)[512]
        own, others = page.copy(), np.zeros_like(page)
        for _ in range(20_000):
            memory.madvise(mmap.MADV_DONTNEED, 512 * 4096, 4096)  # so that the next copy takes long
            held.references.begin_change(512)
            if held.references.freeze_folio(512, held.pages):
                page[:] = others
                page[:] = own
                held.references.unfreeze_folio(512, held.pages)
            held.references.end_change(512)
        crew.stop()
        return {}

    cpus = 2 * sorted(os.sched_getaffinity(0))
    found, _ = together([lambda: crew.read(0, "copy", asked), write], cpus, crew.stop)
    assert found["wrong"] == 0


def test_copy_of_another_page_is_no_answer() -> None:
    held = Held("thp-multi", "cas")
    contents = page_contents(1024)
    contents.reshape(1024, 4096)[515] += 1
    copies = Copies(held.references, contents, 64)
    assert copies.get(514) is not None
    found = copies.get(515)
    assert found is not None
    assert found[0] > 1 << 63


@pytest.mark.parametrize(
    ("length", "why"), [(7, "8 to 1024 bytes"), (1025, "is not from 0 to 1024")]
)
def test_lengths_out_of_range_are_refused(length: int, why: str) -> None:
    held = Held("thp-multi", "cas")
    with pytest.raises(ValueError, match=why):
        Copies(held.references, page_contents(1), length)
    with pytest.raises(ValueError, match="hold no page"):
        Copies(held.references, np.zeros(4095, np.uint8), 64)
