"""A memory and plain sets, driven side by side by random operations; checked after each."""

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

from pagecache.buddy.ageing import age
from pagecache.buddy.buddy import Buddy
from pagecache.buddy.fragment import fragment, release
from pagecache.buddy.loading import blocks_needed, load_counts
from pagecache.buddy.moves import Moves

from .memory_model import ATOMIC, DIRECT, HIGH, KSWAPD, MEMALLOC, NORETRY, TYPES, MemoryModel

SLOW_STEPS = 34_000  # of each of the three machines: more than 100,000 in all

orders = st.one_of(st.just(0), st.integers(0, 10))
kinds = st.sampled_from(sorted(TYPES))
haste = st.sampled_from([0, KSWAPD, HIGH, HIGH | ATOMIC, MEMALLOC])
effort = st.sampled_from([0, DIRECT, DIRECT | NORETRY])
seeds = st.integers(0, 2**64 - 1)
held = st.runner().flatmap(lambda machine: st.sampled_from(machine.held_blocks() or [-1]))


class BuddyMachine(RuleBasedStateMachine):
    """64 frames, the largest block 16: every corner is near."""

    frames, max_order, pageblock_order, most = 64, 4, 3, 12
    steps = 0

    @initialize(cache=st.booleans(), min_pages=st.sampled_from([0, 0, 5]), follow=st.booleans())
    def begin(self, cache: bool, min_pages: int, follow: bool) -> None:
        self.options: dict[str, Any] = {
            "cache": cache,
            "min_pages": min_pages,
            "max_order": self.max_order,
            "pageblock_order": self.pageblock_order,
        }
        self.follow = follow
        self.renew()

    def renew(self) -> None:
        self.memory = Buddy(self.frames, **self.options)
        self.moves = Moves(self.memory) if self.follow else None
        self.model = MemoryModel(self.frames, self.max_order, self.options["min_pages"])

    def held_blocks(self) -> list[int]:
        return sorted(pfn for pfn, (_, kind) in self.model.used.items() if kind != "filler")

    def follow_moves(self) -> None:
        """Held blocks are where the moves say, filler is as much as before, nothing is new."""
        before, filler = self.model.free, self.model.of_kind("filler")
        for old, new, order in self.moves.take() if self.moves is not None else []:
            assert self.model.used[old] == (order, "movable")
            self.model.used[new] = self.model.used.pop(old)
        expected = {(p, *u) for p, u in self.model.used.items() if u[1] != "filler"}
        self.model.learn(self.memory)
        assert {(p, *u) for p, u in self.model.used.items() if u[1] != "filler"} == expected
        assert self.model.of_kind("filler") == filler
        assert len(self.model.free) == len(before)

    @rule(order=orders, kind=kinds, flags=st.tuples(haste, effort))
    def alloc(self, order: int, kind: int, flags: tuple[int, int]) -> None:
        gfp = kind | flags[0] | flags[1]
        if order > self.max_order:
            with pytest.raises(ValueError, match="is not from 0 to"):
                self.memory.alloc(order, gfp)
            return
        expected = self.model.may_take(order, gfp)
        try:
            pfn = self.memory.alloc(order, gfp)
        except MemoryError:
            assert not expected
            self.follow_moves()
        else:
            if not expected:
                assert gfp & (DIRECT | NORETRY) == DIRECT, "only compaction can make a block"
                self.memory.free(pfn)
                self.follow_moves()
                assert self.model.may_take(order, gfp)
                pfn = self.memory.alloc(order, gfp)
            self.model.take(pfn, order, TYPES[kind])

    @rule(order=orders, kind=kinds, count=st.integers(2, 40))
    def alloc_many(self, order: int, kind: int, count: int) -> None:
        for _ in range(min(count, self.most)):
            self.alloc(order, kind, (0, 0))

    @rule(pfn=held)
    def free(self, pfn: int) -> None:
        if pfn >= 0:
            self.memory.free(pfn, self.model.used[pfn][0])
            self.model.give(pfn)
            with pytest.raises(ValueError, match="was it freed before"):
                self.memory.free(pfn)

    @rule(keep=st.integers(2, 5), at=st.integers(0, 4))
    def free_all_but_some(self, keep: int, at: int) -> None:
        for n, pfn in enumerate(self.held_blocks()):
            if n % keep != at % keep:
                self.free(pfn)

    @rule(pfn=held, order=orders)
    def free_at_another_order(self, pfn: int, order: int) -> None:
        if pfn >= 0 and order != self.model.used[pfn][0]:
            with pytest.raises(ValueError, match="free it at the order it has"):
                self.memory.free(pfn, order)

    @rule(pfn=st.integers(0, 5000))
    def free_anything(self, pfn: int) -> None:
        if pfn >= self.frames:
            with pytest.raises(IndexError, match="there is no frame"):
                self.memory.free(pfn)
        elif pfn not in self.model.used:
            with pytest.raises(ValueError, match="no block in use begins"):
                self.memory.free(pfn)

    @rule(pfn=held, to=orders)
    def split(self, pfn: int, to: int) -> None:
        if pfn < 0:
            return
        if to > self.model.used[pfn][0]:
            with pytest.raises(ValueError, match="cannot be split"):
                self.memory.split(pfn, to)
        else:
            self.memory.split(pfn, to)
            self.model.split(pfn, to)

    @rule(k=st.integers(2, 9), seed=seeds)
    def keep_one_of(self, k: int, seed: int) -> None:
        """Of the frames that nobody holds, exactly every k-th is in use afterwards."""
        kept = {p: u for p, u in self.model.used.items() if u[1] != "filler"}
        mine = set().union(*(range(p, p + (1 << order)) for p, (order, _) in kept.items()))
        whole = self.frames >> self.pageblock_order << self.pageblock_order
        survivors = [p for p in range(self.frames) if p not in mine and (p % k == 0 or p >= whole)]
        fragment(self.memory, "keep-one-of", k=k, seed=seed)
        self.model.learn(self.memory)
        assert self.model.used == kept | dict.fromkeys(survivors, (0, "filler"))

    @rule(pattern=st.sampled_from(["random", "pinned"]), share=st.floats(0, 1), seed=seeds)
    def fragment(self, pattern: str, share: float, seed: int) -> None:
        before = {(p, *u) for p, u in self.model.used.items() if u[1] != "filler"}
        fragment(self.memory, pattern, k=3, share=share, seed=seed)
        self.model.learn(self.memory)
        new = {(p, *u) for p, u in self.model.used.items()} - before
        assert before <= {(p, *u) for p, u in self.model.used.items()}
        allowed = {"filler"} if pattern == "random" else {"filler", "unmovable"}
        assert {(order, kind) for _, order, kind in new} <= {(0, kind) for kind in allowed}

    @rule(steps=st.integers(0, 300), seed=seeds)
    def age(self, steps: int, seed: int) -> None:
        before = {(p, *u) for p, u in self.model.used.items()}
        wanted = len(self.model.free) // 2
        age(self.memory, steps=steps, free=wanted, seed=seed)
        self.model.learn(self.memory)
        assert before <= {(p, *u) for p, u in self.model.used.items()}
        assert len(self.model.free) >= wanted

    @rule()
    def release(self) -> None:
        filler = [pfn for pfn, (_, kind) in self.model.used.items() if kind == "filler"]
        freed = sum(1 << self.model.used[pfn][0] for pfn in filler)
        assert release(self.memory) == freed
        for pfn in filler:
            self.model.give(pfn)

    @rule()
    def compact(self) -> None:
        cost = self.memory.compact()
        assert cost["moved"] <= min(cost["migrate_scanned"], cost["free_scanned"])
        self.follow_moves()

    @rule(seed=seeds)
    def load(self, seed: int) -> None:
        """A new memory with the same counts; or a refusal, which changes nothing."""
        counts = self.model.counts()
        if self.model.used:
            with pytest.raises(ValueError, match="frames are in use"):
                load_counts(self.memory, counts, seed=seed)
        whole = self.frames >> self.max_order
        if blocks_needed(counts, self.max_order) > whole:  # no place for blocks at an odd end
            with pytest.raises(ValueError, match="do not fit"):
                load_counts(Buddy(self.frames, **self.options), counts, seed=seed)
            assert self.frames % (1 << self.max_order)
            return
        self.renew()
        load_counts(self.memory, counts, seed=seed)
        self.model.learn(self.memory)
        assert self.model.counts() == counts
        assert {kind for _, kind in self.model.used.values()} <= {"filler"}

    @invariant()
    def rule_is_kept(self) -> None:
        type(self).steps += 1
        self.memory.check()

    @invariant()
    def frames_agree(self) -> None:
        used = {pfn: (order, kind) for pfn, order, kind in self.memory.used()}
        assert used == self.model.used
        assert self.memory.free_frames == len(self.model.free)

    @rule()
    def counts_agree(self) -> None:
        """Not an invariant: counting gives the cached frames back."""
        counts = self.memory.counts()
        assert counts == self.model.counts()
        by_type = [self.memory.counts(name) for name in TYPES.values()]
        assert [sum(column) for column in zip(*by_type, strict=True)] == counts


class OddSizeMachine(BuddyMachine):
    """No multiple of a largest block, nor of a pageblock."""

    frames, max_order, pageblock_order, most = 203, 5, 4, 40


class WholeOrdersMachine(BuddyMachine):
    """The orders of Linux."""

    frames, max_order, pageblock_order, most = 2048, 10, 9, 40


def as_test_case(machine: type[RuleBasedStateMachine], divisor: int) -> type:
    case: type = machine.TestCase
    case.settings = settings(max_examples=max(1, settings.default.max_examples // divisor))
    return case


TestOf64Frames = as_test_case(BuddyMachine, 2)
TestOfAnOddSize = as_test_case(OddSizeMachine, 3)
TestOfLinuxsOrders = as_test_case(WholeOrdersMachine, 8)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [BuddyMachine, OddSizeMachine, WholeOrdersMachine])
def test_memory_agrees_with_sets_for_many_steps(
    machine: type[BuddyMachine], capsys: pytest.CaptureFixture[str]
) -> None:
    machine.steps = 0
    plan = settings(max_examples=100, stateful_step_count=100, derandomize=False, database=None)
    while machine.steps < SLOW_STEPS:
        run_state_machine_as_test(machine, settings=plan)
    with capsys.disabled():
        print(f"\n{machine.__name__}: {machine.steps:,} steps agree")
