"""The script of real trials: it goes on where it was, and its page holds what was measured."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).parents[2] / "tools" / "trials"
ROW = {"load": "quiet", "size": "2G", "machine": "M", "kernel": "6.1", "commit": "c" * 40}


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.syspath_prepend(str(TOOLS))
    names = ("trial", "page", "__main__")
    sys.modules.pop("trial", None), sys.modules.pop("page", None)
    spec = importlib.util.spec_from_file_location("trials_main", TOOLS / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    yield {"main": main, **{name: importlib.import_module(name) for name in names[:2]}}
    sys.modules.pop("trial", None), sys.modules.pop("page", None)


def row(number: int, **ratios: float) -> dict[str, Any]:
    planted = {"planted_0": 1.0, "planted_1": 1.01, "planted_3": 1.03, "planted_6": 1.06}
    rest = {"number": number, "seconds": 0.5, "discarded": 0, "rounds": 5}
    return {**ROW, **planted, **rest, **ratios}


def options(out: Path, groups: int) -> Any:
    class Options:
        load, size, processes = "quiet", "2G", 3

    found: Any = Options()
    found.out, found.groups = out, groups
    return found


def test_run_goes_on_where_it_was(tools, tmp_path: Path, monkeypatch) -> None:
    main, out, asked = tools["main"], tmp_path / "trials.csv", []
    monkeypatch.setattr(main, "describe", lambda: ROW)
    ratios = {k: v for k, v in row(0).items() if k not in {*ROW, "number"}}
    monkeypatch.setattr(main, "trial", lambda number, size: asked.append(number) or ratios)
    main.run(options(out, 1))
    with out.open("a") as stream:
        stream.write("quiet,2G,M,6.1")  # a run that was killed while it wrote
    assert [int(each["number"]) for each in main.rows_of(out)] == [0, 1, 2]
    out.write_text(out.read_text().removesuffix("quiet,2G,M,6.1"))
    main.run(options(out, 2))
    assert asked == [0, 1, 2, 3, 4, 5]
    main.run(options(out, 2))
    assert len(asked) == 6


def test_page_shows_what_was_measured_and_nothing_else(tools, tmp_path: Path, monkeypatch) -> None:
    page = tools["page"]
    monkeypatch.setattr(page, "SIMULATED", 50)
    page.write_page(tmp_path / "none.md", [])
    assert "None have been recorded yet." in (tmp_path / "none.md").read_text()
    rows = [{k: str(v) for k, v in row(n).items()} for n in range(12 * 20)]
    rows[0]["planted_0"] = "1.5"
    page.write_page(tmp_path / "some.md", rows)
    text = (tmp_path / "some.md").read_text()
    assert "| 12 | 6 | 20 | real | 0.0% | 0.0% | 100.0% | 100.0% |" in text
    assert "| 6 | 3 | 40 | drawn |" in text
    assert "| 40 | 20 |" not in text  # 6 groups are too few to be shown


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
    assert set(found) == set(trial.FIELDS) - {
        "load",
        "size",
        "machine",
        "kernel",
        "commit",
        "number",
    }
    small, middle, large = sorted(added)  # the A/A row has no delay
    assert middle == pytest.approx(3 * small, abs=3)
    assert large == pytest.approx(6 * small, abs=6)
