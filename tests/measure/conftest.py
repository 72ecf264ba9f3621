"""Small cases and jobs, to be run in this process or in workers."""

from collections.abc import Callable, Sequence

import pytest

from pagecache.inputs import PAGE_SIZE, generate, parse_size
from pagecache.measure.case import Case, Job
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
) -> Case:
    """A case of one generated file."""
    source = generate(pattern, parse_size(size) // PAGE_SIZE, huge_order)
    return Case(
        "hugetlb",
        source.name,
        source.spec,
        tuple(designs),
        tuple(events),
        designs[0],
        huge_order=huge_order,
        backed=backed,
        fill=fill,
        rounds=rounds,
    )


def make_job(*cases: Case, caches: str = "hot", aged: bool = False) -> Job:
    return Job(cases, seed=3, process=0, cpu=0, caches=caches, aged=aged)


@pytest.fixture(name="make_case")
def case_maker() -> Callable[..., Case]:
    return make_case


@pytest.fixture(name="make_job")
def job_maker() -> Callable[..., Job]:
    return make_job
