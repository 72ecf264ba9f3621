"""Intervals for the median of processes, whose level is exact; and how many processes they need.

A process is one independent sample: its memory placement is fixed for its life, so its rounds are
not. With n processes sorted by their medians, the interval from the k-th smallest to the k-th
largest covers the true median with probability

    1 - 2 * P(at most k - 1 of n fair coins show heads)

whatever the distribution is:

    n    5      6      7      8      9      12     20
    k    1      1      1      1      2      3      6
         93.8 % 96.9 % 98.4 % 99.2 % 96.1 % 96.1 % 95.9 %

Five processes are too few for 95 %: resampling the five numbers gives the same interval under a
better name.

Two runs are compared by all quotients of a process of one and a process of the other: between the
k-th smallest and the k-th largest lies the true factor, if the runs differ by a factor, with a
probability that follows from counting the ways in which two samples can lie among each other
(Hodges and Lehmann's interval for Mann and Whitney's test).
"""

from collections.abc import Sequence
from functools import cache
from math import comb
from statistics import median

from pagecache.results import Interval

LEVEL = 0.95
LEAST_PROCESSES = 6  # the fewest that reach it


@cache
def level_of(processes: int, rank: int) -> float:
    """The chance that the interval between the `rank`-th smallest and largest covers the median.

    Examples
    --------
    >>> level_of(5, 1), level_of(6, 1), round(level_of(9, 2), 4)
    (0.9375, 0.96875, 0.9609)
    """
    return both_sides(sum(comb(processes, heads) for heads in range(rank)), processes)


def both_sides(outside: int, processes: int) -> float:
    """One minus the chance to be outside, if so many ways lead outside on one side."""
    return 1 - 2 * (outside / (1 << processes))  # of whole numbers: 2^1024 is no float


@cache
def rank_for(processes: int, level: float = LEVEL) -> int:
    """The greatest rank whose interval has that level at least; 1 if none has.

    Examples
    --------
    >>> rank_for(6), rank_for(9), rank_for(20), rank_for(3)
    (1, 2, 6, 1)
    """
    outside = found = 1
    for rank in range(2, (processes + 1) // 2 + 1):
        outside += comb(processes, rank - 1)
        if both_sides(outside, processes) < level:
            break
        found = rank
    return found


@cache
def level_for(processes: int, level: float = LEVEL) -> float:
    """The level that `interval` has with so many processes; 0 for one, which has no interval.

    Examples
    --------
    >>> level_for(5), level_for(6), level_for(1)
    (0.9375, 0.96875, 0.0)
    """
    return level_of(processes, rank_for(processes, level))


def interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """The median of the processes' values, and the interval around it.

    Parameters
    ----------
    values : sequence of float
        One value a process, at least one.
    level : float
        Asked for; `level_for` says what so many processes can give.

    Examples
    --------
    >>> interval([14.0, 11.0, 12.0, 16.0, 13.0, 15.0])
    Interval(median=13.5, low=11.0, high=16.0)
    """
    ordered = sorted(values)
    rank = rank_for(len(ordered), level)
    return Interval(median(ordered), ordered[rank - 1], ordered[-rank], tuple(values))


@cache
def ways(old: int, new: int) -> tuple[int, ...]:
    """In how many orders of two samples a given number of pairs has the new one first.

    Examples
    --------
    >>> ways(2, 2)
    (1, 1, 2, 1, 1)
    """
    if not old or not new:
        return (1,)
    found = [0] * (old * new + 1)
    for pairs, count in enumerate(ways(old - 1, new)):
        found[pairs] += count
    for pairs, count in enumerate(ways(old, new - 1)):
        found[pairs + old] += count
    return tuple(found)


@cache
def pair_level(old: int, new: int, rank: int) -> float:
    """The chance that the quotients from the `rank`-th smallest to the largest hold the factor."""
    return 1 - 2 * sum(ways(old, new)[:rank]) / comb(old + new, old)


def change(old: Sequence[float], new: Sequence[float]) -> tuple[Interval, float]:
    """By what factor a second run differs from a first one: the interval and its level.

    Parameters
    ----------
    old, new : sequence of float
        One value a process, one at least of each.

    Examples
    --------
    >>> found, level = change([10.0, 10.1, 10.2, 9.9], [20.0, 20.2, 20.4, 19.8])
    >>> [round(value, 3) for value in (found.median, found.low, found.high, level)]
    [2.0, 1.941, 2.061, 0.971]
    """
    quotients = sorted(b / a for a in old for b in new)
    ranks = range(2, len(quotients) // 2 + 1)
    enough = (rank for rank in ranks if pair_level(len(old), len(new), rank) >= LEVEL)
    rank = max(enough, default=1)
    found = Interval(median(quotients), quotients[rank - 1], quotients[-rank])
    return found, pair_level(len(old), len(new), rank)
