"""The rule by which rounds are discarded, clause by clause, and what is read from the machine."""

from dataclasses import replace

import pytest

from pagecache.measure import conditions
from pagecache.measure.conditions import TICK_S, Conditions, Watch, huge_page_share, judge
from pagecache.xarray.node import NodePool

QUIET = Conditions(
    seconds=2.0, clock_ns=0.3, steal_s=0.0, switches=0, major_faults=0, minor_faults=9
)


def fault(**changes: float) -> str | None:
    """What the rule says of one round among four quiet ones."""
    return judge([QUIET, QUIET, replace(QUIET, **changes), QUIET, QUIET])[2]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"steal_s": 0.039}, None),
        ({"steal_s": 0.041}, "steal"),
        ({"clock_ns": 0.314}, None),
        ({"clock_ns": 0.316}, "clock"),
        ({"switches": 200}, None),
        ({"switches": 201}, "switches"),
        ({"major_faults": 1}, "disk"),
        ({"minor_faults": 100_000}, None),
    ],
)
def test_round_is_discarded_beyond_its_bound_only(
    changes: dict[str, float], expected: str | None
) -> None:
    assert fault(**changes) == expected


def test_one_tick_of_steal_is_seen_in_the_shortest_round() -> None:
    assert fault(seconds=0.001, steal_s=TICK_S) == "steal"
    assert fault(seconds=0.001, steal_s=0.0) is None


def test_two_switches_are_allowed_in_the_shortest_round() -> None:
    assert fault(seconds=0.001, switches=2) is None
    assert fault(seconds=0.001, switches=3) == "switches"


def test_clock_is_held_against_the_median_of_its_own_process() -> None:
    slow = replace(QUIET, clock_ns=0.6)
    assert judge([slow, slow, slow]) == [None] * 3
    assert judge([]) == []


def test_watch_counts_the_faults_of_what_it_surrounds() -> None:
    watch = Watch(0)
    watch.start()
    touched = bytearray(64 << 20)
    seen = watch.stop()
    assert len(touched) >> 21 <= seen.minor_faults
    assert seen.seconds > 0
    assert seen.clock_ns > 0


def test_processor_that_is_not_there_has_no_steal() -> None:
    assert conditions.stolen_seconds(100_000) == 0.0


def test_huge_page_share_is_a_share() -> None:
    pool = NodePool(huge=True)
    assert 0.0 <= huge_page_share(pool.ranges()) <= 1.0
    assert huge_page_share([]) == 1.0


SMAPS = """\
10000000-10400000 rw-p 00000000 00:00 0
Size:               4096 kB
Rss:                4096 kB
AnonHugePages:      2048 kB
VmFlags: rd wr mr mw me ac hg
10400000-10600000 rw-p 00000000 00:00 0 [anon: a]
Rss:                2048 kB
VmFlags: rd wr
20000000-20200000 r--p 00000000 08:01 17 /lib/x-y.so
Rss:                 512 kB
AnonHugePages:       512 kB
"""


@pytest.mark.parametrize(
    ("ranges", "share"),
    [
        ([(0x10000000, 0x400000)], 0.5),
        ([(0x10000000, 0x600000)], 2048 / 6144),
        ([(0x10400000, 1)], 0.0),
        ([(0x20100000, 4096)], 1.0),
        ([(0x20100000, 4096), (0x103FFFFF, 1)], 2560 / 4608),
        ([(0x20200000, 4096)], 1.0),
    ],
)
def test_share_is_of_the_mappings_that_the_ranges_lie_in(monkeypatch, ranges, share) -> None:
    monkeypatch.setattr(conditions.Path, "read_text", lambda path, encoding: SMAPS)
    assert huge_page_share(ranges) == share


def test_kernel_that_does_not_say_is_taken_at_its_best(monkeypatch) -> None:
    def refuse(path: object, encoding: str) -> str:
        raise OSError

    monkeypatch.setattr(conditions.Path, "read_text", refuse)
    assert huge_page_share([(0x10000000, 1)]) == 1.0
