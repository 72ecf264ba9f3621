"""One loop timed, its answer held against what the input says."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pagecache.errors import WrongAnswer


@dataclass(frozen=True)
class Timing:
    """One event's loop: how long it took, over how many events."""

    event: str
    ns: int
    events: int


def timed(loop: Callable[[], object], expected: int | None, what: str) -> int:
    """The loop's nanoseconds; WrongAnswer if it returns anything but `expected`."""
    start = time.perf_counter_ns()
    answer = loop()
    ns = time.perf_counter_ns() - start
    if expected is not None and answer != expected:
        raise WrongAnswer(f"{what}: answered {answer}, the input says {expected}")
    return ns
