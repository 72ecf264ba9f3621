"""Arrays that hand out IDs, beside a dict of what is taken.

Entries of one index only: with larger ones IDs get lost (test_reserve_scenarios.py).
"""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import pagecache as pc

from .dict_model import RESERVED, visible
from .machine_runs import SLOW_STEPS, as_test_case, run_steps
from .tree_text import assert_siblings_follow_their_entry

HIGHEST_ID = 2**32 - 1
EDGES = [1, 2, 7, 8, 63, 64, 65, 511, 512, 4095, 4096, 2**20, HIGHEST_ID - 1, HIGHEST_ID, 2**40]

indices = st.one_of(st.integers(1, 24), st.integers(1, 130), st.sampled_from(EDGES))
values = st.one_of(st.integers(0, 9), st.just(2**63 - 1))
entries = st.one_of(values, values, st.just(pc.Pointer(64)))
entries_or_none = st.one_of(st.none(), entries)
limits = st.one_of(
    st.sampled_from([(0, HIGHEST_ID), (0, 7), (5, 10), (1, 64), (64, 63), (63, 130)]),
    st.sampled_from([(HIGHEST_ID - 1, HIGHEST_ID), (HIGHEST_ID, HIGHEST_ID), (500, 5000)]),
    st.tuples(st.integers(0, 140), st.integers(0, 140)),
)


class AllocMachine(RuleBasedStateMachine):
    """IDs from 0."""

    base, chunk_shift = 0, 6
    steps = 0

    @initialize()
    def begin(self) -> None:
        self.xa = pc.XArray(alloc=self.base, chunk_shift=self.chunk_shift)
        self.taken: dict[int, Any] = {}
        self.next_id = 0
        self.wrapped = False  # the last cyclic allocation gave the highest ID

    def lowest_free(self, first: int, last: int) -> int | None:
        index = max(first, self.base)
        while index in self.taken:
            index += 1
        return index if index <= last else None

    def put(self, index: int, entry: Any) -> None:
        self.taken[index] = RESERVED if entry is None else entry

    @rule(entry=entries_or_none, limit=limits)
    def alloc(self, entry: Any, limit: tuple[int, int]) -> None:
        expected = self.lowest_free(*limit)
        if expected is None:
            with pytest.raises(pc.EntryExists, match=f"no index from {limit[0]} to {limit[1]} is"):
                self.xa.alloc(entry, limit)
        else:
            assert self.xa.alloc(entry, limit) == expected
            self.put(expected, entry)

    @rule(entry=entries, count=st.integers(2, 70))
    def alloc_a_row(self, entry: Any, count: int) -> None:
        for _ in range(count):
            self.alloc(entry, (0, HIGHEST_ID))

    @rule(entry=entries_or_none, limit=limits)
    def alloc_cyclic(self, entry: Any, limit: tuple[int, int]) -> None:
        """From where the last one ended to the end, then from the beginning."""
        first, last = limit
        start = max(first, self.next_id)
        found = self.lowest_free(start, last)
        wrapped, self.wrapped = self.wrapped, False
        if found is None and start > first:
            found, wrapped = self.lowest_free(first, min(start - 1, last)), True
        if found is None:
            with pytest.raises(pc.EntryExists):
                self.xa.alloc_cyclic(entry, limit)
            return
        assert self.xa.alloc_cyclic(entry, limit) == (found, wrapped)
        self.put(found, entry)
        self.next_id = (found + 1) % 2**32
        self.wrapped = self.next_id == 0

    @rule(index=st.one_of(indices, st.just(0)))
    def begin_next_at(self, index: int) -> None:
        self.xa.next = self.next_id = min(index, HIGHEST_ID)

    @rule(index=indices, entry=entries_or_none)
    def store(self, index: int, entry: Any) -> None:
        """None keeps the index."""
        assert self.xa.store(index, entry) == visible(self.taken.get(index))
        self.put(index, entry)

    @rule(index=indices)
    def erase(self, index: int) -> None:
        assert self.xa.erase(index) == visible(self.taken.pop(index, None))

    @rule(index=indices, entry=entries_or_none)
    def insert(self, index: int, entry: Any) -> None:
        if index in self.taken:
            with pytest.raises(pc.EntryExists):
                self.xa.insert(index, entry)
        else:
            self.xa.insert(index, entry)
            self.put(index, entry)

    @rule(index=indices, entry=entries)
    def cmpxchg_what_is_there(self, index: int, entry: Any) -> None:
        current = self.taken.get(index)
        assert self.xa.cmpxchg(index, visible(current), entry) == visible(current)
        if current is not RESERVED:
            self.put(index, entry)

    @rule(index=indices)
    def reserve(self, index: int) -> None:
        self.xa.reserve(index)
        self.taken.setdefault(index, RESERVED)

    @rule(index=indices)
    def release(self, index: int) -> None:
        self.xa.release(index)
        if self.taken.get(index) is RESERVED:
            del self.taken[index]

    @rule(index=indices, mark=st.sampled_from([1, 2]))
    def set_mark(self, index: int, mark: int) -> None:
        self.xa.set_mark(index, mark)
        assert self.xa.get_mark(index, mark) == (index in self.taken)

    @rule(kept=indices)
    def erase_below(self, kept: int) -> None:
        for index in [index for index in self.taken if index < kept]:
            self.erase(index)

    @rule()
    def destroy(self) -> None:
        self.xa.destroy()
        self.taken.clear()
        assert self.xa.nodes == 0

    @invariant()
    def content_agrees(self) -> None:
        type(self).steps += 1
        self.xa.check()
        assert_siblings_follow_their_entry(self.xa.dump())
        at, words = self.xa.extract()
        shown = sorted((i, e) for i, e in self.taken.items() if e is not RESERVED)
        expected = [(i, e.address if isinstance(e, pc.Pointer) else e) for i, e in shown]
        assert list(zip(at.tolist(), words.tolist(), strict=True)) == expected
        assert self.xa.empty == (not self.taken)
        assert self.xa.next == self.next_id

    @invariant()
    def next_free_index_is_known(self) -> None:
        """Asked by taking it and giving it back."""
        for first in (0, 40, 100):
            expected = self.lowest_free(first, HIGHEST_ID)
            if expected:
                assert self.xa.alloc(1, (first, HIGHEST_ID)) == expected
                self.xa.erase(expected)

    def teardown(self) -> None:
        if hasattr(self, "xa"):
            self.destroy()


class AllocFrom1Machine(AllocMachine):
    base = 1


class SmallNodesMachine(AllocMachine):
    chunk_shift = 3


TestIdsFrom0 = as_test_case(AllocMachine)
TestIdsFrom1 = as_test_case(AllocFrom1Machine)
TestIdsFrom0InNodesOf8Slots = as_test_case(SmallNodesMachine)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [AllocMachine, AllocFrom1Machine, SmallNodesMachine])
def test_ids_agree_with_the_dict_for_many_steps(
    machine: type[RuleBasedStateMachine], capsys: pytest.CaptureFixture[str]
) -> None:
    count = run_steps(machine, SLOW_STEPS)
    with capsys.disabled():
        print(f"\n{machine.__name__}: {count:,} steps agree")
    assert count >= SLOW_STEPS
