"""The script of real trials: it goes on where it was, and its page holds what was measured."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from pagecache.measure.intervals import interval

TOOLS = Path(__file__).parents[2] / "tools" / "trials"
ROW = {"load": "quiet", "size": "2G", "machine": "M", "kernel": "6.1", "commit": "c" * 40}


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.syspath_prepend(str(TOOLS))
    names = ("trial", "page", "load")
    for name in names:
        sys.modules.pop(name, None)
    spec = importlib.util.spec_from_file_location("trials_main", TOOLS / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    yield {"main": main, **{name: importlib.import_module(name) for name in names[:2]}}
    for name in names:
        sys.modules.pop(name, None)


def row(number: int, **ratios: float) -> dict[str, Any]:
    planted = {"planted_0": 1.0, "planted_1": 1.01, "planted_3": 1.03, "planted_6": 1.06}
    rest = {"number": number, "seconds": 0.5, "discarded": 0, "rounds": 5}
    return {**ROW, **planted, **rest, **ratios}


def options(out: Path, groups: int, load: str = "quiet") -> Any:
    class Options:
        size, processes = "2G", 3

    found: Any = Options()
    found.out, found.groups, found.load = out, groups, load
    return found


class Started:
    """In place of worker processes: what was asked for, and what others took meanwhile."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.disturbed: set[int] = set()

    def trials(self, seeds: list[int], size: str) -> Iterator[tuple[int, dict[str, Any]]]:
        ratios = {k: v for k, v in row(0).items() if k not in {*ROW, "number"}}
        for seed in seeds:
            others = 0.9 if seed in self.disturbed and seed not in self.asked else 0.0
            self.asked.append(seed)
            yield seed, {**ratios, "others": others}


@pytest.fixture
def started(tools, monkeypatch: pytest.MonkeyPatch) -> Started:
    found = Started()
    monkeypatch.setattr(tools["main"], "describe", lambda: ROW)
    monkeypatch.setattr(tools["main"], "trials", found.trials)
    return found


def test_run_goes_on_where_it_was(tools, started: Started, tmp_path: Path) -> None:
    main, out = tools["main"], tmp_path / "trials.csv"
    main.run(options(out, 1))
    with out.open("a") as stream:
        stream.write("quiet,2G,M,6.1")  # a run that was killed while it wrote
    assert [int(each["number"]) for each in main.rows_of(out)] == [0, 1, 2]
    out.write_text(out.read_text().removesuffix("quiet,2G,M,6.1"))
    main.run(options(out, 2))
    assert started.asked == [0, 1, 2, 3, 4, 5]
    main.run(options(out, 2))
    assert len(started.asked) == 6


def test_process_that_was_disturbed_is_started_again(tools, started, tmp_path: Path) -> None:
    main, out = tools["main"], tmp_path / "trials.csv"
    started.disturbed = {1}
    main.run(options(out, 1))
    assert started.asked == [0, 1, 2, 1]
    assert [row["others"] for row in main.rows_of(out)] == ["0.0", "0.0", "0.0"]


def test_process_that_was_disturbed_is_not_forgotten_if_the_run_is_killed(
    tools, started, tmp_path: Path
) -> None:
    main, out = tools["main"], tmp_path / "trials.csv"
    main.run(options(out, 1))
    first, *rest = out.read_text().splitlines(keepends=True)
    out.write_text(first + rest[0] + rest[2])  # killed when 1 was to be started again
    main.run(options(out, 1))
    assert started.asked == [0, 1, 2, 1]


def test_loaded_machine_is_loaded_and_nobody_is_disturbed(
    tools, started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, out, wanted = tools["main"], tmp_path / "trials.csv", []
    monkeypatch.setattr(main, "busy", lambda load: wanted.append(load) or nullcontext())
    started.disturbed = {1}
    main.run(options(out, 1, "loaded"))
    assert (started.asked, wanted) == ([0, 1, 2], [True])


def test_workers_measure_one_by_one_and_say_what_others_took(tools) -> None:
    found = dict(tools["main"].trials([3, 4], "4M"))
    assert sorted(found) == [3, 4]
    for each in found.values():
        assert set(each) == set(tools["trial"].FIELDS) - {*ROW, "number"}


def test_busy_processors_are_left_alone_at_the_end(tools) -> None:
    load = importlib.import_module("load")
    before = set(psutil.Process().children())
    with load.busy(wanted=True):
        assert len(set(psutil.Process().children()) - before) == len(os.sched_getaffinity(0))
    with load.busy(wanted=False):
        assert set(psutil.Process().children()) <= before


def test_page_shows_what_was_measured_and_nothing_else(tools, tmp_path: Path, monkeypatch) -> None:
    page = tools["page"]
    monkeypatch.setattr(page, "SIMULATED", 50)
    page.write_page(tmp_path / "none.md", [])
    assert "None have been recorded yet." in (tmp_path / "none.md").read_text()
    rows = [{k: str(v) for k, v in row(n).items()} for n in range(12 * 20)]
    for each in rows[:12:2]:
        each["planted_0"] = "1.5"
    for each in rows[:11]:
        each["planted_3"] = "0.9"
    page.write_page(tmp_path / "some.md", rows)
    text = (tmp_path / "some.md").read_text()
    seen = "0.0% (0.0%) | 0.0% (0.0%) | 95.0% (100.0%) | 100.0% (100.0%) | 100.0% (100.0%) |"
    assert f"| 12 | 6 | 20 | real | {seen}" in text
    assert "| 6 | 3 | 400 | drawn |" in text
    assert "| 1200 |" not in text  # of ten minutes: there are not so many


def test_intervals_of_many_groups_are_those_of_each(tools) -> None:
    rng = np.random.default_rng(3)
    for number in (6, 12, 41):
        values = rng.normal(size=(2, number))
        assert tools["page"].intervals_of(values) == [interval(each) for each in values.tolist()]


def test_page_in_the_documentation_is_of_this_code(tools, tmp_path: Path) -> None:
    main = tools["main"]
    tools["page"].write_page(tmp_path / "accuracy.md", main.rows_of(main.TRIALS))
    assert (tmp_path / "accuracy.md").read_text() == (
        main.ROOT / "docs" / "accuracy.md"
    ).read_text()


def test_trial_plants_what_it_says(tools, monkeypatch) -> None:
    trial = tools["trial"]
    added: list[int] = []
    monkeypatch.setattr(trial, "dependent_adds", added.append)
    monkeypatch.setattr(trial, "add_ns", lambda: 0.5)
    found = trial.trial(0, "4M", rounds=1)
    assert set(found) == set(trial.FIELDS) - {*ROW, "number", "others"}
    small, middle, large = sorted(added)  # the A/A row has no delay
    assert middle == pytest.approx(3 * small, abs=3)
    assert large == pytest.approx(6 * small, abs=6)


@pytest.mark.parametrize(("slowdown", "stopped"), [(1.06, 1.0), (1.02, 0.0)])
def test_gate_stops_what_lies_above_its_limit(tools, slowdown: float, stopped: float) -> None:
    same = np.ones((3, 6))
    *_, stops, alarms = tools["page"].shares({0: same, 1: same, 3: same, 6: slowdown * same})
    assert (stops, alarms) == (stopped, 0.0)
