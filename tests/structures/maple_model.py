"""A maple tree as a list of ranges: what each call means, worked out without a tree."""

from bisect import bisect_left
from collections.abc import Iterator

from pagecache.errors import EntryExists

MAX_INDEX = 2**64 - 1


class MapleModel:
    """Ranges in order: first, last and entry of each."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int, int]] = []

    def place(self, index: int) -> int:
        """The number of the first range that ends at or after `index`."""
        return bisect_left(self.ranges, index, key=lambda each: each[1])

    def covering(self, index: int) -> tuple[int, int, int] | None:
        k = self.place(index)
        if k < len(self.ranges) and self.ranges[k][0] <= index:
            return self.ranges[k]
        return None

    def load(self, index: int) -> int | None:
        found = self.covering(index)
        return found[2] if found else None

    def store_range(self, first: int, last: int, entry: int | None) -> None:
        low = high = self.place(first)
        new = []
        while high < len(self.ranges) and self.ranges[high][0] <= last:
            old_first, old_last, old = self.ranges[high]
            if old_first < first:
                new.append((old_first, first - 1, old))
            if old_last > last:
                new.append((last + 1, old_last, old))
            high += 1
        if entry is not None:
            new.append((first, last, entry))
        self.ranges[low:high] = sorted(new)

    def insert_range(self, first: int, last: int, entry: int) -> None:
        found = self.find(first, last)
        if found is not None:
            raise EntryExists
        self.store_range(first, last, entry)

    def erase(self, index: int) -> int | None:
        found = self.covering(index)
        if found is None:
            return None
        self.ranges.remove(found)
        return found[2]

    def find(self, index: int, most: int = MAX_INDEX) -> tuple[int, int] | None:
        k = self.place(index)
        if index > most or k == len(self.ranges) or self.ranges[k][0] > most:
            return None
        return self.ranges[k][2], (self.ranges[k][1] + 1) & MAX_INDEX

    def items(self, start: int = 0) -> Iterator[tuple[int, int, int]]:
        yield from self.ranges[self.place(start) :]
