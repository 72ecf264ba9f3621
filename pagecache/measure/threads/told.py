"""From what the threads of a row said in each round to what its result holds."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from pagecache.measure.case import Row
from pagecache.measure.threads.subject import LEAST_SHARE

Told = Mapping[str, Any]
PERCENTILES = ("p50_ns", "p99_ns", "p999_ns", "clock_ns")


def told_of(rounds: Sequence[Told]) -> dict[str, float] | None:
    """Medians of the rounds' percentiles, and shares of all their gets; None for no round.

    Returns
    -------
    dict
        ``p50_ns``, ``p99_ns``, ``p999_ns`` of a lookup timed alone, with the ``clock_ns`` that to
        time nothing takes; ``retries``, ``fallbacks`` and ``absent`` answers a get;
        ``cpu_share``, the least that any thread had of its processor.

    Examples
    --------
    >>> each = {"p50_ns": 40.0, "p99_ns": 60.0, "p999_ns": 90.0, "clock_ns": 17.0, "gets": 1000,
    ...         "retries": 1, "fallbacks": 0, "absent": 0, "cpu_share": 0.99}
    >>> told_of([each, each])["retries"]
    0.001
    """
    if not rounds:
        return None
    gets = max(sum(each["gets"] for each in rounds), 1)
    return {
        **{name: median(each[name] for each in rounds) for name in PERCENTILES},
        "retries": sum(each["retries"] for each in rounds) / gets,
        "fallbacks": sum(each["fallbacks"] for each in rounds) / gets,
        "absent": sum(each["absent"] for each in rounds) / gets,
        "cpu_share": median(each["cpu_share"] for each in rounds),
    }


def lock_of(rounds: Sequence[Told]) -> dict[str, float] | None:
    """Medians of what the writer of each round said; None without one."""
    if not rounds:
        return None
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def busy_doubt(
    title: str, rows: Sequence[Row], processors: int, records: Sequence[Told]
) -> Iterator[str]:
    """A sentence if threads had less than their processors in half of a row's rounds or more."""
    shares: dict[int, list[float]] = {}
    for record in records:
        for number, _, told in record["readers"]:
            shares.setdefault(number, []).append(told["cpu_share"])
    least = {
        str(rows[number]): median(found)
        for number, found in shares.items()
        if median(found) < LEAST_SHARE and members(rows[number]) <= processors
    }
    if least:
        row = min(least, key=lambda name: least[name])
        yield (
            f"{title}: a thread of {row} had {least[row]:.0%} of its processor"
            f"{f', and those of {len(least) - 1} more rows too little' if len(least) > 1 else ''}; "
            f"their scaling is not the index's: stop what else runs and rerun."
        )


def members(row: Row) -> int:
    """Threads that run at the same time for a row."""
    return (row.threads or 1) + (row.writer is not None)
