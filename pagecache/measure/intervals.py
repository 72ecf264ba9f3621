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
    outside = sum(comb(processes, heads) for heads in range(rank))
    return 1 - 2 * float(outside) / float(2**processes)


@cache
def rank_for(processes: int, level: float = LEVEL) -> int:
    """The greatest rank whose interval has that level at least; 1 if none has.

    Examples
    --------
    >>> rank_for(6), rank_for(9), rank_for(20), rank_for(3)
    (1, 2, 6, 1)
    """
    ranks = range(2, (processes + 1) // 2 + 1)
    return max((rank for rank in ranks if level_of(processes, rank) >= level), default=1)


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
