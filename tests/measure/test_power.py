"""The instrument by simulation: how often it cries wolf, and what it sees.

Processes are drawn from a distribution; what is under test is everything after that: intervals,
verdicts, and looking several times.
"""

import numpy as np
import pytest

from pagecache.measure.intervals import interval, level_for, level_of, rank_for
from pagecache.measure.verdict import look_level, looks_for, more_processes, narrow, verdict

TRIALS = 2000
SPREAD = 0.02  # of the logarithm of a process's ratio
SHAPES = {
    "normal": lambda rng, size: rng.normal(size=size),
    "heavy tails": lambda rng, size: rng.standard_t(2, size=size),
    "skewed": lambda rng, size: rng.exponential(size=size) - np.log(2),
    "two places": lambda rng, size: rng.choice([-1.0, 1.0], size=size) + rng.normal(0, 0.1, size),
}


def ratios(shape: str, processes: int, shift: float = 0.0, seed: int = 1) -> np.ndarray:
    """Trials in rows, processes in columns; the true median is exp(shift)."""
    rng = np.random.default_rng(seed)
    return np.exp(shift + SPREAD * SHAPES[shape](rng, (TRIALS, processes)))


def said(trials: np.ndarray) -> list[str]:
    return [verdict(interval(row)) for row in trials]


def alarms(words: list[str]) -> float:
    return sum(word in {"faster", "slower"} for word in words) / len(words)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("processes", [6, 7, 12, 20])
def test_false_alarms_are_five_in_a_hundred_at_most(shape: str, processes: int) -> None:
    assert alarms(said(ratios(shape, processes))) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / TRIALS)


@pytest.mark.parametrize("processes", [5, 6, 9, 12, 20])
@pytest.mark.parametrize("shape", ["normal", "heavy tails", "skewed"])
def test_interval_covers_the_median_as_often_as_its_level_says(processes: int, shape: str) -> None:
    trials = ratios(shape, processes)
    covered = np.mean([found.low <= 1 <= found.high for found in map(interval, trials)])
    assert covered == pytest.approx(level_for(processes), abs=0.015)


def test_five_processes_are_too_few_for_95_percent() -> None:
    assert level_for(5) < 0.95 <= level_for(6)


@pytest.mark.parametrize("processes", range(2, 60))
def test_rank_is_the_greatest_that_has_the_level(processes: int) -> None:
    rank = rank_for(processes)
    if processes >= 6:
        assert level_of(processes, rank) >= 0.95 > level_of(processes, rank + 1)
    else:
        assert rank == 1


@pytest.mark.parametrize(("processes", "least"), [(6, 0.4), (12, 0.9), (20, 0.99)])
def test_three_percent_is_seen_more_often_with_more_processes(processes: int, least: float) -> None:
    words = said(ratios("normal", processes, shift=np.log(1.03)))
    assert words.count("slower") / TRIALS >= least


def test_no_difference_is_called_the_same_with_enough_processes() -> None:
    words = said(ratios("normal", 40))
    assert words.count("same") / TRIALS > 0.9


@pytest.mark.parametrize("most", [6, 12, 40])
@pytest.mark.parametrize("shape", SHAPES)
def test_looking_several_times_keeps_the_error_rate(shape: str, most: int) -> None:
    looks = looks_for(most)
    level = look_level(len(looks))
    trials = ratios(shape, most)
    wrong = 0
    for row in trials:
        words = [verdict(interval(row[:look], level)) for look in looks]
        wrong += any(word in {"faster", "slower"} for word in words)
    assert wrong / TRIALS <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / TRIALS)


def test_every_look_has_processes_enough_for_its_level() -> None:
    for most in range(6, 100):
        looks = looks_for(most)
        assert looks[-1] == most
        assert looks == sorted(set(looks))
        assert all(level_for(n, look_level(len(looks))) >= look_level(len(looks)) for n in looks)


def test_as_many_processes_as_it_asks_for_decide_in_most_trials() -> None:
    rng = np.random.default_rng(2)
    decided = 0
    for _ in range(200):
        first = np.exp(np.log(1.03) + SPREAD * rng.normal(size=6))
        more = more_processes(first)
        assert more is not None
        rest = np.exp(np.log(1.03) + SPREAD * rng.normal(size=min(more, 2000)))
        decided += verdict(interval([*first, *rest])) != "undecided"
    assert decided >= 130


def test_narrow_looks_at_the_farther_side() -> None:
    found = interval([1.0, 1.0, 1.0, 1.0, 1.0, 1.05])
    assert narrow(found, 0.06)
    assert not narrow(found, 0.04)
