"""Sweeps as processes of their own, to be killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from pagecache.sweep.directory import Question, opened
from pagecache.sweep.grid import parse_grid
from pagecache.sweep.sweeping import Swept, keep_all
from pagecache.sweep.task import Outcome, Task, run_task

from .moments import Plan

GRID = """\
sizes = ["16M"]
alloc = ["compound", "fallback"]
blocks = ["64K", "2M"]
fragment = ["none", "random:8:80%"]
seeds = [0, 1, 2, 3, 4]
"""
CELLS = 40
PATIENCE = 120  # seconds, on a machine that is busy
AT_ONCE = 2.0  # seconds that a worker may outlive its parent
MOMENTS = Path(__file__).with_name("moments.py")
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(GRID)
    return path


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts ``pagecache`` with arguments; whatever still runs at the end is killed.

    With a `plan` something is done to it at moments of the sweep; see ``moments.py``.
    """
    made: list[subprocess.Popen[str]] = []

    def begin(
        *arguments: object, plan: Plan | None = None, **options: object
    ) -> "subprocess.Popen[str]":
        program = ["-m", "pagecache"] if plan is None else [str(MOMENTS), json.dumps(plan)]
        process = subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error"},
            **options,  # type: ignore[call-overload]
        )
        made.append(process)
        return process

    yield begin
    for process in made:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()  # unread: a worker that outlives its parent keeps them open


class Here:
    """Runs cells in this process; `spoil` changes an outcome, or raises."""

    workers = 1
    bytes = 0

    def outcomes(self, tasks: Iterator[Task]) -> Iterator[Outcome | None]:
        for task in tasks:
            yield self.spoil(run_task(task))

    def spoil(self, outcome: Outcome) -> Outcome:
        return outcome


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table of a sweep that nobody disturbed, run in this process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    question = Question.of(parse_grid(GRID, "grid.toml"))
    tasks = [question.task(cell) for cell in question.grid.cells]
    with opened(folder / "out", question) as out:
        keep_all(out, Here(), tasks, Swept(CELLS, 0), lambda swept: None)
        out.table.seal()
    (path,) = (folder / "out").glob("table.*")
    return path.read_bytes()


def wait_until(true: Callable[[], object], process: "subprocess.Popen[str] | None" = None) -> None:
    """Wait for something, as long as the process lives."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came"
        if process is not None and process.poll() is not None:
            if true():
                return
            raise AssertionError(f"ended with {process.returncode}: {process.communicate()}")
        time.sleep(0.02)


def workers_then(out: Path) -> list[psutil.Process]:
    """The workers of a sweep into `out` when it was killed; of those that are gone, none."""
    found = []
    for pid in json.loads(out.with_suffix(".workers").read_text()):
        with suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(pid))
    return found


def gone_at_once(processes: list[psutil.Process]) -> bool:
    """Whether all are dead within `AT_ONCE`; those that are not are killed then."""
    deadline = time.monotonic() + AT_ONCE
    while living(processes) and time.monotonic() < deadline:
        time.sleep(0.02)
    late = living(processes)
    for each in late:
        each.kill()
    return not late


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that are not dead: one that nobody has waited for yet is."""
    return [each for each in processes if is_alive(each)]


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
