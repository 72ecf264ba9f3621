"""From options to cases."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import bundled_path, from_spec, read_trace
from pagecache.measure.bench import IndexCase
from pagecache.measure.case import Job
from pagecache.measure.events import FILE_EVENTS, HUGETLB_EVENTS
from pagecache.measure.plan import (
    FILES,
    HUGETLB,
    Options,
    default_cases,
    files_cases,
    size_cases,
    trace_cases,
)
from pagecache.measure.worker import KINDS

FORCED = ("thp-multi@0", "thp-multi@2", "thp-multi@4", "thp-multi@5")
AT_9 = ("thp-slots-subpage@9", "thp-slots-head@9", "thp-multi@9")


def shown(case: IndexCase) -> tuple[str, ...]:
    return tuple(map(str, case.rows))


@pytest.fixture(scope="module")
def trace():
    return read_trace(bundled_path("lmdb_stat_random"))


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    path = tmp_path / "some.img"
    path.write_bytes(bytes(100_000))
    return path


def test_usual_run_is_hugetlb_of_two_sizes_and_a_trace() -> None:
    cases = default_cases(Options())
    assert [case.title for case in cases] == [
        "uniform 2 GiB",
        "uniform 100 GiB",
        "sha256sum_400mb",
    ]
    assert [case.panel for case in cases] == ["hugetlb", "hugetlb", "files"]
    assert [shown(case) for case in cases[:2]] == [HUGETLB, HUGETLB]
    assert cases[0].events == HUGETLB_EVENTS
    assert shown(cases[2]) == FILES
    assert cases[2].events == FILE_EVENTS


def test_trace_is_held_as_recorded_and_at_forced_orders(trace) -> None:
    (case,) = trace_cases(trace, Options())
    slots_at_0 = ("thp-slots-subpage@0", "thp-slots-head@0")
    assert shown(case) == (*FILES, *slots_at_0, *FORCED, *AT_9)
    assert str(case.baseline) == "base-4k"
    assert from_spec(case.spec).name == "lmdb_stat_random"


def test_files_are_held_in_pages_in_the_largest_folios_and_forced(data_file: Path) -> None:
    (case,) = files_cases([data_file], Options())
    assert case.title == "some.img"
    assert shown(case)[:5] == (*FILES, "thp-multi@largest")


def test_only_orders_asked_for_are_forced(trace) -> None:
    (case,) = trace_cases(trace, Options(designs=("thp-multi", "thp-slots-head"), orders=(9, 3)))
    expected = ("thp-multi", "thp-slots-head", "thp-multi@9", "thp-slots-head@9", "thp-multi@3")
    assert shown(case) == expected


def test_order_that_no_design_takes_is_refused(trace) -> None:
    with pytest.raises(InputError) as caught:
        trace_cases(trace, Options(designs=HUGETLB, orders=(3,)))
    assert str(caught.value) == f"--orders: none of {', '.join(HUGETLB)} takes folios of order 3"


def test_generated_file_is_of_folios_of_the_orders_asked_for() -> None:
    names = ("base-4k", "thp-multi", "maple-multi", "radix-2018", "page-hash")
    (case,) = size_cases("5M", Options(designs=names, orders=(0,), baseline="thp-multi"))
    assert shown(case) == (
        "base-4k", "thp-multi@0", "maple-multi@0", "radix-2018@0", "page-hash",
    )  # fmt: skip
    assert str(case.baseline) == "thp-multi@0"
    assert (case.panel, from_spec(case.spec).folios.orders()) == ("files", {0: 1280})
    (case,) = size_cases("64M", Options(designs=names[:3], orders=(0, 9)))
    assert shown(case) == (
        "base-4k", "thp-multi@0", "maple-multi@0", "thp-multi@9", "maple-multi@9",
    )  # fmt: skip
    assert from_spec(case.spec).folios.orders() == {9: 32}


def test_orders_that_a_generated_file_cannot_have_are_refused() -> None:
    with pytest.raises(InputError, match=r"^--orders: a folio of order 9 is larger than the file"):
        size_cases("1M", Options(orders=(0, 9)))
    with pytest.raises(InputError, match=r"^--orders: none of base-4k takes folios of order 9$"):
        size_cases("64M", Options(designs=("base-4k",), orders=(0, 9)))
    with pytest.raises(InputError, match=r"^--size: needs .* give a smaller --size"):
        size_cases("4096T", Options(designs=("thp-multi",), orders=(9,)))


def test_size_is_rounded_up_to_pages_and_huge_pages_told(trace) -> None:
    (case,) = size_cases("2G", Options(huge_page="1G"))
    assert case.huge_order == 18
    assert from_spec(case.spec).folios.orders() == {18: 2}
    with pytest.raises(InputError, match=r"^--huge-page: 1G is larger than the file of 64 MiB; "):
        size_cases("64M", Options(huge_page="1G"))
    with pytest.raises(InputError, match=r"^--huge-page: '4M' is unknown; give 2M or 1G$"):
        size_cases("64M", Options(huge_page="4M"))


def test_design_named_twice_is_compared_once() -> None:
    (case,) = size_cases("64M", Options(designs=("hugetlb-huge", "hugetlb-huge")))
    assert shown(case) == ("hugetlb-huge",)


def test_thp_on_a_generated_file_is_no_hugetlb_panel() -> None:
    (case,) = size_cases("64M", Options(designs=("base-4k", "thp-multi")))
    assert (case.panel, case.events) == ("files", FILE_EVENTS)


def test_options_reach_the_case() -> None:
    options = Options(
        events=("mark", "get"), fill="per-slot", rounds=7, baseline="hugetlb-4k-slots"
    )
    (case,) = size_cases("64M", options)
    assert (case.events, case.fill, case.rounds) == (("get", "mark"), "per-slot", 7)
    assert str(case.baseline) == "hugetlb-4k-slots"


def test_baseline_that_is_not_compared_is_refused(trace) -> None:
    for options in (Options(), Options(designs=("hugetlb-huge",))):
        with pytest.raises(InputError, match=r"^--baseline: thp-multi is not among the designs"):
            size_cases("64M", replace(options, baseline="thp-multi"))
    with pytest.raises(InputError, match=r"^unknown design 'nope'"):
        default_cases(Options(baseline="nope"))


def test_baseline_of_one_panel_leaves_the_other_its_own() -> None:
    cases = default_cases(Options(baseline="thp-multi"))
    assert [str(case.baseline) for case in cases] == ["hugetlb-huge", "hugetlb-huge", "thp-multi"]


def test_case_and_job_pass_through_json_unchanged(trace) -> None:
    cases = trace_cases(trace, Options(orders=(0, 9)))
    job = Job(tuple(cases), seed=1, process=2, cpu=3, caches="cold", aged=True)
    assert Job.from_dict(json.loads(json.dumps(job.to_dict())), KINDS) == job
