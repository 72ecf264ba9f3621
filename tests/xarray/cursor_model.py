"""A cursor over the dict model, stepping beside a real one."""

from typing import Any

from hypothesis import strategies as st

import pagecache as pc

from .dict_model import MAX_INDEX, DictModel


class CursorModel:
    """Where a cursor stands: at an index, walked there or not."""

    def __init__(self, cursor: pc.Cursor, model: DictModel) -> None:
        self.cursor, self.model = cursor, model
        self.index = cursor.index
        self.walked = False
        self.ended = False  # a search that found nothing may leave the cursor anywhere

    def take(self, step: tuple[str, Any]) -> None:
        """One step of both, with the same answer."""
        if self.ended:
            return
        getattr(self, step[0])(step[1])
        assert self.ended or self.cursor.index == self.index

    def load(self, _: object) -> None:
        self.walked = True
        assert self.cursor.load() == self.model.load(self.index)

    def move(self, by: int) -> None:
        """The first step of a cursor that has not walked goes nowhere."""
        if self.walked:
            self.index = (self.index + by) % 2**64
        self.walked = True
        answer = self.cursor.next() if by == 1 else self.cursor.prev()
        assert answer == self.model.load(self.index)

    def find(self, by: tuple[int, int | None]) -> None:
        last, mark = by
        if self.walked:
            home = self.model.covering(self.index)
            self.index = 1 + (self.index if home is None else self.model.entries[home].last)
        if self.index > MAX_INDEX:
            self.index, found = 0, None
        else:
            found = self.model.find(self.index, last, mark)
        assert self.cursor.find(last, mark) == (None if found is None else found[1])
        self.walked, self.ended = True, found is None
        if found is not None:
            self.index = found[0]

    def pause(self, _: object) -> None:
        home = self.model.covering(self.index)
        if not self.walked or home is None:
            return  # where it goes on from nothing is a matter of the tree
        self.cursor.pause()
        self.index = self.model.entries[home].last + 1
        self.walked, self.ended = False, self.index > MAX_INDEX
        if self.ended:  # whatever comes: test_like.py
            assert (self.cursor.index, self.cursor.find()) == (0, None)

    def store(self, entry: Any) -> None:
        self.walked = True
        answer = self.model.store(self.index, entry)
        assert self.cursor.store(entry) == answer

    def extent(self, _: object) -> None:
        self.walked = True
        home = self.model.covering(self.index)
        expected = None if home is None else (home, self.model.entries[home].last)
        assert self.cursor.extent() == expected
        assert self.cursor.order() == self.model.order(self.index)

    def mark(self, mark: int) -> None:
        self.walked = True
        self.cursor.set_mark(mark)
        self.model.marks(self.index).add(mark)
        assert self.cursor.get_mark(mark) == (mark in self.model.marks(self.index))


def walks(
    entries: st.SearchStrategy[Any], indices: st.SearchStrategy[int], marks: st.SearchStrategy[int]
) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Walks of a cursor."""
    plain = st.sampled_from([("load", None), ("pause", None), ("extent", None)])
    moves = st.tuples(st.just("move"), st.sampled_from([1, -1]))
    stores = st.tuples(st.just("store"), st.one_of(st.none(), entries))
    lasts = st.one_of(st.just(MAX_INDEX), indices)
    filters = st.one_of(st.none(), marks)
    finds = st.tuples(st.just("find"), st.tuples(lasts, filters))
    marked = st.tuples(st.just("mark"), marks)
    return st.lists(st.one_of(moves, finds, plain, stores, marked), min_size=1, max_size=10)
