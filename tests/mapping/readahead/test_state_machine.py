"""Random programs beside the naive model: the same folios, marks and windows after every step.

PAGECACHE_STEPS=100000 pytest tests/mapping/readahead/test_state_machine.py -m slow -s
"""

import os
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from pagecache.mapping.readahead.kernels import alike
from pagecache.mapping.readahead.rules import ReadaheadRules
from pagecache.mapping.readahead.simulated import (
    Description,
    MappedFile,
    SimulatedFile,
    read_rounds,
)

from .naive import Mapped, NaiveFile, State

STEPS = int(os.environ.get("PAGECACHE_STEPS", "20000"))  # of the long run
KERNELS = [group[0] for group in alike()]
LENGTHS = st.sampled_from([1, 100, 4096, 4097, 10007, 16384, 65536, 131072, 200000, 1 << 20])
ADVICE = st.sets(st.sampled_from(["seq", "rand", "huge", "exec"]), max_size=2)


class Readahead(RuleBasedStateMachine):
    """One file, the description it was opened with, and more of them and mappings as they come."""

    steps = 0  # of all runs of the machine

    @initialize(
        kernel=st.sampled_from(KERNELS),
        pages=st.integers(1, 2300),
        odd=st.integers(0, 4095),
        ra=st.sampled_from([0, 1, 4, 16, 25, 32, 64, 256, 1024]),
        io=st.sampled_from([1, 64, 320]),
        orders=st.sampled_from([(0, 9), (0, 9), (0, 0), (0, 4), (1, 9), (2, 9), (3, 11)]),
        exec_order=st.sampled_from([0, 4]),
        largest=st.sampled_from([63, 63, 63, 3]),
    )
    def begin(
        self,
        *,
        kernel: str,
        pages: int,
        odd: int,
        ra: int,
        io: int,
        orders: tuple[int, int],
        exec_order: int,
        largest: int,
    ) -> None:
        rules = ReadaheadRules(kernel)
        least, most = orders if rules.switches["min_order"] != "unknown" else (0, orders[1])
        size = max(pages * 4096 - odd, 1)
        self.file = SimulatedFile(rules, size, ra, io, least, most, exec_order, largest)
        self.model = NaiveFile(
            kernel, size, ra, io, min_order=least, max_order=most, exec_order=exec_order,
            largest_free=largest,
        )  # fmt: skip
        self.pages = pages
        self.opened: list[tuple[Description, State]] = []
        self.mapped: list[tuple[MappedFile, Mapped]] = []
        self.cursor = 0
        self.open()

    @rule()
    def open(self) -> None:
        self.opened.append((self.file.open(), self.model.open()))

    def pick(self, data: Any, among: list[Any]) -> Any:
        return among[data.draw(st.integers(0, len(among) - 1))]

    @rule(data=st.data(), length=LENGTHS, times=st.integers(1, 40))
    def read_on(self, data: Any, length: int, times: int) -> None:
        """Sequential reads from where the last ones ended."""
        self.read(data, self.cursor, length, times, length)
        self.cursor += length * times

    @rule(data=st.data(), length=LENGTHS, times=st.integers(1, 8))
    def read_anywhere(self, data: Any, length: int, times: int) -> None:
        self.cursor = data.draw(st.integers(0, self.pages * 4096))
        step = data.draw(st.sampled_from([-4096, 4096, 8192, 24576, 65536]))
        self.read(data, self.cursor, length, times, step)

    def read(self, data: Any, position: int, length: int, times: int, step: int) -> None:
        description, state = self.pick(data, self.opened)
        read_rounds([description], [position], length, times, step)
        for k in range(times):
            if position + k * step >= 0:
                self.model.read(state, position + k * step, length)

    @rule(data=st.data(), advice=st.sampled_from(["normal", "random", "seq"]))
    def advise(self, data: Any, advice: str) -> None:
        description, state = self.pick(data, self.opened)
        description.advise(advice)
        self.model.advise(state, advice)

    @rule(data=st.data(), length=st.sampled_from([0, 1, 65536, 3000000]))
    def willneed(self, data: Any, length: int) -> None:
        description, state = self.pick(data, self.opened)
        position = data.draw(st.integers(0, self.pages * 4096))
        description.willneed(position, length)
        self.model.willneed(state, position, length)

    @rule(data=st.data(), advice=ADVICE)
    def mmap(self, data: Any, advice: set[str]) -> None:
        description, state = self.pick(data, self.opened)
        self.mapped.append((description.map(advice), Mapped(state, frozenset(advice))))

    @rule(data=st.data(), times=st.integers(1, 150), step=st.sampled_from([-1, 0, 1, 5, 17]))
    def touch(self, data: Any, times: int, step: int) -> None:
        if not self.mapped:
            return
        mapping, model = self.pick(data, self.mapped)
        page = data.draw(st.integers(0, self.pages - 1))
        mapping.touch(page, times, step)
        for k in range(times):
            if page + k * step >= 0:
                self.model.touch(model, page + k * step)

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "opened"):
            return
        type(self).steps += 1
        index, order, marks = self.file.folios()
        folios = list(zip(index.tolist(), order.tolist(), strict=True))
        assert folios == self.model.folios
        assert index[marks].tolist() == sorted(self.model.marks)
        for description, state in self.opened:
            window = (state.start, state.size, state.lookahead, state.misses)
            assert description.state == window


TestShort = Readahead.TestCase
TestShort.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


class Long(Readahead):
    """The same for many steps."""


@pytest.mark.slow
def test_random_programs_at_length() -> None:
    plan = settings(
        max_examples=100, stateful_step_count=50, derandomize=False, database=None, deadline=None
    )
    while Long.steps < STEPS:
        run_state_machine_as_test(Long, settings=plan)
    print(f"{Long.steps} steps")
