"""Numbers as people read them: their digits, and that they keep to their columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagecache.report.numbers import (
    digits,
    duration,
    share,
    size,
    spread,
    times,
)
from pagecache.results import Interval


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0.000"),
        (0.9994, "0.999"),
        (0.9996, "1.00"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (99.94, "99.9"),
        (99.96, "100"),
        (1234567.0, "1,234,567"),
    ],
)
def test_digits_are_three_on_either_side_of_a_step(value: float, expected: str) -> None:
    assert digits(value) == expected


@given(st.floats(1e-9, 9_999))
def test_no_ratio_outgrows_its_column(value: float) -> None:
    assert len(times(value)) <= 6


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.0, "1.00"),
        (1.949, "1.95"),
        (1.951, "2.0"),
        (9.94, "9.9"),
        (9.96, "10"),
        (0.0195, "0.019"),
        (0.001, "0.001"),
        (0.00049, "<0.001"),
        (0.0, "0.000"),
        (999.4, "999"),
        (999.6, "1,000"),
        (154_617.0, "154,617"),
    ],
)
def test_ratio_has_two_digits_or_three(ratio: float, expected: str) -> None:
    assert times(ratio) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "0.977 KiB"),
        (999.9 * 1024, "0.976 MiB"),
        (100 << 30, "100 GiB"),
        (5 << 60, "5,120 PiB"),
    ],
)
def test_size_takes_the_unit_that_leaves_three_digits(count: float, expected: str) -> None:
    assert size(count) == expected


def test_share_of_nothing_is_nothing() -> None:
    assert share(5, 0) == "0 %"
    assert share(64, 4096) == "1.6 %"


@pytest.mark.parametrize(
    ("ns", "expected"), [(1.25, "1.2 ns"), (999.0, "999 ns"), (1e6, "1 ms"), (4.2e10, "42 s")]
)
def test_duration_takes_the_unit_that_suits(ns: float, expected: str) -> None:
    assert duration(ns) == expected


def test_spread_is_half_the_interval_in_percent() -> None:
    assert spread(Interval(10.0, 9.0, 11.0)) == 10.0
    assert spread(Interval(0.0, 0.0, 0.0)) == 0.0
