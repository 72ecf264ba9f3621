"""Gates: what fails, what passes, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from pagecache.cli.output import gate
from pagecache.errors import InputError
from pagecache.measure.intervals import change, interval, pair_level
from pagecache.report.gate import check_gate, slower_than_baseline, slower_than_before
from pagecache.results import Interval, Results

SIX = (10.0, 10.1, 9.9, 10.0, 10.2, 9.8)


def beside(make_result, low: float, **fields) -> Results:
    row = make_result("b", ratio=(low + 0.02, low, low + 0.05), level=0.969, processes=6, **fields)
    return Results({}, [make_result(level=0.969), row])


def run_of(make_result, factor: float = 1.0, processes: int = 6, **fields) -> Results:
    per = interval([ns * factor for ns in SIX[:processes]])
    return Results({}, [replace(make_result(**fields), ns_per_event=per, processes=processes)])


@pytest.mark.parametrize(("low", "fails"), [(1.031, True), (1.029, False), (0.9, False)])
def test_whole_interval_must_lie_above_the_limit(make_result, low: float, fails: bool) -> None:
    failed = slower_than_baseline(beside(make_result, low), 0.03)
    assert len(failed) == fails


def test_failure_names_event_design_and_input(make_result) -> None:
    assert slower_than_baseline(beside(make_result, 1.4), 0.03) == [
        "get of b on uniform 2 GiB takes 1.42 times as long as hugetlb-huge (1.40 to 1.45)"
    ]


def test_same_design_twice_is_no_matter_of_the_gate(make_result) -> None:
    again = make_result("(A/A)", ratio=(2.0, 1.9, 2.1), level=0.969)
    assert slower_than_baseline(Results({}, [*beside(make_result, 1.0), again]), 0.03) == []


def test_too_few_processes_are_refused(make_result) -> None:
    few = Results({}, [make_result(), make_result("b", level=0.5, processes=2)])
    with pytest.raises(InputError, match="2 processes were measured and a gate needs 6"):
        slower_than_baseline(few, 0.03)
    with pytest.raises(InputError, match="a gate needs 6 processes"):
        check_gate(0.03, 5)
    check_gate(0.03, 6)
    check_gate(None, 1)


def test_nothing_beside_the_baseline_is_refused(make_result) -> None:
    with pytest.raises(InputError, match="nothing was timed beside the baseline"):
        slower_than_baseline(Results({}, [make_result(level=0.969)]), 0.03)


@pytest.mark.parametrize(("factor", "fails"), [(1.0, False), (1.04, False), (1.10, True)])
def test_run_is_held_against_an_earlier_one(make_result, factor: float, fails: bool) -> None:
    before, after = run_of(make_result), run_of(make_result, factor)
    assert bool(slower_than_before(before, after, 0.03)) == fails


def test_runs_without_their_processes_or_with_too_few_are_refused(make_result) -> None:
    before = run_of(make_result)
    with pytest.raises(InputError, match="format 1 do not hold their processes"):
        slower_than_before(before, Results({}, [make_result()]), 0.03)
    few = run_of(make_result, processes=2)
    with pytest.raises(InputError, match="2 and 2 processes are too few"):
        slower_than_before(few, few, 0.03)


@pytest.mark.parametrize(("failed", "code"), [([], 0), (["get of b"], 3)])
def test_exit_code_follows(failed: list[str], code: int, capsys) -> None:
    import sys  # noqa: PLC0415 - the captured stream

    assert gate(failed, 0.03, sys.stdout) == code
    assert capsys.readouterr().out.startswith("Gate: ")


# The interval between two runs ------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), [(4, 4), (6, 6), (6, 12), (12, 12)])
def test_factor_between_two_runs_is_covered_as_often_as_said(old: int, new: int) -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(1000):
        first = np.exp(0.05 * rng.standard_t(3, old))
        second = 1.2 * np.exp(0.05 * rng.standard_t(3, new))
        found, level = change(list(first), list(second))
        assert level >= 0.95
        held += found.low <= 1.2 <= found.high
    assert held / 1000 == pytest.approx(level, abs=0.02)


def test_slowdown_of_six_percent_is_caught_and_none_is_not() -> None:
    """Processes that spread by 1 %, twelve on either side, against a limit of 3 %."""
    rng = np.random.default_rng(6)
    caught = alarms = 0
    for _ in range(500):
        before, same, slow = np.exp(0.01 * rng.normal(size=(3, 12)))
        caught += change(list(before), list(1.06 * slow))[0].low > 1.03
        alarms += change(list(before), list(same))[0].low > 1.03
    assert caught >= 450
    assert alarms == 0


def test_levels_of_pairs_are_those_of_the_tables() -> None:
    # Critical values of Mann and Whitney's U at 5 %, two-sided: 5 for 6 and 6, 37 for 12 and 12.
    assert pair_level(6, 6, 6) >= 0.95 > pair_level(6, 6, 7)
    assert pair_level(12, 12, 38) >= 0.95 > pair_level(12, 12, 39)
    assert change([1.0], [2.0]) == (Interval(2.0, 2.0, 2.0), 0.0)
