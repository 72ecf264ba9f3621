"""The guards of a map count: each one's outcome under the attack, and its counts beside a model."""

import os

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pagecache.errors import InputError
from pagecache.page.mapcount import GUARDS, MappedPage, scaled

WIDTHS = (4, 8, 12, 16)
wide = pytest.mark.parametrize("width", WIDTHS)
guarded = pytest.mark.parametrize("guard", GUARDS)
GUARDED = [guard for guard in GUARDS if guard != "none"]


def test_attackers_not_tracked_are_not_found_by_others() -> None:
    """Each is above the limit for killing and below that for tracking."""
    page = MappedPage("kill", width=8, processes=20, track_above=50, kill_above=5)
    for process in range(12):
        page.map_many(process, 10)
    page.map_many(12, 8)
    assert page.mapped == 128
    assert page.map_many(13, 1) == 1  # maps once, finds no one tracked
    assert (page.panicked, page.kills) == (True, 0)


def test_current_process_is_killed_first_and_others_stay() -> None:
    page = MappedPage("kill", width=8, processes=3, track_above=60, kill_above=5)
    page.map_many(0, 100)
    assert page.map_many(1, 100) == 29
    assert [page.is_dead(process) for process in range(3)] == [False, True, False]
    assert (page.mapped, page.mapcount, page.refcount) == (100, 99, 101)
    assert page.map_many(1, 10) == 0  # the dead do not map


@pytest.mark.parametrize("left", [60, 61])
def test_tracked_process_is_forgotten_when_it_has_fewer(left: int) -> None:
    page = MappedPage("kill", width=8, processes=4, track_above=60, kill_above=5)
    page.map_many(0, 65)
    page.unmap_many(0, 65 - left)
    page.map_many(1, 60)
    page.map_many(2, 5)
    page.map_many(3, 129 - page.mapped)  # the last turns the count negative
    assert page.is_dead(0) == (left == 61)
    assert page.panicked == (left == 60)
    assert not page.is_dead(1)


def test_refused_are_served_again_once_others_unmap() -> None:
    page = MappedPage("refuse", width=8, processes=2)
    page.map_many(0, 200)
    assert (page.map_many(1, 1), page.refusals) == (0, 74)
    page.unmap_many(0, 1)
    assert page.map_many(1, 1) == 1


@guarded
def test_ordinary_use_is_the_same_under_every_guard(guard: str) -> None:
    page = MappedPage(guard, width=32, processes=3)
    assert page.map_many(0, 3) == 3
    assert page.churn(1, 1000) == 1000
    assert (page.mapcount, page.refcount, page.mapped) == (2, 4, 3)
    page.unmap_many(0, 3)
    assert (page.mapcount, page.refcount) == (-1, 1)
    assert page.reclaim()  # the cache's reference was the last
    assert (page.freed, page.freed_while_mapped) == (True, False)
    assert page.map_many(2, 1) == 0


def test_thresholds_scale_with_the_root_of_the_range() -> None:
    assert MappedPage("kill").thresholds == (5000, 1000)
    assert MappedPage("kill", width=16).thresholds == (20, 4)
    assert MappedPage("kill", width=2).thresholds == (1, 1)
    assert scaled(5000, 30) == 2500


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"guard": "pray"}, "unknown guard 'pray'; known: none, kill, saturate, leak, refuse"),
        ({"guard": "none", "width": 1}, "width 1: a count has 2 to 32 bits"),
        ({"guard": "none", "width": 33}, "width 33: a count has 2 to 32 bits"),
        ({"guard": "none", "processes": 0}, "at least one"),
    ],
)
def test_bad_page_is_refused(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        MappedPage(**arguments)  # type: ignore[arg-type]


@pytest.mark.skipif("asan" in os.environ.get("LD_PRELOAD", ""), reason="asan ends the process")
def test_processes_beyond_memory_raise_memory_error() -> None:
    with pytest.raises(MemoryError, match="accounts of"):
        MappedPage("none", processes=1 << 60)


def test_bad_steps_change_nothing() -> None:
    page = MappedPage("none", width=8, processes=2)
    page.map_many(0, 3)
    with pytest.raises(ValueError, match="process 0 has 3 mappings, not 4"):
        page.unmap_many(0, 4)
    with pytest.raises(OverflowError, match=r"more than 2\*\*32 - 1"):
        page.map_many(0, (1 << 32) - 3)
    for step in (page.mappings_of, page.is_dead, lambda p: page.churn(p, 1)):
        with pytest.raises(IndexError, match="process 2 is none of the 2"):
            step(2)
    assert (page.mapcount, page.mapped, page.mappings_of(0)) == (2, 3, 3)


WIDTH, PROCESSES = 5, 4


class GuardMachine(RuleBasedStateMachine):
    """Mapping and unmapping under the guards that keep exact counts, beside plain numbers."""

    @initialize(guard=st.sampled_from(["none", "leak", "refuse", "saturate"]))
    def start(self, guard: str) -> None:
        self.page = MappedPage(guard, width=WIDTH, processes=PROCESSES)
        self.guard = guard
        self.maps = [0] * PROCESSES
        self.refused = 0
        self.stuck = {"mapcount": False, "refcount": False}

    def step(self, mappings: int) -> None:
        """What saturated counts do: stay once they are at the highest."""
        highest = (1 << WIDTH - 1) - 1
        self.stuck["mapcount"] |= sum(self.maps) - 1 >= highest
        self.stuck["refcount"] |= sum(self.maps) + 1 >= highest

    @rule(process=st.integers(0, PROCESSES - 1), mappings=st.integers(0, 12))
    def map(self, process: int, mappings: int) -> None:
        made = self.page.map_many(process, mappings, watched=False)
        room = mappings
        if self.guard == "refuse":
            room = min(mappings, max(0, (1 << WIDTH - 1) - 1 - sum(self.maps)))
            self.refused += mappings - room
        assert made == room
        self.maps[process] += made
        self.step(made)

    @rule(process=st.integers(0, PROCESSES - 1), share=st.integers(0, 4))
    def unmap(self, process: int, share: int) -> None:
        mappings = self.maps[process] * share // 4
        if wraps(1 + sum(self.maps), mappings) and self.guard in ("none", "leak"):
            return  # its references run out while it is mapped: the attack's tests do that
        self.page.unmap_many(process, mappings)
        self.maps[process] -= mappings

    @invariant()
    def counts_agree(self) -> None:
        total = sum(self.maps)
        assert self.page.mapped == total
        assert [self.page.mappings_of(p) for p in range(PROCESSES)] == self.maps
        assert self.page.refusals == self.refused
        assert not self.page.freed
        expected = {"mapcount": signed(total - 1), "refcount": signed(total + 1)}
        for name, value in expected.items():
            if self.guard == "saturate" and self.stuck[name]:
                value = (1 << WIDTH - 1) - 1  # noqa: PLW2901
            assert getattr(self.page, name) == value


def signed(count: int) -> int:
    """A number as `WIDTH` bits hold it."""
    half = 1 << WIDTH - 1
    return (count + half) % (2 * half) - half


def wraps(references: int, mappings: int) -> bool:
    """Does the count of references pass 0 on the way down?"""
    return any(signed(references - k) == 0 for k in range(1, mappings + 1))


TestGuardMachine = GuardMachine.TestCase
