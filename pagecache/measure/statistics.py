"""Medians, and intervals from resampling processes."""

from collections.abc import Sequence

import numpy as np

from pagecache.results import Interval

RESAMPLES = 2000
COVERAGE = 0.95


def interval(processes: Sequence[Sequence[float]]) -> Interval:
    """The median over processes of each one's median over rounds, with its interval.

    Rounds within a process share its memory placement, so processes are resampled and rounds are
    not: with n processes the interval comes from n independent numbers.

    Parameters
    ----------
    processes : sequence of sequences
        Per process the values of its rounds; at least one value.

    Examples
    --------
    >>> interval([[10, 11, 12], [13, 14, 15], [11, 12, 30]])
    Interval(median=12.0, low=11.0, high=14.0)
    """
    medians = np.array([np.median(rounds) for rounds in processes if len(rounds)])
    if len(medians) == 1:
        return Interval(float(medians[0]), float(medians[0]), float(medians[0]))
    rng = np.random.default_rng(0)  # the same numbers give the same interval
    picks = rng.integers(0, len(medians), (RESAMPLES, len(medians)))
    low, high = np.quantile(
        np.median(medians[picks], axis=1), [0.5 - COVERAGE / 2, 0.5 + COVERAGE / 2]
    )
    return Interval(float(np.median(medians)), float(low), float(high))
