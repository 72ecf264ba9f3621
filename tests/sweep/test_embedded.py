"""Quick cells travel in batches; slow ones of a batch go back and run all the same."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import nullcontext
from typing import cast

import pytest

from pagecache.sweep import task as of_worker
from pagecache.sweep.directory import Question
from pagecache.sweep.embedded import BATCH_SECONDS, Cores, drain
from pagecache.sweep.grid import parse_grid
from pagecache.sweep.task import Outcome, Task, run_tasks

QUICK, SLOW = 200, 6
GRID = f'sizes = ["64K"]\nseeds = {list(range(QUICK + SLOW))}\n'
SECONDS = [BATCH_SECONDS / 20] * QUICK + [3.0] * SLOW  # that each cell takes


class Clock:
    """Time that passes only while a cell runs; what ran, and how many at a time."""

    def __init__(self) -> None:
        self.now, self.batches = 0.0, list[tuple[int, ...]]()

    def perf_counter(self) -> float:
        return self.now

    def run(self, task: Task) -> Outcome:
        number = task.cell.number
        self.now += SECONDS[number]
        return Outcome(number, {}, None, SECONDS[number], "host", "1")

    def submit(self, run: object, batch: list[Task], seconds: float) -> "Future[list[Outcome]]":
        """In place of a pool's: the real function of the worker, here."""
        assert run is run_tasks
        answer: Future[list[Outcome]] = Future()
        answer.set_result(run_tasks(batch, seconds))
        self.batches.append(tuple(each.cell for each in answer.result()))
        return answer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(of_worker, "run_task", clock.run)
    monkeypatch.setattr(of_worker, "time", clock)
    return clock


def tasks() -> Iterator[Task]:
    grid = parse_grid(GRID, "GRID")
    return map(Question.of(grid).task, grid.cells)


def drained(clock: Clock) -> list[int]:
    outcomes = drain(cast(ProcessPoolExecutor, clock), tasks(), {}, 4)
    return [each.cell for each in outcomes if each]


def test_every_cell_runs_once_whatever_batch_it_came_in(clock: Clock) -> None:
    assert sorted(drained(clock)) == list(range(QUICK + SLOW))


def test_quick_cells_come_in_batches_of_a_twentieth_of_a_second(clock: Clock) -> None:
    drained(clock)
    assert max(map(len, clock.batches)) == 20


def test_slow_cells_are_never_held_by_one_worker(clock: Clock) -> None:
    """Those that came in a batch of quick ones are given back."""
    drained(clock)
    for batch in clock.batches:
        assert sum(cell >= QUICK for cell in batch) <= 1


def test_suspects_run_one_at_a_time(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick as they are: whoever breaks its pool must be known."""
    monkeypatch.setattr(Cores, "pool", lambda self, workers: nullcontext(clock))
    assert len(list(Cores(1).one_by_one(list(tasks())))) == QUICK + SLOW
    assert max(map(len, clock.batches)) == 1
