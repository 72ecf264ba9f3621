"""Where a value changed and stayed changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, median_high, median_low

from pagecache.report.history.asv import Commit, Point, Series

WINDOW = 3  # commits on either side that must agree
TIMED, COUNTED = 1.10, 1.01  # times that a step is at least: of seconds, and of what is counted


@dataclass(frozen=True)
class Step:
    """A change at a commit, from the median before to the median after."""

    commit: Commit
    before: float
    after: float

    @property
    def ratio(self) -> float:
        return self.after / self.before if self.before else math.inf

    @property
    def size(self) -> float:
        """How large it is, whichever way."""
        return abs(math.log(self.ratio)) if 0 < self.ratio < math.inf else math.inf


def steps_of(series: Series) -> list[Step]:
    """The steps of one cell, in the order of time.

    Each of up to three commits from a step on is beyond the median of up to three before it, all
    one way, by more than 10 % (1 % of what is counted); so is its first beyond the one before it,
    and their intervals do not meet. A commit that stands out is no step, and hides none.

    Examples
    --------
    >>> points = {Commit(day, str(day)): Point(value, value, value)
    ...           for day, value in enumerate([10.0, 10.2, 13.0, 10.1, 12.5, 12.4])}
    >>> [(step.commit.name, round(step.ratio, 2))
    ...  for step in steps_of(Series("get", "", "vm", "seconds", points))]
    [('4', 1.22)]
    """
    factor = TIMED if series.unit == "seconds" else COUNTED
    commits = sorted(series.points)
    points = [series.points[commit] for commit in commits]
    return [
        Step(commits[at], *(median(each.value for each in side) for side in (before, after)))
        for at in range(1, len(points))
        for before, after in ((points[max(0, at - WINDOW) : at], points[at : at + WINDOW]),)
        if rises(before, after, factor) or falls(before, after, factor)
    ]


def rises(before: Sequence[Point], after: Sequence[Point], factor: float) -> bool:
    """Whether it steps up between the two."""
    last, first, usual = before[-1], after[0], median_high(each.value for each in before)
    at_once = first.low > last.high and first.value > factor * last.value
    return at_once and all(each.value > factor * usual for each in after)


def falls(before: Sequence[Point], after: Sequence[Point], factor: float) -> bool:
    """Whether it steps down between the two."""
    last, first, usual = before[-1], after[0], median_low(each.value for each in before)
    at_once = first.high < last.low and factor * first.value < last.value
    return at_once and all(factor * each.value < usual for each in after)
