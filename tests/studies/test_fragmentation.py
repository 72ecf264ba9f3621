"""A fill in memory that is scattered more and more."""

import argparse
import re
from pathlib import Path

import pytest

from pagecache.cli.program import run as main
from pagecache.report.figures.ladder import draw_ladder
from pagecache.report.figures.style import styled
from pagecache.results import Interval
from pagecache.studies import fragmentation


@pytest.fixture(scope="module")
def found() -> list[fragmentation.Rung]:
    asked = argparse.Namespace(size="16M", processes=1, rounds=1, seed=0)
    return list(fragmentation.rungs(fragmentation.climb(asked)))


def test_every_policy_stands_on_every_rung(found: list[fragmentation.Rung]) -> None:
    assert [(each.percent, each.policy) for each in found] == [
        (percent, policy) for percent in fragmentation.RUNGS for policy in fragmentation.POLICIES
    ]
    assert all(each.times is not None and each.times.median > 0 for each in found)


def test_large_folios_become_fewer_and_nodes_more(found: list[fragmentation.Rung]) -> None:
    fallback = [each for each in found if each.policy == "fallback"]
    shares = [each.large for each in fallback]
    assert shares[0] > 0.9
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0
    assert fallback[-1].result.nodes > 10 * fallback[0].result.nodes
    assert {each.large for each in found if each.policy == "pages"} == {0}


def test_ladder_has_an_interval_for_each_point() -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    points = [
        ("pages", 0, Interval(2e6, 1e6, 3e6), 0.0),
        ("pages", 50, None, 0.0),
        ("fallback", 0, Interval(1e5, 9e4, 2e5), 1.0),
    ]
    told: dict[str, str] = {}
    with styled():
        draw_ladder(points, "a title", "a machine", told)
    assert list(told.values()) == [
        "pages, 0 %: 2.00 ms/GiB (1.00 to 3.00)",
        "fallback, 0 %: 0.100 ms/GiB (0.090 to 0.200)",
    ]


@pytest.mark.slow
def test_command_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    plot = tmp_path / "ladder.svg"
    arguments = ["--size", "16M", "--processes", "1", "--rounds", "1", "--plot", str(plot)]
    assert main(["study", "fragmentation", *arguments]) == 0
    assert re.search(r"^fallback +100 % ", capsys.readouterr().out, re.M)
    assert "% of memory that is scattered" in plot.read_text("utf-8")
