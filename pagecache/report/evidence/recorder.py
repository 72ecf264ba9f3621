"""Keeps what the worker processes measured, while they measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pagecache.measure.case import Job

Record = dict[str, Any]
RAW = ("counts", "round")  # the records that results are made of


class Recorder:
    """What `pagecache.compare` tells through `on_record`: job, rounds and environment."""

    def __init__(self) -> None:
        self.job: Record = {}
        self.environment: Record = {}
        self.records: list[Record] = []

    def __call__(self, record: Record) -> None:
        if record["kind"] == "plan":
            self.job = record["job"]
        elif record["kind"] == "environment":
            self.environment = record["environment"]
        elif record["kind"] in RAW:
            self.records.append({name: each for name, each in record.items() if name != "title"})


def order_lines(job: Job, records: Sequence[Record]) -> Iterator[str]:
    """A line a round: its process, its input, its rows in the order in which they were measured."""
    for record in records:
        if record["kind"] == "round":
            case = job.cases[record["case"]]
            rows = dict.fromkeys(number for number, *_ in record["times"])
            told = ", ".join(str(case.all_rows[number]) for number in rows)
            where = f"process {record['process'] + 1}, {case.title}, round {record['round'] + 1}"
            yield f"{where}: {told}"
