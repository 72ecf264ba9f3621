import pytest

from pagecache.measure.intervals import interval, level_for
from pagecache.measure.schedule import MOST_PROCESSES, Schedule
from pagecache.measure.verdict import looks_for
from pagecache.results import Interval


def test_six_processes_span_the_interval() -> None:
    assert interval([14.0, 11.0, 12.0, 16.0, 13.0, 15.0]) == Interval(13.5, 11.0, 16.0)


def test_twelve_leave_out_two_at_either_end() -> None:
    assert interval(list(map(float, range(12)))) == Interval(5.5, 2.0, 9.0)


def test_interval_keeps_the_processes_in_their_order() -> None:
    assert interval([3.0, 1.0, 2.0]).processes == (3.0, 1.0, 2.0)


def test_one_process_has_no_interval() -> None:
    assert interval([5.0]) == Interval(5.0, 5.0, 5.0)
    assert level_for(1) == 0.0


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_scaling_keeps_the_shape(factor: float) -> None:
    found = Interval(2.0, 1.0, 4.0, (1.0, 4.0)).scaled(factor)
    assert found == Interval(2 * factor, factor, 4 * factor)
    assert found.processes == (factor, 4 * factor)


# How many there are ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "wanted"), [(0.0, 12), (0.5, 12), (2.5, 12), (3.1, 9), (5.0, 6), (60.0, 6)]
)
def test_as_many_processes_as_the_time_allows_by_the_first(first: float, wanted: int) -> None:
    schedule = Schedule(30.0)
    schedule.note(0, first)
    assert schedule.wanted == wanted
    schedule.note(1, 30.0)  # a slow one afterwards changes nothing
    assert schedule.wanted == wanted


def test_thousands_of_processes_have_an_interval_too() -> None:
    """2^1024 is beyond a float."""
    assert 0.95 <= level_for(2000) < 0.955
    assert interval(list(map(float, range(1, 2001)))) == Interval(1000.5, 956.0, 1045.0)


def test_number_that_was_given_stays() -> None:
    schedule = Schedule(30.0, 3)
    schedule.note(0, 100.0)
    assert schedule.wanted == 3


def test_every_number_of_processes_chosen_has_an_interval_of_95_percent() -> None:
    assert all(level_for(number) >= 0.95 for number in range(6, MOST_PROCESSES + 1))


def test_time_is_shared_among_those_still_to_run() -> None:
    assert Schedule(30.0, 6).share(3, 12.0) == 4.0
    assert Schedule(30.0, 6, all_rounds=True).share(3, 12.0) == 1e9


# Until it is enough ----------------------------------------------------------------------------


def run_until(schedule: Schedule, seconds: float = 1.0) -> int:
    """How many processes run."""
    process = 0
    while process < schedule.wanted:
        schedule.note(process, seconds)
        process += 1
    return process


def test_run_stops_at_the_first_look_that_is_enough() -> None:
    looks = looks_for(40)
    asked: list[int] = []

    def is_enough() -> bool:
        asked.append(schedule.looked)
        return len(asked) == 2

    schedule = Schedule(1e9, 40, is_enough=is_enough)
    assert run_until(schedule) == looks[1]
    assert schedule.level == 1 - 0.05 / len(looks)


def test_run_that_is_never_enough_ends_with_its_processes_or_its_time() -> None:
    assert run_until(Schedule(1e9, 40, is_enough=lambda: False)) == 40
    assert run_until(Schedule(20.0, 40, is_enough=lambda: False)) == 20
    assert run_until(Schedule(2.0, 40, is_enough=lambda: False)) == 6  # the fewest with 95 %


def test_level_is_raised_by_looking_alone() -> None:
    schedule = Schedule(2.0, 40, is_enough=lambda: False)
    run_until(schedule)  # the time was over before the first look
    assert schedule.level == 0.95
