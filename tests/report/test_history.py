"""The page of benchmarks over commits: what is read, what is a step, and what is refused."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from pagecache.cli import main
from pagecache.errors import InputError
from pagecache.report.history.asv import Commit, Point, Series, read_history
from pagecache.report.history.graph import axis
from pagecache.report.history.steps import Step, steps_of

from .asv_files import BENCHMARKS, DESIGNS, NAN, write_asv


def series(*values: float, unit: str = "seconds", spread: float = 0.0) -> Series:
    points = {
        Commit(day, f"c{day}"): Point(value, value * (1 - spread), value * (1 + spread))
        for day, value in enumerate(values)
    }
    return Series("get", "", "vm", unit, points)


def places(found: list[Step]) -> list[str]:
    return [step.commit.name for step in found]


def test_cells_of_all_commits_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    history = read_history(write_asv(tmp_path))
    assert [commit.name for commit in history.commits] == [letter * 8 for letter in "92345"]
    assert [(each.benchmark, each.cell) for each in history.series] == [
        ("get.Lookup.time_get", "base-4k"),
        ("get.Lookup.time_get", "<script>alert(1)</script>"),
        ("memory.Memory.track_nodes", ""),
        ("holes.Read.track_failed", ""),
    ]
    get = history.series[0].points
    assert [round(1e9 * get[commit].value) for commit in history.commits] == [40, 40, 60, 60, 60]
    first, last = get[history.commits[0]], get[history.commits[-1]]
    assert (first.low, first.high) == pytest.approx((39.6e-9, 40.4e-9))
    assert last.low == last.value == last.high  # one sample has no interval
    assert history.outdated == 10  # two benchmarks of five commits are gone
    assert history.machines == ["vm: Test CPU, 2 processors, Linux 6.18"]


def test_failed_and_skipped_cells_have_no_point(tmp_path: Path) -> None:
    values = {"get.Lookup.time_get": [[None, NAN], DESIGNS, "v1"]}
    with pytest.raises(InputError, match="holds no results; run: asv run"):
        read_history(write_asv(tmp_path, results=values))


def test_step_is_where_a_value_changed_and_stayed_changed() -> None:
    assert places(steps_of(series(10, 10, 13, 13, 13))) == ["c2"]
    assert places(steps_of(series(13, 13, 13, 10))) == ["c3"]
    for alone in ((10, 10, 13, 10, 10), (10, 10, 8, 10, 10), (10, 13, 10, 10), (10, 8, 10, 10)):
        assert places(steps_of(series(*alone))) == []
    assert places(steps_of(series(10, 10, 13, 10, 12.5, 12.4))) == ["c4"]
    assert places(steps_of(series(10, 10, 7, 10, 8, 8))) == ["c4"]
    assert places(steps_of(series(10, 10.9, 10, 10.9))) == []
    assert places(steps_of(series(10, 10, 10.9, 10.9))) == []  # below 10 %
    assert places(steps_of(series(10, 10, 13, 13, spread=0.2))) == []  # intervals meet
    assert places(steps_of(series(10, 12, 15, 18))) == ["c1", "c2", "c3"]
    assert places(steps_of(series(10))) == []


def test_what_is_counted_steps_by_less() -> None:
    assert places(steps_of(series(100, 100, 102, unit="nodes"))) == ["c2"]
    assert places(steps_of(series(1000, 1000, 1001, unit="nodes"))) == []
    (step,) = steps_of(series(0, 0, 7, unit="failures"))
    assert step.ratio == float("inf")


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([40, 60], [0, 20, 40, 60]),
        ([3, 5000], [1, 10, 100, 1000, 10000]),
        ([0, 7], [0, 2, 4, 6]),
        ([0], [0, 0.5, 1]),
    ],
)
def test_axis_begins_at_0_or_has_decades(values: list[float], ticks: list[float]) -> None:
    height, found = axis(values)
    assert found == pytest.approx(ticks)
    assert all(height(low) > height(high) for low, high in pairwise(found))


def page_of(folder: Path, out: Path) -> str:
    assert main(["report", "--asv", str(folder), "-o", str(out)]) == 0
    return (out / "index.html").read_text("utf-8")


def test_page_says_what_changed_most_first(tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="the extra `plot` is not installed")
    text = page_of(write_asv(tmp_path / "results"), tmp_path / "page")
    answer = re.findall(r"<li>(.*?)</li>", text.partition("<table")[0])
    assert answer == [
        "5 commits, 99999999 (1970-01-02) to 55555555 (1970-01-06): 3 benchmarks with 4 cells.",
        "Step changes: 3.",
        "holes.Read.track_failed: no more 0 since 55555555.",
        "get.Lookup.time_get (base-4k): 1.50 times what it was since 33333333.",
        "memory.Memory.track_nodes: 1.02 times what it was since 44444444.",
    ]
    assert re.findall(r"<h3>(.*?)</h3>", text) == [
        "holes.Read.track_failed",
        "get.Lookup.time_get",
        "memory.Memory.track_nodes",
    ]
    assert text.count('<g class="told">') == 4 * 5
    assert "<title>33333333, base-4k: 60.0 ns (59.4 to 60.6)</title>" in text
    assert "1 of 10 times are one sample each" in text
    assert "<script>alert" not in text
    assert "10 results of benchmarks that have changed since are left out" in text
    assert set(re.findall(r'(?:src|href)="([^"#]+)', text)) == {"data:,"}


def test_two_machines_have_graphs_of_their_own(tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="the extra `plot` is not installed")
    write_asv(tmp_path / "results", "other")
    write_asv(tmp_path / "more")
    (tmp_path / "more" / "vm").rename(tmp_path / "results" / "vm")
    text = page_of(tmp_path / "results", tmp_path / "page")
    assert "get.Lookup.time_get (other, virtualenv-py3.11)" in text
    assert "get.Lookup.time_get (vm, virtualenv-py3.11)" in text
    assert text.count("<svg") == 6


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["report", *map(str, arguments)]) == 2
    return capsys.readouterr().err


def test_what_is_no_result_of_asv_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page"
    none = refused(capsys, "--asv", tmp_path / "none", "-o", page)
    assert "benchmarks.json: cannot be read (No such file" in none
    folder = write_asv(tmp_path / "results")
    one = folder / "vm" / "33333333-virtualenv-py3.11.json"
    good = one.read_text()
    for text, said in (
        ("", "no JSON"),
        ("[]", "its version is None, not 2"),
        (json.dumps({"version": 1}), "its version is 1, not 2"),
        (json.dumps({"version": 2}), "KeyError('date')"),
        (good.replace('"date": 259200000', '"date": "soon"'), "ValueError"),
        (good.replace('"result": [', '"result": [1, ').replace("[[6", "[[1, 6"), "ValueError"),
    ):
        assert text != good
        one.write_text(text)
        assert said in refused(capsys, "--asv", folder, "-o", page), text
    one.unlink()
    (folder / "benchmarks.json").write_text(json.dumps({**BENCHMARKS, "version": 3}))
    assert "its version is 3, not 2" in refused(capsys, "--asv", folder, "-o", page)
    assert "-o: it is missing" in refused(capsys, "--asv", folder)
    assert "name one kind" in refused(capsys, "--asv", folder, "out.json", "-o", page)
    assert "name one kind" in refused(capsys, "-o", page)
    assert not page.exists()
