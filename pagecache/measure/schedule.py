"""How many processes run: a number that was given, or as many as the time allows.

The number must never follow from what was measured of the designs, or intervals would not have
their level: it is decided by the clock alone, after the first process.
"""

from dataclasses import dataclass

from pagecache.measure.intervals import LEAST_PROCESSES

MOST_PROCESSES = 12  # their interval has 96.1 % and leaves out two at either end
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

    def __post_init__(self) -> None:
        self.wanted = MOST_PROCESSES if self.given is None else self.given

    def share(self, process: int, left: float) -> float:
        """Seconds of the `left` ones that a process may take, those after it having as many."""
        return UNLIMITED if self.all_rounds else left / (self.wanted - process)

    def note(self, process: int, took: float) -> None:
        """A process has ended."""
        if process == 0 and self.given is None:
            affordable = int(self.seconds / took) if took else MOST_PROCESSES
            self.wanted = min(max(affordable, LEAST_PROCESSES), MOST_PROCESSES)
