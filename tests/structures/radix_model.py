"""A radix tree as a dict: what each call means, worked out without a tree."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pagecache.errors import EntryExists


@dataclass
class Stored:
    """What lies under the first index of an entry."""

    order: int
    entry: int
    tags: set[int] = field(default_factory=set)


class RadixModel:
    """A dict of first index -> order, entry and tags."""

    def __init__(self) -> None:
        self.entries: dict[int, Stored] = {}

    def covering(self, index: int) -> int | None:
        found = (f for f, s in self.entries.items() if f <= index < f + (1 << s.order))
        return next(found, None)

    def overlapping(self, index: int, order: int) -> list[int]:
        last = index + (1 << order) - 1
        return [f for f, s in self.entries.items() if f <= last and f + (1 << s.order) > index]

    def lookup(self, index: int) -> int | None:
        first = self.covering(index)
        return None if first is None else self.entries[first].entry

    def insert(self, index: int, entry: int, order: int) -> None:
        if self.overlapping(index, order):
            raise EntryExists
        self.entries[index] = Stored(order, entry)

    def delete(self, index: int) -> int | None:
        first = self.covering(index)
        return None if first is None else self.entries.pop(first).entry

    def replace(self, index: int, entry: int | None) -> int:
        first = self.covering(index)
        if first is None:
            raise KeyError(index)
        old = self.entries[first].entry
        if entry is None:
            del self.entries[first]
        else:
            self.entries[first].entry = entry
        return old

    def join(self, index: int, entry: int, order: int) -> None:
        """Over smaller entries; one that is as large or larger is taken over whole."""
        home = self.covering(index)
        if home is not None and self.entries[home].order >= order:
            self.entries[home].entry = entry
            return
        tags: set[int] = set()
        for first in self.overlapping(index, order):
            tags |= self.entries[first].tags
            del self.entries[first]
        self.entries[index] = Stored(order, entry, tags)

    def split(self, index: int, entry: int, order: int) -> int:
        first = self.covering(index)
        if first is None:
            raise KeyError(index)
        old = self.entries[first]
        if old.order <= order:
            raise ValueError(index)
        del self.entries[first]
        pieces = 1 << (old.order - order)
        for k in range(pieces):
            self.entries[first + (k << order)] = Stored(order, entry, set(old.tags))
        return pieces

    def tag_set(self, index: int, tag: int) -> int | None:
        first = self.covering(index)
        if first is None:
            return None
        self.entries[first].tags.add(tag)
        return self.entries[first].entry

    def tag_clear(self, index: int, tag: int) -> int | None:
        first = self.covering(index)
        if first is None:
            return None
        self.entries[first].tags.discard(tag)
        return self.entries[first].entry

    def tag_get(self, index: int, tag: int) -> bool:
        first = self.covering(index)
        return first is not None and tag in self.entries[first].tags

    def tagged(self, tag: int) -> bool:
        return any(tag in stored.tags for stored in self.entries.values())

    def items(self, start: int = 0, tag: int | None = None) -> Iterator[tuple[int, int]]:
        for first, stored in sorted(self.entries.items()):
            if first + (1 << stored.order) > start and (tag is None or tag in stored.tags):
                yield first, stored.entry
