"""The table of switches, rule sets of your own, and what is refused."""

from itertools import pairwise
from typing import Any

import pytest

import pagecache as pc
from pagecache.mapping.readahead.kernels import (
    CHANGES,
    FIRST,
    MEANING,
    RELEASES,
    alike,
    switches_of,
)
from pagecache.mapping.readahead.rules import rules_of

SEQUENTIAL: dict[str, Any] = {"accesses": "read 0 4096 x768 4096", "size": "3M"}


def runs(rules: pc.ReadaheadRules, **options: Any) -> list[tuple[int, int, int]]:
    return pc.readahead(rules=rules, **(SEQUENTIAL | options)).runs


def test_a_kernel_is_the_sum_of_the_changes_up_to_it() -> None:
    assert switches_of("5.18") == FIRST
    every: dict[str, Any] = {}
    for change in CHANGES:
        every |= change.switches
    assert switches_of(RELEASES[-1]) == every
    assert set(MEANING) == set(FIRST)


def test_each_change_moves_what_it_names() -> None:
    for before, after in pairwise(CHANGES):
        old = switches_of(before.since)
        assert all(old[name] != value for name, value in after.switches.items()), after.title


def test_releases_with_the_same_rules() -> None:
    groups = alike()
    assert [group[0] for group in groups] == [change.since for change in CHANGES]
    assert sum(groups, ()) == RELEASES


def test_the_2024_commit_is_one_switch() -> None:
    assert runs(pc.ReadaheadRules("6.8", mark_rounds_up=True)) == runs(pc.ReadaheadRules("6.7"))
    assert runs(pc.ReadaheadRules("6.8")) != runs(pc.ReadaheadRules("6.7"))


class Unrounded(pc.ReadaheadRules):
    """Rounds marks as before the 2024 commit, in Python."""

    def round_mark(self, page: int, order: int) -> int:
        return -(-page >> order) << order


class Aligned(pc.ReadaheadRules):
    """Ends windows as 6.17 does, in Python."""

    def align_end(self, start: int, end: int, order: int, limit: int) -> int:
        step = min(order, (limit & -limit).bit_length() - 1)
        return end >> step << step


class Windows(pc.ReadaheadRules):
    """The built-in windows once more."""

    def first_window(self, request: int, limit: int) -> int:
        size = 1 << (request - 1).bit_length()
        if size <= limit // 32:
            return 4 * size
        return 2 * size if size <= limit // 4 else limit

    def next_window(self, size: int, limit: int) -> int:
        if size < limit // 16:
            return 4 * size
        return 2 * size if size <= limit // 2 else limit

    def grow_order(self, order: int) -> int:
        return order + 2


def test_overridden_functions_do_what_the_switches_do() -> None:
    assert runs(Unrounded("6.8")) == runs(pc.ReadaheadRules("6.7"))
    assert runs(Aligned("6.18", end_aligned=False)) == runs(pc.ReadaheadRules("6.18"))
    for kernel in ("6.6", "6.8", "6.12", "6.18"):
        assert runs(Windows(kernel)) == runs(pc.ReadaheadRules(kernel))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("first_window", 8),
        ("next_window", 8),
        ("grow_order", 1),
        ("align_end", 1 << 20),
        ("round_mark", 0),
    ],
)
def test_every_overridden_function_is_asked(name: str, answer: int) -> None:
    kind = type("Own", (pc.ReadaheadRules,), {name: lambda self, *numbers: answer})
    assert runs(kind("6.18")) != runs(pc.ReadaheadRules("6.18"))


def test_usual_answers_can_be_asked_for() -> None:
    rules = pc.ReadaheadRules("6.18")
    windows = [rules.first_window(request, 64) for request in (1, 2, 3, 16, 17)]
    assert windows == [4, 8, 8, 32, 64]  # four times, up to a 32nd of the limit; then twice
    assert rules.first_window(2, 32) == 4
    assert (rules.first_window(1, 32), rules.first_window(8, 32), rules.first_window(9, 32)) == (
        4,
        16,
        32,
    )
    assert (rules.next_window(1, 32), rules.next_window(2, 32), rules.next_window(17, 32)) == (
        4,
        4,
        32,
    )
    assert rules.grow_order(2) == 4
    assert (rules.align_end(12, 28, 3, 32), rules.align_end(12, 15, 5, 32)) == (24, 15)
    assert (rules.round_mark(5, 2), pc.ReadaheadRules("6.6").round_mark(5, 2)) == (4, 8)


def test_an_error_in_an_overridden_function_comes_out() -> None:
    class Broken(pc.ReadaheadRules):
        def next_window(self, size: int, limit: int) -> int:
            raise KeyError("no window")

    with pytest.raises(KeyError, match="no window"):
        runs(Broken("6.8"))


@pytest.mark.parametrize("answer", [-1, 1 << 60])
def test_an_answer_that_is_no_number_of_pages_is_refused(answer: int) -> None:
    kind = type("Wild", (pc.ReadaheadRules,), {"next_window": lambda self, *numbers: answer})
    with pytest.raises(pc.InputError, match=r"next_window\(4, 32\)"):
        runs(kind("6.18"))


def test_a_window_of_no_pages_ends() -> None:
    kind = type("Empty", (pc.ReadaheadRules,), {"first_window": lambda self, *numbers: 0})
    assert sum(count for _, count, _ in runs(kind("6.18"))) == 768


def test_names_say_what_differs() -> None:
    assert pc.ReadaheadRules("6.8").name == "6.8"
    assert pc.ReadaheadRules("6.8", order_1=True, scans_lag=False).name == "6.8+order_1-scans_lag"
    assert Aligned("6.8").name == "Aligned on 6.8"
    name = "6.8+no_hole=after+folio_batch=7-scans_lag"
    assert rules_of(name).switches["folio_batch"] == 7
    assert runs(rules_of(rules_of(name).name)) == runs(rules_of(name))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("6.21", "no release from 5.18 to 7.1"),
        ("5.17", "no release"),
        ("", "no release"),
        ("6.8+faster", "faster is no switch"),
        ("6.8+no_hole", "not one of last, before, after"),
        ("6.8+no_hole=there", "not one of last, before, after"),
        ("6.8+order_1=3", "is not a bool"),
        ("6.8+folio_batch=0", "folio_batch: 0"),
        ("6.8+folio_batch", "is not a int"),
    ],
)
def test_rule_sets_that_do_not_exist_are_refused(text: str, said: str) -> None:
    with pytest.raises(pc.InputError, match=said):
        rules_of(text)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": "65T"}, "above 64 TiB"),
        ({"size": 0}, "above zero"),
        ({"readahead_kb": -1}, "readahead_kb"),
        ({"max_io_kb": 1 << 31}, "max_io_kb"),
        ({"max_order": 12}, "max_order"),
        ({"min_order": 3, "max_order": 2}, "min_order"),
        ({"min_order": 2, "kernel": "6.8"}, "no minimum folio order"),
        ({"exec_order": 12}, "exec_order"),
        ({"min_order": 2, "largest_free": 1}, "largest_free"),
    ],
)
def test_numbers_that_cannot_be_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(pc.InputError, match=said):
        pc.readahead(**(SEQUENTIAL | options))


def test_large_folios_that_cannot_be_allocated_become_single_pages() -> None:
    for kernel in ("6.6", "6.18"):
        found = pc.readahead(kernel, **SEQUENTIAL, largest_free=1)
        assert found.by_order == {0: 768}
    assert pc.readahead("6.18", **SEQUENTIAL, largest_free=4).by_order.keys() == {0, 2, 3, 4}


def test_code_on_arm64_gets_folios_that_its_page_tables_can_use() -> None:
    program = "mmap exec; touch 40"
    folios = pc.readahead("6.18", program, "4M", exec_order=4).folios
    assert folios == [(32, 4), (48, 4)]
    assert pc.readahead("6.16", program, "4M", exec_order=4).folios[0] == (24, 2)


def test_a_mapping_that_misses_too_often_reads_single_pages() -> None:
    """MADV_HUGEPAGE with MADV_RANDOM reads two megabytes for each fault, for ever up to 6.18."""
    program = "mmap huge rand; touch 0 x150 512"
    assert pc.readahead("6.18", program, "400M").by_order == {9: 150}
    assert pc.readahead("6.19", program, "400M").by_order == {0: 50, 9: 100}
