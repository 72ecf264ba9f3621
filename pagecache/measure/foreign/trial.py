"""Designs in shared objects are tried alone first: one that crashes or errs is left out, by name.

Each has a worker of its own for that, which runs one round of all its events, so what happens
there is that design's doing; the others are measured as if it had not been named.  One that fails
later nevertheless is not worth guessing about: then the run begins again without any of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pagecache import designs
from pagecache.errors import InputError, WorkerDied, WrongAnswer
from pagecache.measure.case import AGAIN, Case, Job, Row

Stream = Callable[[Job], Iterator[dict[str, Any]]]
Failed = dict[Row, str]


def foreign_rows(case: Case) -> list[Row]:
    """The rows of a case of bare indexes whose designs lie in shared objects."""
    known = [row for row in case.rows if case.choices(row) is None]
    return [row for row in known if designs.find(row.design).foreign]


def tried(job: Job, stream: Stream) -> tuple[Job, list[str]]:
    """The job without the rows that fail when they are tried, and a sentence for each of those.

    Raises WorkerDied if one of them is what the others are compared with.
    """
    failed = [
        {row: why for row in foreign_rows(case) if (why := failure(job, case, row, stream))}
        for case in job.cases
    ]
    return without(job, failed)


def dropped(job: Job, error: WorkerDied | WrongAnswer) -> tuple[Job, list[str]]:
    """The job without all rows of shared objects, one of which may be what ended it.

    Raises the error itself if there are no such rows.
    """
    failed = [dict.fromkeys(foreign_rows(case), f"with it, {error}") for case in job.cases]
    if not any(failed):
        raise error
    return without(job, failed)


def without(job: Job, failed: list[Failed]) -> tuple[Job, list[str]]:
    """The job without the rows that failed in each of its cases, and what to say of that."""
    cases, sentences = [], []
    for case, gone in zip(job.cases, failed, strict=True):
        if case.baseline in gone:
            raise WorkerDied(f"{case.title}: {case.baseline}: {gone[case.baseline]}")
        cases.append(replace(case, rows=tuple(row for row in case.rows if row not in gone)))
        sentences += [f"{case.title}: {row} is left out: {why}." for row, why in gone.items()]
    return replace(job, cases=tuple(cases)), sentences


def failure(job: Job, case: Case, row: Row, stream: Stream) -> str | None:
    """How a row fails when it is tried alone, and with which event; None if it does not."""
    alone = replace(case, rows=(row,), baseline=row, rounds=1)
    said = attempt(job, alone, stream)
    if said is None:
        return None
    filling_first = sorted(case.events, key=lambda event: case.event(event).is_lookup)
    for event in filling_first:  # a lookup fills the index, too
        its = attempt(job, replace(alone, events=(event,)), stream)
        if its is not None:
            return f"with {event} alone, {its}"
    return said


def attempt(job: Job, case: Case, stream: Stream) -> str | None:
    """What goes wrong with one case; None if nothing does."""
    try:
        for _ in stream(replace(job, cases=(case,))):
            pass
    except (InputError, WorkerDied, WrongAnswer) as error:
        return str(error).replace(str(AGAIN), str(case.baseline)).rstrip(".")
    return None
