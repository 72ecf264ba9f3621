"""Small cases and jobs, to be run in this process or in workers."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pagecache.inputs import PAGE_SIZE, generate, parse_size
from pagecache.measure.bench import IndexCase
from pagecache.measure.case import Case, Job, Row
from pagecache.measure.events import EVENTS

HUGETLB = ("hugetlb-huge", "hugetlb-4k-slots", "hugetlb-4k-multi")


def make_case(
    designs: Sequence[str] = HUGETLB,
    events: Sequence[str] = tuple(EVENTS),
    *,
    size: str = "8M",
    pattern: str = "uniform",
    huge_order: int = 9,
    rounds: int = 1,
    backed: bool = True,
    fill: str = "per-leaf",
) -> IndexCase:
    """A case of one generated file."""
    source = generate(pattern, parse_size(size) // PAGE_SIZE, huge_order)
    return IndexCase(
        "hugetlb",
        source.name,
        source.spec,
        tuple(map(Row, designs)),
        tuple(events),
        Row(designs[0]),
        huge_order=huge_order,
        backed=backed,
        fill=fill,
        rounds=rounds,
    )


def times_by_row(case: Case, record: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """What a round's record holds, by row: lists of event, ns and events."""
    found: dict[str, list[list[Any]]] = {}
    for number, *timing in record["times"]:
        found.setdefault(str(case.all_rows[number]), []).append(timing)
    return found


def counts_by_row(case: Case, records: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The records of what was counted, by row."""
    counted = (record for record in records if record["kind"] == "counts")
    return {str(case.all_rows[record["row"]]): record for record in counted}


def make_job(*cases: Case, caches: str = "hot", aged: bool = False) -> Job:
    return Job(cases, seed=3, process=0, cpu=0, caches=caches, aged=aged)


@pytest.fixture(name="make_case")
def case_maker() -> Callable[..., Case]:
    return make_case


@pytest.fixture(name="make_job")
def job_maker() -> Callable[..., Job]:
    return make_job


@pytest.fixture(name="times_of")
def times_maker() -> Callable[..., dict[str, list[list[Any]]]]:
    return times_by_row


@pytest.fixture(name="counts_of")
def counts_maker() -> Callable[..., dict[str, dict[str, Any]]]:
    return counts_by_row
