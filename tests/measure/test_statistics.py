import pytest

from pagecache.measure.statistics import interval
from pagecache.results import Interval


def test_rounds_of_a_process_count_as_one() -> None:
    outlier_in_one_round = [[10.0, 10.0, 1000.0]] + [[10.0] * 3] * 4
    assert interval(outlier_in_one_round) == Interval(10.0, 10.0, 10.0)


def test_interval_widens_with_the_spread_between_processes() -> None:
    found = interval([[8.0], [9.0], [10.0], [11.0], [30.0]])
    assert found.median == 10.0
    assert 8.0 <= found.low < 10.0 < found.high <= 30.0


def test_one_process_has_no_interval() -> None:
    assert interval([[4.0, 5.0, 9.0]]) == Interval(5.0, 5.0, 5.0)


def test_process_without_rounds_is_left_out() -> None:
    assert interval([[], [4.0], [4.0]]).median == 4.0


def test_same_numbers_give_the_same_interval() -> None:
    values = [[1.0, 3.0], [2.0], [7.0, 1.0], [4.0], [5.0]]
    assert interval(values) == interval(values)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_scaling_keeps_the_shape(factor: float) -> None:
    assert Interval(2.0, 1.0, 4.0).scaled(factor) == Interval(2 * factor, factor, 4 * factor)
