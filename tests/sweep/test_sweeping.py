"""Whole sweeps: resumed, killed, refused, failing; the table is always the undisturbed one."""

import json
import os
import shutil
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pagecache.errors import InputError
from pagecache.inputs import bundled_path
from pagecache.sweep import directory, sweeping
from pagecache.sweep.directory import Question, opened
from pagecache.sweep.embedded import Cores
from pagecache.sweep.grid import parse_grid, read_grid
from pagecache.sweep.sweeping import Swept, keep_all, load_sweep, read_sweep, run_sweep
from pagecache.sweep.task import Outcome, Task, run_task

from .conftest import CELLS, Here, Start, gone_at_once, wait_until, workers_then
from .moments import Plan, workers_of

SMALL = 'sizes = ["1M"]\nalloc = ["compound", "fallback"]\nseeds = [0, 1, 2]\n'


class Spoiled(Here):
    """Fails a cell, or is stopped at one."""

    def __init__(self, fails: set[int] = frozenset(), stops: int = -1) -> None:  # type: ignore[assignment]
        self.fails, self.stops = fails, stops

    def spoil(self, outcome: Outcome) -> Outcome:
        if outcome.cell == self.stops:
            raise KeyboardInterrupt
        if outcome.cell in self.fails:
            return Outcome(outcome.cell, None, "spoiled", 0.0, "host", "1")
        return outcome


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> list[Here]:
    """The crew of the next sweeps: one in this process, unless a test puts another in its place."""
    crews: list[Here] = [Here()]
    monkeypatch.setattr(sweeping, "crew_of", lambda *asked: crews[-1])
    return crews


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def attempts(folder: Path) -> Counter[int]:
    records = map(json.loads, (folder / "manifest.jsonl").read_text().splitlines())
    return Counter(record["cell"] for record in records if record["kind"] == "cell")


def table(folder: Path) -> bytes:
    (path,) = folder.glob("table.*")
    return path.read_bytes()


def test_finished_sweep_is_one_sorted_table_and_runs_nothing_again(
    small: Path, tmp_path: Path, crew: list[Here]
) -> None:
    out = tmp_path / "out"
    assert run_sweep(small, out) == Swept(6, 6)
    assert [row["cell"] for row in read_sweep(out)[0]] == list(range(6))
    before = table(out)
    crew.append(Spoiled(stops=0))
    assert run_sweep(small, out).done == 6
    assert table(out) == before
    assert set(attempts(out).values()) == {1}


def test_sweep_that_was_stopped_goes_on_where_it_was(
    small: Path, tmp_path: Path, crew: list[Here]
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    run_sweep(small, whole)
    crew.append(Spoiled(stops=4))
    swept = run_sweep(small, out)
    assert (swept.interrupted, swept.done) == (True, 4)
    crew.append(Here())
    assert run_sweep(small, out).done == 6
    assert table(out) == table(whole)
    assert set(attempts(out).values()) == {1}


def test_failed_cell_is_recorded_and_ends_nothing(
    small: Path, tmp_path: Path, crew: list[Here]
) -> None:
    out = tmp_path / "out"
    crew.append(Spoiled(fails={1, 3}))
    assert run_sweep(small, out) == Swept(6, 4, {1: "spoiled", 3: "spoiled"})
    crew.append(Here())
    assert run_sweep(small, out).failed == {1: "spoiled", 3: "spoiled"}  # not by itself
    assert attempts(out)[1] == 1
    assert run_sweep(small, out, retry_failed=True) == Swept(6, 6)
    assert [attempts(out)[cell] for cell in range(6)] == [1, 2, 1, 2, 1, 1]
    assert [row["cell"] for row in read_sweep(out)[0]] == list(range(6))


def test_loaded_sweep_is_a_data_frame_with_what_failed(
    small: Path, tmp_path: Path, crew: list[Here]
) -> None:
    pytest.importorskip("pandas")
    out = tmp_path / "out"
    crew.append(Spoiled(fails={5}))
    run_sweep(small, out)
    frame = load_sweep(out)
    assert frame["cell"].tolist() == [0, 1, 2, 3, 4]
    assert frame["alloc"].tolist() == ["compound"] * 3 + ["fallback"] * 2
    assert frame["nodes"].sum() == sum(int(row["nodes"]) for row in read_sweep(out)[0])  # type: ignore[call-overload]
    assert frame.attrs["failed"] == {5: "spoiled"}
    assert frame.attrs["about"]["values"]["seeds"] == [0, 1, 2]


def test_folder_without_a_sweep_is_refused(tmp_path: Path, small: Path) -> None:
    with pytest.raises(InputError, match="no sweep is there"):
        load_sweep(tmp_path)
    (tmp_path / "thesis.tex").write_text("all my work")
    with pytest.raises(InputError, match=r"it holds .* and no sweep; give an empty place"):
        run_sweep(small, tmp_path)


def test_folder_of_another_question_is_refused(
    small: Path, tmp_path: Path, crew: list[Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run_sweep(small, out)
    small.write_text("# the same\n" + SMALL)
    assert run_sweep(small, out).done == 6
    other = tmp_path / "other.toml"
    other.write_text(SMALL.replace("[0, 1, 2]", "[0, 1]"))
    with pytest.raises(InputError, match="it holds a sweep of another grid; give another -o"):
        run_sweep(other, out)
    mine = directory.identity()
    for name in ("version", "build"):
        monkeypatch.setattr(directory, "identity", lambda name=name: {**mine, name: "x"})
        with pytest.raises(InputError, match=f"begun by {name} .*, and this is x"):
            run_sweep(small, out)


def test_trace_whose_bytes_have_changed_is_another_question(
    tmp_path: Path, crew: list[Here]
) -> None:
    trace, path, out = tmp_path / "t.csv.gz", tmp_path / "grid.toml", tmp_path / "out"
    shutil.copy(bundled_path("lmdb_stat_random"), trace)
    path.write_text('traces = ["*.gz"]')
    run_sweep(path, out)
    shutil.copy(bundled_path("python_import_numpy"), trace)
    with pytest.raises(InputError, match="it holds a sweep of another state of the traces"):
        run_sweep(path, out)


def test_worker_of_another_build_runs_nothing(small: Path) -> None:
    task = Question.of(read_grid(small)).task(read_grid(small).cells[0])
    other = Task(task.cell, {**task.identity, "build": "x"})
    with pytest.raises(InputError, match=r"it runs build .* where the sweep has x"):
        run_task(other)


def test_error_in_a_cell_is_its_outcome(tmp_path: Path) -> None:
    trace = tmp_path / "far.csv"
    trace.write_text("t_us,pid,ev,dev,ino,index,count,order\n0,1,get,1:1,5,9007199254740992,1,\n")
    grid = parse_grid(f'traces = ["{trace}"]', "grid.toml")
    outcome = run_task(Question.of(grid).task(grid.cells[0]))
    assert outcome.row is None
    assert outcome.error is not None
    assert outcome.error.startswith(("InputError: ", "ValueError: ", "size: "))


def test_timed_cells_have_times_in_the_manifest_alone(
    small: Path, tmp_path: Path, crew: list[Here]
) -> None:
    pytest.importorskip("pandas")
    out = tmp_path / "out"
    run_sweep(small, out)
    before = table(out)
    run_sweep(small, out, timings=True)
    assert table(out) == before
    assert set(attempts(out).values()) == {2}
    times = load_sweep(out, timings=True)["fill_ns"]
    assert (times > 0).all()
    assert "fill_ns" not in load_sweep(out)


def test_second_sweep_of_a_folder_is_refused_until_the_first_is_gone(
    small: Path, tmp_path: Path
) -> None:
    question = Question.of(read_grid(small))
    busy = pytest.raises(InputError, match=r"process \d+ sweeps there now")
    with opened(tmp_path / "out", question), busy:
        run_sweep(small, tmp_path / "out")
    with opened(tmp_path / "out", question):
        pass


def test_outcomes_on_their_way_are_kept_if_an_error_ends_it(small: Path, tmp_path: Path) -> None:
    class Broken(Here):
        def spoil(self, outcome: Outcome) -> Outcome:
            if outcome.cell == 3:
                raise InputError("gone")
            return outcome

    question = Question.of(read_grid(small))
    tasks = [question.task(cell) for cell in question.grid.cells]
    with opened(tmp_path / "out", question) as folder:
        with pytest.raises(InputError, match="gone"):
            keep_all(folder, Broken(), tasks, Swept(6, 0), lambda swept: None)
        assert folder.table.numbers() == {0, 1, 2}


@pytest.mark.parametrize(("workers", "timings"), [(0, False), (2, True)])
def test_workers_that_cannot_be_are_refused(
    small: Path, tmp_path: Path, workers: int, timings: bool
) -> None:
    with pytest.raises(InputError, match=r"--workers: 0|--timings: cells are timed one"):
        run_sweep(small, tmp_path / "out", workers=workers, timings=timings)


# Processes -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_sweep_on_all_cores_gives_the_undisturbed_table(
    grid: Path, tmp_path: Path, start: Start, undisturbed: bytes
) -> None:
    process = start("sweep", grid, "-o", tmp_path / "out")
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert f"{CELLS} of {CELLS} cells done" in out
    assert table(tmp_path / "out") == undisturbed


@pytest.mark.slow
def test_sweep_that_is_killed_at_every_stage_leaves_no_worker_and_loses_nothing(
    grid: Path, tmp_path: Path, start: Start, undisturbed: bytes, crew: list[Here]
) -> None:
    out = tmp_path / "out"
    stages = [("logged", 3), ("beside", 5), ("part", 7), ("sealed", 1)]
    for (moment, count), rows in zip(stages, [2, 6, 13, CELLS], strict=True):
        process = start("sweep", grid, "-o", out, plan=[(moment, count, "kill")])
        assert process.wait() == -signal.SIGKILL
        assert gone_at_once(workers_then(out))
        assert len(read_sweep(out)[0]) == rows
    assert list(out.glob("parts/*"))
    assert run_sweep(grid, out) == Swept(CELLS, CELLS)
    assert table(out) == undisturbed
    assert not list(out.glob("parts*"))
    assert len(attempts(out)) == CELLS
    assert sum(attempts(out).values()) == CELLS + 2  # logged, and killed before the row was whole


@pytest.mark.slow
def test_sweep_killed_while_its_workers_start_leaves_none(
    grid: Path, tmp_path: Path, start: Start
) -> None:
    process = start("sweep", grid, "-o", tmp_path / "out")
    wait_until(lambda: workers_of(process.pid), process)
    workers = workers_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert gone_at_once(workers)


@pytest.mark.slow
def test_worker_that_is_killed_costs_nothing(
    grid: Path, tmp_path: Path, start: Start, undisturbed: bytes
) -> None:
    out = tmp_path / "out"
    process = start("sweep", grid, "-o", out, plan=[("part", 1, "worker")])
    assert process.communicate()[1] == ""
    assert process.returncode == 0
    assert table(out) == undisturbed


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done(
    grid: Path, tmp_path: Path, start: Start, undisturbed: bytes
) -> None:
    out = tmp_path / "out"
    plan: Plan = [("part", 4, "ctrl-c")]
    process = start("sweep", grid, "-o", out, plan=plan, start_new_session=True)
    text, err = process.communicate()
    assert (process.returncode, err) == (130, "")
    assert "the same command goes on from there" in text
    assert not workers_of(process.pid)
    assert len(read_sweep(out)[0]) == 4
    again = start("sweep", grid, "-o", out)
    assert again.wait() == 0
    assert table(out) == undisturbed


@pytest.mark.slow
def test_full_disk_is_one_line_and_the_sweep_goes_on_once_there_is_room(
    grid: Path, tmp_path: Path, start: Start, undisturbed: bytes, crew: list[Here]
) -> None:
    out = tmp_path / "out"
    process = start("sweep", grid, "-o", out, plan=[("part", 3, "full")])
    _, err = process.communicate()
    assert process.returncode == 2
    assert err.count("\n") == 1
    assert "File too large; what is done is kept, and the same command goes on" in err
    assert len(read_sweep(out)[0]) == 3
    assert run_sweep(grid, out).done == CELLS
    assert table(out) == undisturbed


@pytest.mark.slow
def test_folder_in_use_is_refused_and_free_once_its_owner_is_dead(
    small: Path, tmp_path: Path, start: Start, crew: list[Here]
) -> None:
    out = tmp_path / "out"
    first = start("sweep", small, "-o", out, plan=[("part", 1, "stop")])
    owner = psutil.Process(first.pid)
    wait_until(lambda: owner.status() == psutil.STATUS_STOPPED, first)
    with pytest.raises(InputError, match=f"process {first.pid} sweeps there now"):
        run_sweep(small, out)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert run_sweep(small, out).done == 6


class Deadly:
    """Ends the process that unpickles it, as the kernel does when memory runs out."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


@pytest.mark.slow
def test_cell_that_kills_its_worker_fails_alone(grid: Path) -> None:
    question = Question.of(read_grid(grid))
    tasks = [question.task(cell) for cell in question.grid.cells[:8]]
    tasks[3] = replace(tasks[3], trace=Deadly())  # type: ignore[arg-type]
    found = [each for each in Cores(2).outcomes(tasks) if each is not None]
    assert sorted(each.cell for each in found) == list(range(8))
    errors = {each.cell: each.error for each in found if each.error}
    assert errors.keys() == {3}
    assert "worker process was killed" in errors[3]
