"""References and map counts: what each step does to the records, beside a model."""

import ctypes
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from pagecache import designs
from pagecache.page.counts import Counts
from pagecache.page.frames import Frames


def made(*folios: tuple[int, int], count: int = 1024, tails: bool = True) -> Counts:
    frames = Frames(count, huge=False)
    pfn, order = zip(*folios, strict=True)
    frames.make_folios(np.uint64(pfn), np.uint8(order), tails=tails)
    return Counts(frames)


def word(counts: Counts, pfn: int, offset: int) -> int:
    """Four bytes of a record, as a signed number."""
    raw = ctypes.string_at(counts.frames.range[0] + 64 * pfn + offset, 4)
    return int(struct.unpack("<i", raw)[0])


def mapcount(counts: Counts, pfn: int) -> int:
    return word(counts, pfn, 48)


def whole(counts: Counts, head: int) -> int:
    return word(counts, head + 1, 20)


def test_map_count_is_stored_minus_one() -> None:
    counts = made((0, 0))
    seen = [mapcount(counts, 0)]
    first = [counts.map(0), counts.map(0), counts.map(0)]
    seen.append(mapcount(counts, 0))
    last = [counts.unmap(0), counts.unmap(0), counts.unmap(0)]
    assert (seen, first, last) == ([-1, 2], [True, False, False], [False, False, True])
    assert mapcount(counts, 0) == -1


def test_each_mapping_holds_a_reference() -> None:
    counts = made((0, 9))
    counts.map(3)
    counts.map_whole(0)
    assert counts.frames.refcount(0) == 3
    counts.unmap(3)
    counts.unmap_whole(0)
    assert counts.frames.refcount(0) == 1


def test_whole_mapping_is_counted_in_the_first_tail_and_maps_each_page() -> None:
    counts = made((512, 9))
    assert (counts.map_whole(512), counts.map_whole(600)) == (True, False)
    assert (whole(counts, 512), mapcount(counts, 512)) == (1, -1)
    counts.map(515)
    assert [counts.mappings(pfn) for pfn in (512, 515, 1023)] == [2, 3, 2]
    assert counts.folio_mappings(700) == 3
    assert (counts.unmap_whole(512), counts.unmap_whole(512)) == (False, True)


def test_whole_mapping_of_a_single_page_is_its_mapping() -> None:
    counts = made((0, 0))
    assert counts.map_whole(0)
    assert counts.mappings(0) == 1
    assert counts.unmap_whole(0)


def test_cached_folio_of_the_picture() -> None:
    """The one that counts.pxd draws."""
    counts = made((0, 9))
    designs.make("thp-multi", counts.frames).insert_folio(0, 9, 0)
    counts.map_whole(0)
    counts.map(3)
    counts.map(3)
    assert (counts.frames.refcount(0), whole(counts, 0), mapcount(counts, 3)) == (516, 0, 1)


def test_last_reference_frees_the_folio_and_its_tails() -> None:
    counts = made((0, 2))
    counts.get(3)
    assert (counts.put(0), counts.put(1)) == (False, True)
    assert (word(counts, 0, 0), counts.frames.refcount(0)) == (0, 0)
    for pfn in range(4):
        with pytest.raises(ValueError, match=f"frame {pfn} belongs to no folio that is held"):
            counts.get(pfn)


def test_unmapping_may_be_what_frees_a_folio() -> None:
    counts = made((0, 0))
    counts.map(0)
    assert counts.put(0) is False  # the mapping still holds it
    assert counts.unmap(0) is True
    with pytest.raises(ValueError, match="belongs to no folio"):
        counts.put(0)


@pytest.mark.parametrize("order", [0, 2])
def test_last_reference_of_a_mapped_folio_is_a_bad_page(order: int) -> None:
    counts = made((0, order))
    counts.map(0)
    counts.map_whole(0)
    counts.put(0)
    counts.put(0)  # one that a mapping holds: the count cannot tell
    for step in (counts.put, counts.unmap, counts.unmap_whole):
        with pytest.raises(ValueError, match="bad page: frame 0 is mapped"):
            step(0)
    assert (counts.frames.refcount(0), counts.folio_mappings(0)) == (1, 2)


@pytest.mark.parametrize("step", ["unmap", "unmap_whole"])
def test_mapping_that_is_not_there_cannot_be_undone(step: str) -> None:
    counts = made((0, 2))
    with pytest.raises(ValueError, match=r"not mapped|no folio that is mapped"):
        getattr(counts, step)(0)
    assert (counts.frames.refcount(0), counts.folio_mappings(0)) == (1, 0)


def test_mappings_of_others_do_not_count_for_a_page() -> None:
    counts = made((0, 2))
    counts.map(1)
    counts.map_whole(0)
    with pytest.raises(ValueError, match="frame 2 is not mapped by itself"):
        counts.unmap(2)


def test_tails_never_written_belong_to_nobody() -> None:
    counts = made((0, 2), tails=False)
    counts.map(1)
    with pytest.raises(ValueError, match="with tails=True"):
        counts.map(2)
    assert counts.folio_mappings(0) == 1


@pytest.mark.parametrize(
    "step", ["get", "put", "map", "unmap", "map_whole", "unmap_whole", "mappings"]
)
def test_frame_beyond_the_last_is_refused(step: str) -> None:
    with pytest.raises(IndexError, match="frame 1024 has no struct page here"):
        getattr(made((0, 0)), step)(1024)


@pytest.mark.parametrize("offset", [48, 52])
@pytest.mark.parametrize("step", ["map", "map_whole", "get"])
def test_count_at_its_highest_is_not_run_over(offset: int, step: str) -> None:
    counts = made((0, 0))
    if (offset, step) == (48, "get"):
        return
    ctypes.c_int32.from_address(counts.frames.range[0] + offset).value = 2**31 - 1
    with pytest.raises(OverflowError):
        getattr(counts, step)(0)
    assert word(counts, 0, offset) == 2**31 - 1


FOLIOS = ((0, 0), (2, 1), (4, 2), (8, 3))
PAGES = [pfn for head, order in FOLIOS for pfn in range(head, head + (1 << order))]
HEAD = {pfn: head for head, order in FOLIOS for pfn in range(head, head + (1 << order))}
ORDER = dict(FOLIOS)


class CountMachine(RuleBasedStateMachine):
    """Steps on four folios beside plain numbers."""

    @initialize()
    def start(self) -> None:
        self.counts = made(*FOLIOS, count=64)
        self.references = dict.fromkeys(ORDER, 1)  # not those of mappings
        self.alone = dict.fromkeys(PAGES, 0)
        self.whole = dict.fromkeys(ORDER, 0)

    def total(self, head: int) -> int:
        return self.whole[head] + sum(n for pfn, n in self.alone.items() if HEAD[pfn] == head)

    def expect(self, step: Any, pfn: int, possible: bool) -> Any:
        """The step's answer; if it is not possible, ValueError."""
        if possible:
            return step(pfn)
        with pytest.raises(ValueError, match="frame"):
            step(pfn)
        return None

    def held(self, pfn: int) -> bool:
        return self.references[HEAD[pfn]] + self.total(HEAD[pfn]) > 0

    @rule(pfn=st.sampled_from(PAGES))
    def get(self, pfn: int) -> None:
        possible = self.held(pfn)
        self.expect(self.counts.get, pfn, possible)
        self.references[HEAD[pfn]] += possible

    @rule(pfn=st.sampled_from(PAGES))
    def put(self, pfn: int) -> None:
        """Only its own references: a mapping's reference is put by unmapping."""
        head = HEAD[pfn]
        if self.references[head] == 0 and self.held(pfn):
            return
        possible = self.held(pfn)
        freed = self.expect(self.counts.put, pfn, possible)
        self.references[head] -= possible
        assert not possible or freed == (not self.held(pfn))

    @rule(pfn=st.sampled_from(PAGES))
    def map(self, pfn: int) -> None:
        possible = self.held(pfn)
        first = self.expect(self.counts.map, pfn, possible)
        assert not possible or first == (self.alone[pfn] == 0)
        self.alone[pfn] += possible

    @rule(pfn=st.sampled_from(PAGES))
    def unmap(self, pfn: int) -> None:
        possible = self.alone[pfn] > 0
        last = self.expect(self.counts.unmap, pfn, possible)
        self.alone[pfn] -= possible
        assert not possible or last == (self.alone[pfn] == 0)

    @rule(pfn=st.sampled_from([p for p in PAGES if ORDER[HEAD[p]]]))
    def map_whole(self, pfn: int) -> None:
        possible, head = self.held(pfn), HEAD[pfn]
        first = self.expect(self.counts.map_whole, pfn, possible)
        assert not possible or first == (self.whole[head] == 0)
        self.whole[head] += possible

    @rule(pfn=st.sampled_from([p for p in PAGES if ORDER[HEAD[p]]]))
    def unmap_whole(self, pfn: int) -> None:
        head = HEAD[pfn]
        possible = self.whole[head] > 0
        last = self.expect(self.counts.unmap_whole, pfn, possible)
        self.whole[head] -= possible
        assert not possible or last == (self.whole[head] == 0)

    @precondition(lambda self: any(not self.held(head) for head in ORDER))
    @rule()
    def make_again(self) -> None:
        """What was freed may be made a folio again."""
        heads = [head for head in ORDER if not self.held(head)]
        orders = np.uint8([ORDER[head] for head in heads])
        self.counts.frames.make_folios(np.uint64(heads), orders, tails=True)
        for head in heads:
            self.references[head] = 1

    @invariant()
    def counts_agree(self) -> None:
        for head in ORDER:
            references = self.references[head] + self.total(head)
            assert self.counts.frames.refcount(head) == references
            if references:
                assert self.counts.folio_mappings(head) == self.total(head)
        for pfn in filter(self.held, PAGES):
            assert self.counts.mappings(pfn) == self.alone[pfn] + self.whole[HEAD[pfn]]
            assert mapcount(self.counts, pfn) == self.alone[pfn] - 1


TestCountMachine = CountMachine.TestCase
