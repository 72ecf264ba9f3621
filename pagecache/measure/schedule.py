"""How many processes run: a number that was given, what the time allows, or until it is enough.

The number must not follow from what was measured of the designs, or intervals would not have their
level: it is decided by the clock alone, after the first process. With a precision it does follow
from them, but at a few looks fixed beforehand, each of which asks for a higher level (verdict.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pagecache.measure.intervals import LEAST_PROCESSES, LEVEL
from pagecache.measure.verdict import look_level, looks_for

MOST_PROCESSES = 12  # their interval has 96.1 % and leaves out two at either end
MOST_PRECISE = 128  # if a precision is wanted
UNLIMITED = 1e9


@dataclass
class Schedule:
    """Which processes are still to run, and the time that each may take.

    Parameters
    ----------
    seconds : float
        For all of them together.
    given : int, optional
        That many, however long they take; else 6 to 12, by what the first one takes.
    all_rounds : bool
        Each process runs all of its rounds, however long they take.
    is_enough : callable, optional
        Asked at each look: whether every interval is as narrow as was wanted.

    Examples
    --------
    >>> schedule = Schedule(30.0)
    >>> schedule.wanted, schedule.share(0, 30.0)
    (12, 2.5)
    >>> schedule.note(0, 4.0)  # the first took four seconds
    >>> schedule.wanted
    7
    """

    seconds: float
    given: int | None = None
    all_rounds: bool = False
    is_enough: Callable[[], bool] | None = None
    looks: list[int] = field(default_factory=list)
    looked: int = 0
    spent: float = 0.0

    def __post_init__(self) -> None:
        if self.is_enough is not None:
            self.looks = looks_for(self.given or MOST_PRECISE)
            self.wanted = self.looks[-1]
        else:
            self.wanted = self.given or MOST_PROCESSES

    @property
    def level(self) -> float:
        """The level that intervals are asked for: higher once there was a look."""
        return look_level(len(self.looks)) if self.looked else LEVEL

    def share(self, process: int, left: float) -> float:
        """Seconds of the `left` ones that a process may take, those after it having as many."""
        return UNLIMITED if self.all_rounds else left / (self.wanted - process)

    def note(self, process: int, took: float) -> None:
        """A process has ended."""
        self.spent += took
        done = process + 1
        if self.is_enough is not None:
            self.look(done, self.is_enough)
        elif done == 1 and self.given is None:
            affordable = int(self.seconds / took) if took else MOST_PROCESSES
            self.wanted = min(max(affordable, LEAST_PROCESSES), MOST_PROCESSES)

    def look(self, done: int, is_enough: Callable[[], bool]) -> None:
        """Stop if the time is over, or if this is a look and the intervals are narrow enough."""
        if self.spent >= self.seconds and done >= LEAST_PROCESSES:
            self.wanted = done
        elif done in self.looks:
            self.looked += 1
            self.wanted = done if is_enough() else self.wanted
