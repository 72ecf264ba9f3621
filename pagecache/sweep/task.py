"""What a worker is given and what it answers: the one way in which a cell is run.

A worker of another version or build refuses.  Whatever else goes wrong in a cell is its outcome and
does not end the worker.
"""

import os
import socket
import time
from collections.abc import Mapping, MutableSequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pagecache.errors import InputError
from pagecache.sweep.cell import Cell
from pagecache.sweep.columns import Row, row_of
from pagecache.sweep.counting import count_file, fill
from pagecache.sweep.identity import differs
from pagecache.sweep.shipping import Shipped, located
from pagecache.sweep.traced import count_trace

TURNS = 5


@dataclass(frozen=True)
class Task:
    """A cell to run, by a package of that identity.

    Attributes
    ----------
    cell : Cell
    identity : dict
    trace : Shipped or None
        The trace that it names.
    sample : float
        The rate at which the trace is sampled.
    timed : bool
        Whether the file is filled `TURNS` times more, and the time of that told.
    """

    cell: Cell
    identity: dict[str, str]
    trace: Shipped | None = None
    sample: float = 1.0
    timed: bool = False


@dataclass(frozen=True)
class Outcome:
    """A cell's row, or why there is none; and who ran it, for how long.

    Attributes
    ----------
    cell : int
        The cell's number.
    row : dict or None
        What the cell determines.
    error : str or None
        One line.
    seconds : float
    host, worker : str
        The machine, and the process on it.
    fill_ns : int or None
        Of a timed cell: the fastest of `TURNS` fills.
    """

    cell: int
    row: Row | None
    error: str | None
    seconds: float
    host: str
    worker: str
    fill_ns: int | None = None


METERS: list[MutableSequence[int]] = []  # of this process: that of its pool, if it has one


def on_bytes(count: int) -> None:
    """Add to this process's place in its pool's meter, which nobody else writes to."""
    for meter in METERS:
        meter[os.getpid() % len(meter)] += count


def run_task(task: Task, contents: Mapping[str, bytes] = MappingProxyType({})) -> Outcome:
    """Run a cell in this process; `contents` has the bytes of small traces, by their hash.

    Raises
    ------
    InputError
        This process has another version or build of the package than the sweep.
    """
    other = differs(task.identity)
    if other is not None:
        raise InputError(f"worker {me()}: it runs {other}; install the same package there")
    began = time.perf_counter()
    row, error, ns = None, None, None
    try:
        row = row_of(task.cell, counts(task, contents))
        ns = min(fill(task.cell).ns for _ in range(TURNS)) if task.timed else None
    except Exception as raised:
        error = sentence(raised)
    return replace(outcome(task, row, error, time.perf_counter() - began), fill_ns=ns)


def run_tasks(tasks: list[Task], seconds: float) -> list[Outcome]:
    """Run cells one after the other in this process; none is begun after so many seconds."""
    outcomes, began = [], time.perf_counter()
    for task in tasks:
        outcomes.append(run_task(task))
        if time.perf_counter() - began >= seconds:
            break
    return outcomes


def counts(task: Task, contents: Mapping[str, bytes]) -> Row:
    """What is counted of its cell."""
    if task.trace is None:
        return count_file(task.cell)
    return count_trace(task.cell, located(task.trace, contents), task.sample, on_bytes)


def outcome(task: Task, row: Row | None, error: str | None, seconds: float = 0.0) -> Outcome:
    """The outcome of a task, run by this process."""
    host, worker = me().split(":")
    return Outcome(task.cell.number, row, error, round(seconds, 4), host, worker)


def me() -> str:
    """``HOST:PID`` of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def sentence(raised: BaseException) -> str:
    """An exception in one line.

    Examples
    --------
    >>> sentence(MemoryError()), sentence(InputError("memory: too small\\nreally"))
    ('MemoryError: out of memory', 'memory: too small really')
    """
    text = " ".join(str(raised).split())
    if isinstance(raised, InputError):
        return text
    if isinstance(raised, MemoryError) and not text:
        text = "out of memory"
    return f"{type(raised).__name__}: {text}" if text else type(raised).__name__
