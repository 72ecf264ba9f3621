"""An XArray as a dict: what each of its calls means, worked out without a tree.

The model keeps entries by their first index.  Of nodes it knows the arithmetic alone: which level
an entry lies at, and so which slots belong together.
"""

from dataclasses import dataclass, field
from typing import Any

from pagecache.xarray import xarray

MAX_INDEX = 2**64 - 1
MARKS = (0, 1, 2)


class _Reserved:
    def __repr__(self) -> str:
        return "RESERVED"


RESERVED = _Reserved()


@dataclass
class Stored:
    """What the model keeps under the first index of an entry."""

    last: int
    entry: Any
    level: int  # the shift of the node it lies in
    marks: set[int] = field(default_factory=set)


class DictModel:
    """An XArray as a dict of first index -> last index, entry, level and marks."""

    def __init__(self, chunk_shift: int) -> None:
        self.chunk_shift = chunk_shift
        self.slots = 1 << chunk_shift
        self.entries: dict[int, Stored] = {}
        self.top: int | None = None  # the shift of the top node, if there is one

    # What is there

    def covering(self, index: int) -> int | None:
        """The first index of the entry that covers `index`."""
        reach = (first for first, stored in self.entries.items() if first <= index <= stored.last)
        return next(reach, None)

    def content(self, index: int) -> Any:
        first = self.covering(index)
        return None if first is None else self.entries[first].entry

    def load(self, index: int) -> Any:
        return visible(self.content(index))

    def marks(self, index: int) -> set[int]:
        first = self.covering(index)
        return set() if first is None else self.entries[first].marks

    def taken(self, index: int, order: int) -> bool:
        first, last = span(index, order)
        return bool(self.overlapping(first, last))

    def overlapping(self, first: int, last: int) -> list[int]:
        return [f for f, s in sorted(self.entries.items()) if f <= last and s.last >= first]

    def order(self, index: int) -> int:
        """The level and the doublings of slots, siblings of anything counted."""
        first = self.covering(index)
        if first is None or self.top is None:
            return 0
        level, doublings = self.entries[first].level, 0
        offset = first >> level & (self.slots - 1)
        while offset + (1 << doublings) < self.slots and self.is_sibling(
            first + (1 << level + doublings), level
        ):
            doublings += 1
        return level + doublings

    def is_sibling(self, index: int, level: int) -> bool:
        first = self.covering(index)
        return (
            first is not None
            and self.entries[first].level == level
            and first >> level != index >> level
        )

    def is_regular(self, first: int) -> bool:
        """Does the entry take 2^k slots, as a store by order makes them?"""
        stored = self.entries[first]
        slots = (stored.last - first + 1) >> stored.level
        return slots & (slots - 1) == 0

    # Storing

    def store(self, index: int, entry: Any, order: int = 0) -> Any:
        """Store or, with None, erase; the answer that the XArray is to give."""
        first, last = span(index, order)
        level = self.level(order)
        answer = self.replaced(first, last, level, erasing=entry is None)
        self.put(first, last, level, entry)
        return answer

    def store_range(self, first: int, last: int, entry: Any) -> None:
        if entry is not None:
            self.grow(*span(last, min(63, trailing_zeros(last + 1))))
        while first <= last:
            level, end = self.run(first, last)
            self.put(first, end, level, entry)
            first = end + 1

    def run(self, first: int, last: int) -> tuple[int, int]:
        """The longest run of whole slots of one node from `first` on: its level and last index."""
        level = 0
        while first % (1 << self.above(level)) == 0 and last - first + 1 >= 1 << self.above(level):
            level = self.above(level)
        to_end = self.slots - (first >> level & (self.slots - 1))
        slots = min((last - first + 1) >> level, to_end)
        end = first + (slots << level) - 1
        return level, min(end, MAX_INDEX)

    def put(self, first: int, last: int, level: int, entry: Any) -> None:
        """Replace what lies in a run of slots; an entry that covers the run changes as a whole.

        A run that begins inside an entry of its level and ends after it begins where that does.
        An entry that fills a node is not one that covers the slot of that node.
        """
        home = self.covering(first)
        stored = None if home is None else self.entries[home]
        covered = stored is not None and (
            stored.level > level or (stored.level == level and stored.last >= last)
        )
        if stored and not covered and home != first and stored.level == level:
            first = home
        if entry is None:
            self.clear(first, last)
        elif stored and covered:
            stored.entry = entry
        else:
            self.cover(first, last, level, entry)

    def clear(self, first: int, last: int) -> None:
        """Erase every entry that reaches into a range, each as a whole."""
        before = self.top_slots()
        for f in self.overlapping(first, last):
            del self.entries[f]
        if before - self.top_slots():
            self.top = self.lowest_top()

    def cover(self, first: int, last: int, level: int, entry: Any) -> None:
        """One entry takes the place, and the marks, of those in a range.

        What one of them had after it stays as an entry of its own, with the marks of the whole.
        """
        marks: set[int] = set()
        for f in self.overlapping(first, last):
            old = self.entries.pop(f)
            marks |= old.marks
            if old.last > last:
                self.entries[last + 1] = Stored(old.last, old.entry, old.level, set(old.marks))
        self.entries[first] = Stored(last, entry, level, marks)
        self.grow(first, last, reserved=entry is RESERVED)

    def replaced(self, first: int, last: int, level: int, erasing: bool) -> Any:
        """What a store answers: the content of the last slot that it writes."""
        home = self.covering(first)
        stored = None if home is None else self.entries[home]
        if stored is not None and stored.level >= level and stored.last >= last:
            return visible(stored.entry)
        if erasing and self.top is None:
            return self.load(first)
        if erasing and self.top is not None and self.top < level:  # the whole tree goes at once
            return None if first else xarray.SUBTREE
        slot = self.overlapping(last - (1 << level) + 1, last)
        if not slot:
            return None
        stored = self.entries[slot[0]]
        return visible(stored.entry) if stored.level >= level else xarray.SUBTREE

    def reserve(self, index: int) -> None:
        if self.content(index) is None:
            self.put(index, index, 0, RESERVED)

    def release(self, index: int) -> None:
        if self.content(index) is RESERVED:
            self.put(index, index, 0, None)

    def mark_range(self, first: int, last: int, mark: int, on: bool) -> None:
        for f in self.overlapping(first, last):
            change = self.entries[f].marks.add if on else self.entries[f].marks.discard
            change(mark)

    def destroy(self) -> None:
        self.entries.clear()
        self.top = None

    # Splitting

    def split(self, index: int, order: int) -> None:
        """Entries of `order` in the place of one; KeyError or ValueError as the XArray says."""
        first = self.covering(index)
        if first is None:
            raise KeyError
        old, level = self.order(index), self.level(order)
        if order > old or level < self.level(old) - self.chunk_shift:
            raise ValueError
        if order < old:
            stored = self.entries.pop(first)
            for f in range(first, stored.last + 1, 1 << order):
                piece = Stored(f + (1 << order) - 1, stored.entry, level, set(stored.marks))
                self.entries[f] = piece

    def try_split(self, index: int, order: int) -> None:
        old = self.order(index)
        if old and self.level(old) != self.level(order) and (self.rest(old) or order != old - 1):
            raise ValueError
        self.split(index, order)

    # Searching

    def matching(self, mark: int | None) -> list[tuple[int, Stored]]:
        """The entries that a search by mark, or by presence, may find; in order."""
        return [
            (f, s)
            for f, s in sorted(self.entries.items())
            if s.entry is not RESERVED and (mark is None or mark in s.marks)
        ]

    def marked(self, mark: int) -> bool:
        return any(mark in stored.marks for stored in self.entries.values())

    def has_reserved(self) -> bool:
        return any(stored.entry is RESERVED for stored in self.entries.values())

    def in_canonical(self, first: int, index: int) -> bool:
        """Does `index` lie in the first of the slots that the entry at `first` takes?"""
        level = self.entries[first].level
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

    # Levels and nodes

    def level(self, order: int) -> int:
        """The shift of the nodes that entries of an order lie in."""
        return order - self.rest(order)

    def rest(self, order: int) -> int:
        return order % self.chunk_shift

    def above(self, level: int) -> int:
        return level + self.chunk_shift

    def grow(self, first: int, last: int, reserved: bool = False) -> None:
        """Make the tree high enough; index 0 alone needs no node, unless it is only reserved."""
        if last > 0 or self.top is not None or (reserved and len(self.entries) == 1):
            self.top = max(self.top or 0, self.shift_for(first, last))

    def shift_for(self, first: int, last: int) -> int:
        needed, shift = last + (first == 0 < last), 0
        while needed >> shift >= self.slots:
            shift += self.chunk_shift
        return shift

    def lowest_top(self) -> int | None:
        """What a top node that lost an entry shrinks to."""
        if all(stored.last == 0 for stored in self.entries.values()):
            return None
        return max(self.shift_for(f, s.last) for f, s in self.entries.items())

    def top_slots(self) -> set[int]:
        """The slots of the top node that hold something."""
        top = self.top or 0
        return {k for f, s in self.entries.items() for k in range(f >> top, (s.last >> top) + 1)}

    def nodes(self) -> int:
        """Nodes of the tree: those the entries lie in and all above them, each once."""
        if self.top is None:
            return 0
        paths = (
            (shift, first >> self.above(shift))
            for first, stored in self.entries.items()
            for shift in range(stored.level, self.top + 1, self.chunk_shift)
        )
        return len(set(paths))


def visible(entry: Any) -> Any:
    return None if entry is RESERVED else entry


def span(index: int, order: int) -> tuple[int, int]:
    first = index >> order << order
    return first, first + (1 << order) - 1


def trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1
