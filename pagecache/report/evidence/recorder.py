"""Keeps what the worker processes measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pagecache.measure.case import Job

Record = dict[str, Any]


class Recorder:
    """What `pagecache.compare` tells through `on_record` at its end: job, rounds, environment."""

    def __init__(self) -> None:
        self.job: Record = {}
        self.environment: Record = {}
        self.records: list[Record] = []

    def __call__(self, record: Record) -> None:
        if record["kind"] == "raw":
            self.job, self.records = record["job"], record["records"]
            self.environment = dict(record["environment"])


def order_lines(job: Job, records: Sequence[Record]) -> Iterator[str]:
    """A line a round: its process, its input, its rows in the order in which they were measured."""
    for record in records:
        if record["kind"] == "round":
            case = job.cases[record["case"]]
            rows = dict.fromkeys(number for number, *_ in record["times"])
            told = ", ".join(str(case.all_rows[number]) for number in rows)
            where = f"process {record['process'] + 1}, {case.title}, round {record['round'] + 1}"
            yield f"{where}: {told}"
