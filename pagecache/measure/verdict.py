"""What an interval of ratios says, in a word; and how many more processes would decide.

    same        all of it lies within 2 % of 1 (asked first)
    faster      all of it lies below 1: less time than the baseline
    slower      all of it lies above 1
    undecided   none of these

Stopping early is looking several times, and each look is a chance of a false alarm. So a run that
may stop at any of L looks asks each look for the level 1 - (1 - 95 %) / L (Bonferroni): whatever
the looks have to do with each other, the chance that any of them errs stays below 5 %.
"""

from collections.abc import Sequence
from math import exp, log
from statistics import median, stdev

from pagecache.measure.intervals import LEAST_PROCESSES, LEVEL, level_for
from pagecache.results import Interval

SAME = 0.02
UNDECIDED = "undecided"
# To be seen in four of five runs: 1.96 + 0.84 standard errors, times 1.2533 for a median's.
STANDARD_ERRORS = 3.51
MOST_PROCESSES = 10_000


def verdict(ratio: Interval) -> str:
    """`same`, `faster`, `slower` or `undecided`; of fewer than six processes the last.

    Examples
    --------
    >>> verdict(Interval(1.0, 0.99, 1.01)), verdict(Interval(1.05, 1.01, 1.09))
    ('same', 'slower')
    >>> verdict(Interval(1.0, 0.9, 1.1)), verdict(Interval(0.8, 0.7, 0.9))
    ('undecided', 'faster')
    """
    if 0 < len(ratio.processes) < LEAST_PROCESSES and set(ratio.processes) != {1.0}:
        return UNDECIDED
    if ratio.low >= 1 - SAME and ratio.high <= 1 + SAME:
        return "same"
    if ratio.high < 1:
        return "faster"
    return "slower" if ratio.low > 1 else UNDECIDED


def more_processes(ratios: Sequence[float]) -> int | None:
    """About how many more processes would decide; None if no reasonable number would.

    From the spread of those there are: with n processes a difference of 3.51 standard deviations
    / sqrt(n) is seen in four of five runs. It must be seen, or lie within 2 % of 1 altogether.

    Parameters
    ----------
    ratios : sequence of float
        One a process; None for a single one, which has no spread.

    Examples
    --------
    >>> more_processes([1.00, 1.10, 0.99, 1.08, 1.03, 1.02])
    30
    """
    if len(ratios) < 2:
        return None
    logs = [log(ratio) for ratio in ratios]
    middle = median(logs)
    spread = stdev(logs)
    distance = max(abs(middle), log(1 + SAME) - abs(middle))
    wanted = (STANDARD_ERRORS * spread / distance) ** 2
    return (
        None
        if wanted > MOST_PROCESSES
        else max(round(wanted), LEAST_PROCESSES, len(ratios) + 1) - len(ratios)
    )


def look_level(looks: int, level: float = LEVEL) -> float:
    """The level that each of so many looks must have.

    Examples
    --------
    >>> look_level(1), look_level(4)
    (0.95, 0.9875)
    """
    return 1 - (1 - level) / looks


def looks_for(most: int, level: float = LEVEL) -> list[int]:
    """The numbers of processes after which a run may stop: doubled from the fewest that suffice.

    Examples
    --------
    >>> looks_for(40)
    [8, 16, 32, 40]
    """
    looks: list[int] = []
    for count in range(1, 12):
        wanted = look_level(count, level)
        fewest = next(n for n in range(2, 64) if level_for(n, wanted) >= wanted)
        steps = [fewest << step for step in range(count - 1) if fewest << step < most]
        looks = [*steps, most]
        if len(looks) < count:
            break
    return looks


def narrow(ratio: Interval, precision: float) -> bool:
    """Whether an interval reaches no further than `precision` to either side of its median.

    Examples
    --------
    >>> narrow(Interval(1.0, 0.985, 1.01), 0.02), narrow(Interval(1.0, 0.97, 1.01), 0.02)
    (True, False)
    """
    above, below = log(ratio.high / ratio.median), log(ratio.median / ratio.low)
    return exp(max(above, below)) - 1 <= precision
