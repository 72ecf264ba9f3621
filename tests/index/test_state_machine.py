"""An XArray and a plain dict, driven side by side by random operations.

The dict says what every operation means; the tree must agree in every answer, in its content and
marks, and in the number of its nodes, which the dict works out from its own entries.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import pagecache as pc
from pagecache.index import xarray

MAX_INDEX = 2**64 - 1
MARKS = (0, 1, 2)
EDGES = sorted(
    {0, 1, MAX_INDEX - 1}
    | {2**k + d for k in (3, 6, 9, 12) for d in (-1, 0, 1)}
    | {2**k for k in range(64)}
    | {2**k - 1 for k in range(65)}
)


@dataclass
class Stored:
    """What the model keeps under the first index of an entry."""

    last: int
    entry: Any
    marks: set[int] = field(default_factory=set)


class DictModel:
    """An XArray as a dict of first index -> last index, entry and marks."""

    def __init__(self, chunk_shift: int) -> None:
        self.chunk_shift = chunk_shift
        self.entries: dict[int, Stored] = {}

    def covering(self, index: int) -> int | None:
        """The first index of the entry that covers `index`."""
        reach = (first for first, stored in self.entries.items() if first <= index <= stored.last)
        return next(reach, None)

    def load(self, index: int) -> Any:
        first = self.covering(index)
        return None if first is None else self.entries[first].entry

    def order(self, index: int) -> int:
        first = self.covering(index)
        return 0 if first is None else order_of(first, self.entries[first].last)

    def marks(self, index: int) -> set[int]:
        first = self.covering(index)
        return set() if first is None else self.entries[first].marks

    def taken(self, index: int, order: int) -> bool:
        first, last = span(index, order)
        return any(f <= last and stored.last >= first for f, stored in self.entries.items())

    def store(self, index: int, entry: Any, order: int = 0) -> Any:
        """Store or, with None, erase; the answer that the XArray is to give."""
        first, last = span(index, order)
        answer = self.replaced(first, order, erasing=entry is None)
        home = self.covering(first)
        if home is None or self.entries[home].last < last:
            self.cover(first, last, entry)
        elif entry is None:
            del self.entries[home]
        else:  # inside an entry as large or larger, which changes as a whole
            self.entries[home].entry = entry
        return answer

    def cover(self, first: int, last: int, entry: Any) -> None:
        """Put one entry in the place of all smaller ones in a range; it takes over their marks."""
        covered = [f for f in self.entries if first <= f <= last]
        marks = {mark for f in covered for mark in self.entries.pop(f).marks}
        if entry is not None:
            self.entries[first] = Stored(last, entry, marks)

    def replaced(self, first: int, order: int, erasing: bool) -> Any:
        """What a store answers: the content of the last slot that it writes."""
        home = self.covering(first)
        last = first + (1 << order) - 1
        if home is not None and self.entries[home].last >= last:
            return self.entries[home].entry
        level, top = self.level(order), self.top_shift()
        if erasing and top is None:
            return self.load(first)
        if erasing and top is not None and top < level:  # the whole tree goes at once
            return None if first else xarray.SUBTREE
        slot = [
            (f, stored)
            for f, stored in self.entries.items()
            if f <= last and stored.last > last - (1 << level)
        ]
        if not slot:
            return None
        first, stored = slot[0]
        return stored.entry if order_of(first, stored.last) >= level else xarray.SUBTREE

    def matching(self, mark: int | None) -> list[tuple[int, Stored]]:
        """The entries that a search by mark, or by presence, may find; in order."""
        return [(f, s) for f, s in sorted(self.entries.items()) if mark is None or mark in s.marks]

    def in_canonical(self, first: int, index: int) -> bool:
        """Does `index` lie in the first of the slots that the entry at `first` takes?"""
        level = self.level(self.order(first))
        return index >> level == first >> level

    def find(self, index: int, last: int, mark: int | None) -> tuple[int, Any] | None:
        if index > last:
            return None
        for first, stored in self.matching(mark):
            if first <= index <= stored.last:
                by_first = mark is not None and not self.in_canonical(first, index)
                return (first if by_first else index), stored.entry
            if index < first <= last:
                return first, stored.entry
        return None

    def find_after(self, index: int, last: int, mark: int | None) -> tuple[int, Any] | None:
        """A search by mark that begins on a sibling answers the entry it belongs to."""
        start = index + 1
        if start > last:
            return None
        for first, stored in self.matching(mark):
            again = mark is not None and not self.in_canonical(first, start)
            if (start <= first <= last) or (first < start <= stored.last and again):
                return first, stored.entry
        return None

    def items(self, start: int, stop: int | None, mark: int | None) -> list[tuple[int, Any]]:
        last = MAX_INDEX if stop is None else stop - 1
        if start > last:
            return []
        return [(f, s.entry) for f, s in self.matching(mark) if f <= last and s.last >= start]

    def level(self, order: int) -> int:
        """The shift of the nodes that entries of an order lie in."""
        return order - order % self.chunk_shift

    def top_shift(self) -> int | None:
        """The shift of the top node; None if the head needs none."""
        if all(stored.last == 0 for stored in self.entries.values()):
            return None
        needed = max(s.last + (f == 0 < s.last) for f, s in self.entries.items())
        shift = 0
        while needed >> shift >= 1 << self.chunk_shift:
            shift += self.chunk_shift
        return shift

    def nodes(self) -> int:
        """Nodes of the tree: those the entries lie in and all above them, each once."""
        top, step = self.top_shift(), self.chunk_shift
        if top is None:
            return 0
        paths = (
            (shift, first >> (shift + step))
            for first, stored in self.entries.items()
            for shift in range(self.level(order_of(first, stored.last)), top + 1, step)
        )
        return len(set(paths))


def order_of(first: int, last: int) -> int:
    return (last - first + 1).bit_length() - 1


def span(index: int, order: int) -> tuple[int, int]:
    first = index >> order << order
    return first, first + (1 << order) - 1


def edges_of(machine: "XArrayMachine") -> list[int]:
    """The indices at and beside the ends of what is stored."""
    edges = {0}
    for first, stored in machine.model.entries.items():
        middle = (first + stored.last) // 2
        edges |= {first - 1, first, first + 1, middle, stored.last, stored.last + 1}
    return sorted(index for index in edges if 0 <= index <= MAX_INDEX)


near_stored = st.runner().flatmap(lambda machine: st.sampled_from(edges_of(machine)))
indices = st.one_of(st.sampled_from(EDGES), st.integers(0, 600), near_stored)
orders = st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 63))
entries = st.one_of(
    st.sampled_from([0, 1, 2**63 - 1, pc.Pointer(16), pc.Pointer(2**64 - 16)]), st.integers(0, 9)
)
marks = st.sampled_from(MARKS)
filters = st.one_of(st.none(), marks)


class XArrayMachine(RuleBasedStateMachine):
    """Every rule asks the tree and the model the same; the invariants compare the whole."""

    chunk_shift = 6

    @initialize()
    def begin(self) -> None:
        self.pool = pc.NodePool(self.chunk_shift)
        self.xa = pc.XArray(pool=self.pool)
        self.model = DictModel(self.chunk_shift)

    @rule(index=indices, entry=entries, order=orders)
    def store(self, index: int, entry: Any, order: int) -> None:
        answer = self.model.store(index, entry, order)
        assert self.xa.store(index, entry, order) == answer

    @rule(index=indices, entry=entries, order=orders, chosen=st.sets(marks, min_size=1))
    def store_and_mark(self, index: int, entry: Any, order: int, chosen: set[int]) -> None:
        self.store(index, entry, order)
        for mark in chosen:
            self.set_mark(index, mark)

    @rule(index=indices, order=orders)
    def store_nothing(self, index: int, order: int) -> None:
        answer = self.model.store(index, None, order)
        assert self.xa.store(index, None, order) == answer

    @rule(index=indices, entry=entries, order=orders, spare=st.integers(0, 4))
    def store_with_few_nodes_left(self, index: int, entry: Any, order: int, spare: int) -> None:
        before = self.xa.dump()
        self.pool.limit = self.pool.nodes + spare
        try:
            self.xa.store(index, entry, order)
        except MemoryError:
            assert self.xa.dump() == before
        else:
            assert self.pool.nodes <= self.pool.limit
            self.model.store(index, entry, order)
        self.pool.limit = MAX_INDEX

    @rule(index=indices)
    def erase(self, index: int) -> None:
        assert self.xa.erase(index) == self.model.store(index, None)

    @rule(index=indices, entry=entries, order=orders)
    def insert(self, index: int, entry: Any, order: int) -> None:
        if self.model.taken(index, order):
            with pytest.raises(pc.EntryExists):
                self.xa.insert(index, entry, order)
        else:
            self.xa.insert(index, entry, order)
            self.model.store(index, entry, order)

    @rule(index=indices, old=st.one_of(st.none(), entries), entry=st.one_of(st.none(), entries))
    def cmpxchg(self, index: int, old: Any, entry: Any) -> None:
        current = self.model.load(index)
        assert self.xa.cmpxchg(index, old, entry) == current
        if current == old:
            self.model.store(index, entry)

    @rule(index=indices, entry=st.one_of(st.none(), entries))
    def cmpxchg_what_is_there(self, index: int, entry: Any) -> None:
        self.cmpxchg(index, self.model.load(index), entry)

    @rule(index=indices)
    def load(self, index: int) -> None:
        assert self.xa.load(index) == self.model.load(index)
        assert self.xa.order(index) == self.model.order(index)

    @rule(index=near_stored, mark=marks)
    def set_mark(self, index: int, mark: int) -> None:
        self.xa.set_mark(index, mark)
        self.model.marks(index).add(mark)

    @rule(index=near_stored, mark=marks)
    def clear_mark(self, index: int, mark: int) -> None:
        self.xa.clear_mark(index, mark)
        self.model.marks(index).discard(mark)

    @rule(index=indices, mark=marks)
    def get_mark(self, index: int, mark: int) -> None:
        assert self.xa.get_mark(index, mark) == (mark in self.model.marks(index))

    @rule(index=indices, last=st.one_of(st.just(MAX_INDEX), indices), mark=filters)
    def find(self, index: int, last: int, mark: int | None) -> None:
        assert self.xa.find(index, last, mark) == self.model.find(index, last, mark)

    @rule(index=indices, last=st.one_of(st.just(MAX_INDEX), indices), mark=filters)
    def find_after(self, index: int, last: int, mark: int | None) -> None:
        assert self.xa.find_after(index, last, mark) == self.model.find_after(index, last, mark)

    @rule(start=indices, stop=st.one_of(st.none(), indices), mark=filters)
    def items(self, start: int, stop: int | None, mark: int | None) -> None:
        assert list(self.xa.items(start, stop, mark)) == self.model.items(start, stop, mark)

    @rule()
    def destroy(self) -> None:
        self.xa.destroy()
        self.model.entries.clear()
        assert self.pool.nodes == 0

    @invariant()
    def tree_is_sound_and_has_the_nodes_its_entries_need(self) -> None:
        self.xa.check()
        assert self.pool.nodes == self.xa.dump().count(" N ") == self.model.nodes()

    @invariant()
    def content_and_marks_agree(self) -> None:
        assert list(self.xa) == self.model.items(0, None, None)
        assert self.xa.empty == (not self.model.entries)
        for first, stored in self.model.entries.items():
            assert self.xa.load(stored.last) == stored.entry
            assert self.xa.order(first) == order_of(first, stored.last)
            assert {mark for mark in MARKS if self.xa.get_mark(first, mark)} == stored.marks
        for mark in MARKS:
            assert list(self.xa.items(mark=mark)) == self.model.items(0, None, mark)
            assert self.xa.marked(mark) == bool(self.model.matching(mark))

    def teardown(self) -> None:
        if hasattr(self, "xa"):
            self.destroy()


class SmallNodesMachine(XArrayMachine):
    chunk_shift = 3


class LargeNodesMachine(XArrayMachine):
    """The only one whose marks take more than a word."""

    chunk_shift = 7


TestNodesOf64Slots = XArrayMachine.TestCase
TestNodesOf8Slots = SmallNodesMachine.TestCase
TestNodesOf128Slots = LargeNodesMachine.TestCase
