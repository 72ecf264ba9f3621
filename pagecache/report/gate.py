"""Gates: what is slower by more than was allowed, with all of its interval.

Within a run a row is held against the baseline; of two runs each row against its own of the other.
A gate says nothing of what it could not measure: too few processes are refused.
"""

from collections.abc import Iterator

from pagecache.errors import InputError
from pagecache.measure.intervals import LEAST_PROCESSES, LEVEL, change
from pagecache.report.counts import more_than_before
from pagecache.report.numbers import times
from pagecache.report.table import label, word_of
from pagecache.report.versus import pairs_of
from pagecache.results import Interval, Result, Results

OPTION = "--fail-above"
COUNTS_SLACK = 2e-4  # of instructions between two environments


def check_gate(limit: float | None, processes: int | None) -> None:
    """InputError, before anything is measured, if a gate was asked of too few processes."""
    if limit is not None and processes is not None and processes < LEAST_PROCESSES:
        raise InputError(
            f"{OPTION}: a gate needs {LEAST_PROCESSES} processes; give --processes "
            f"{LEAST_PROCESSES} or more"
        )


def slower_than_baseline(results: Results, limit: float) -> list[str]:
    """Rows that take more than ``1 + limit`` times as long as the baseline, a sentence each.

    Raises
    ------
    InputError
        Fewer processes than an interval of 95 % needs, or nothing to compare.
    """
    rows = [result for result in results if result.is_design and word_of(result)]
    rows = [result for result in rows if label(result) != result.baseline]
    if not rows:
        raise InputError(f"{OPTION}: nothing was timed beside the baseline; name another --designs")
    for result in rows:
        if result.level < LEVEL:
            raise InputError(
                f"{OPTION}: {result.processes} processes were measured and a gate needs "
                f"{LEAST_PROCESSES}; give --processes {LEAST_PROCESSES} or more"
            )
    return [
        sentence(result, result.ratio, f"as {result.baseline}")
        for result in rows
        if result.ratio and result.ratio.low > 1 + limit
    ]


def slower_than_before(before: Results, after: Results, limit: float) -> list[str]:
    """Rows that take more than ``1 + limit`` times as long as they did, a sentence each.

    Raises
    ------
    InputError
        A result that does not hold its processes, or too few of them.
    """
    found = []
    for old, new in timed_pairs(before, after):
        assert old.ns_per_event is not None
        assert new.ns_per_event is not None
        factor, level = change(old.ns_per_event.processes, new.ns_per_event.processes)
        if level < LEVEL:
            raise InputError(
                f"{OPTION}: {old.processes} and {new.processes} processes are too few for 95 %; "
                f"measure again with --processes {LEAST_PROCESSES}"
            )
        if factor.low > 1 + limit:
            found.append(sentence(new, factor, "as before"))
    return found


def timed_pairs(before: Results, after: Results) -> Iterator[tuple[Result, Result]]:
    """The rows that both have times of."""
    for old, new in pairs_of(before, after):
        if old.ns_per_event is None or new.ns_per_event is None:
            continue
        if not old.ns_per_event.processes or not new.ns_per_event.processes:
            raise InputError(
                f"{OPTION}: results of format 1 do not hold their processes; measure again"
            )
        yield old, new


def sentence(result: Result, factor: Interval, as_what: str) -> str:
    """One row that is too slow."""
    return (
        f"{result.event} of {label(result)} on {result.input} takes {times(factor.median)} times "
        f"as long {as_what} ({times(factor.low)} to {times(factor.high)})"
    )


def counted_more(before: Results, after: Results, limit: float) -> list[str]:
    """What is counted more often than before by more than `limit`, a sentence each.

    Counts are equal in every run, so that any growth is one; instructions differ by less than
    0.01 % between environments, for which `COUNTS_SLACK` is left.

    Raises
    ------
    InputError
        The two results have no row in common.
    """
    pairs = list(pairs_of(before, after))
    if not pairs:
        raise InputError("--counts: the two results have no design, input and event in common")
    slack = max(limit, COUNTS_SLACK)
    return [told for old, new in pairs for told in more_than_before(old, new, slack)]


def verdict_of(failed: list[str], limit: float, what: str) -> list[str]:
    """What a gate says: each failure, or that there are no failures."""
    if not failed:
        return [f"Gate: {what} by more than {100 * limit:.3g} %."]
    return [f"Gate: {each}." for each in failed]
