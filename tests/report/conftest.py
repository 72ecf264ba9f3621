"""Results made by hand, so that every number in what is printed has a known source."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pagecache.results import Interval, Result, Results

GIB = 1 << 30
META: dict[str, Any] = {
    "machine": "Test Machine 3000",
    "kernel": "6.12.0",
    "versions": {"pagecache": "0.1.0", "python": "3.11.7", "numpy": "2.0.0"},
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "seed": 7,
    "caches": "hot",
    "pool": "fresh",
    "processes": 5,
    "cpu": 3,
    "seconds": 12.5,
    "interrupted": False,
    "doubts": [],
}
EXACT = Result(
    design="hugetlb-huge",
    panel="hugetlb",
    input="uniform 2 GiB",
    event="get",
    pages=524288,
    folios=1024,
    nodes=17,
    index_bytes=17 * 576,
    struct_page_bytes=32 << 20,
    struct_page_bytes_optimised=4 << 20,
    events=655_360,
    bytes_per_event=4096,
    ns_per_event=Interval(10.0, 9.9, 10.2),
    ns_per_gib=Interval(10.0 * (1 << 18), 9.9 * (1 << 18), 10.2 * (1 << 18)),
    ratio=Interval(1.0, 1.0, 1.0),
    baseline="hugetlb-huge",
    rounds=5,
    processes=5,
    slots=1024,
)


def timed(result: Result, ns: float, ratio: tuple[float, float, float], spread: float) -> Result:
    """The result with a median, its spread to either side and a ratio."""
    per = Interval(ns, ns * (1 - spread), ns * (1 + spread))
    in_gib = per.scaled(GIB / result.bytes_per_event)
    return replace(result, ns_per_event=per, ns_per_gib=in_gib, ratio=Interval(*ratio))


def make_result(
    design: str = "hugetlb-huge",
    event: str = "get",
    ns: float | None = 10.0,
    ratio: tuple[float, float, float] = (1.0, 1.0, 1.0),
    spread: float = 0.02,
    **fields: Any,
) -> Result:
    """A result like `EXACT`, changed; `ns` None is left out."""
    result = replace(EXACT, design=design, event=event, **fields)
    if ns is None:
        return replace(result, ns_per_event=None, ns_per_gib=None, ratio=None)
    return timed(result, ns, ratio, spread)


def two_gib() -> Results:
    """Three hugetlb designs on 2 GiB, with get and populate."""
    huge = {"bytes_per_event": 2 << 20}
    slots, multi = {"nodes": 8323, "slots": 1 << 19}, {"nodes": 131, "slots": 1 << 13}
    return Results(
        META | {"doubts": ["uniform 2 GiB: a doubt with its number, 42."]},
        [
            make_result(),
            make_result("hugetlb-4k-slots", ns=20.0, ratio=(2.0, 1.9, 2.1), spread=0.3, **slots),
            make_result("hugetlb-4k-multi", ns=10.1, ratio=(1.01, 0.98, 1.04), **multi),
            make_result("(A/A)", ns=10.0),
            make_result("(harness)", ns=2.0, ratio=(0.2, 0.2, 0.2), nodes=0),
            make_result(event="populate", ns=60.0, **huge),
            make_result("hugetlb-4k-slots", "populate", 6000.0, (100, 99, 101), **slots, **huge),
            make_result("hugetlb-4k-multi", "populate", 90.0, (1.5, 1.4, 1.6), **multi, **huge),
            make_result("(A/A)", "populate", 60.0, **huge),
            make_result("(harness)", "populate", 30.0, (0.5, 0.5, 0.5), nodes=0, **huge),
            make_result("(clearing)", "populate", 60_000.0, (1000, 990, 1010), **huge),
        ],
    )


@pytest.fixture(name="make_result")
def result_maker() -> Callable[..., Result]:
    return make_result


@pytest.fixture
def hand_made() -> Results:
    return two_gib()
