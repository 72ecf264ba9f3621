"""What a sweep is said to take, and ``--dry-run``."""

from pathlib import Path

import pytest

from pagecache.cli import main
from pagecache.sweep import plan as module
from pagecache.sweep.directory import Question
from pagecache.sweep.grid import parse_grid
from pagecache.sweep.plan import need, plan


def planned(text: str, workers: int = 1) -> module.Plan:
    return plan(Question.of(parse_grid(text, "grid.toml")), workers)


def test_more_and_larger_cells_take_more(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1000))
    monkeypatch.setattr(module.time, "perf_counter", lambda: float(next(ticks)))  # 1 s a probe
    one = planned('sizes = ["8M"]')
    four = planned('sizes = ["8M"]\nseeds = [0, 1, 2, 3]')
    assert one.seconds == module.START_SECONDS + 1
    assert four.seconds == module.START_SECONDS + 4
    assert planned('sizes = ["8M"]\nseeds = [0, 1, 2, 3]', 2).seconds == module.START_SECONDS + 2
    assert planned('sizes = ["1G"]').seconds > 50
    assert planned('sizes = ["1G"]').bytes > one.bytes


def test_need_grows_with_the_file_and_with_the_memory() -> None:
    small, large, roomy = (
        need(parse_grid(text, "grid.toml").cells[0])
        for text in ('sizes = ["1M"]', 'sizes = ["1G"]', 'sizes = ["1M"]\nmemory = ["64G"]')
    )
    assert small < large
    assert small < roomy


def test_dry_run_lists_cells_and_what_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "grid.toml"
    path.write_text('designs = ["thp-multi", "radix-2018"]\nsizes = ["1M"]\nseeds = [0, 1]\n')
    assert main(["sweep", str(path), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "     0 thp-multi, 1M, fallback, block 4K, none, seed 0"
    assert lines[1].startswith("     1 ")
    assert lines[2].startswith("left out: 2: radix-2018 keeps no shadows")
    assert lines[3].startswith("2 cells, 2 left out; about ")
    assert "of memory with 2 processes" in lines[3] or "with 1 process" in lines[3]
    assert [entry.name for entry in tmp_path.iterdir()] == ["grid.toml"]


def test_dry_run_of_traces_reads_their_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    found = planned('traces = ["lmdb_stat_random"]')
    assert found.seconds > module.START_SECONDS


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "-o: it is missing"),
        (["--dry-run", "--sample", "0"], "--sample: '0' is no rate"),
        (["--dry-run", "--sample", "1%"], "--sample: it is for traces, and the grid has none"),
        (["-o", "/proc/x"], "-o: /proc/x: "),
    ],
)
def test_bad_arguments_are_one_line(
    tmp_path: Path, arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "grid.toml"
    path.write_text('sizes = ["1M"]\n')
    assert main(["sweep", str(path), *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"pagecache: {complaint}")
    assert err.count("\n") == 1
