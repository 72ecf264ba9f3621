"""The same cells on Dask: the same table, whoever is killed."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import bundled_path
from pagecache.sweep.cluster import Cluster
from pagecache.sweep.directory import Question
from pagecache.sweep.grid import read_grid
from pagecache.sweep.sweeping import Swept, read_sweep, run_sweep
from pagecache.sweep.task import run_task

from .conftest import CELLS, Start, wait_until
from .moments import Plan

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
Process = "subprocess.Popen[bytes]"


class Dask:
    """A scheduler and workers, each a process of the ``dask`` command."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.processes = folder, list[subprocess.Popen[bytes]]()
        self.address = f"tcp://127.0.0.1:{self.port}"
        host = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        self.scheduler = self.start("scheduler", *host)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Run ``dask`` with arguments."""
        command = [sys.executable, "-m", "dask", *arguments]
        with open(self.folder / f"{arguments[0]}{len(self.processes)}.log", "wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """Another worker, in one process with one thread."""
        one = ["--no-nanny", "--nthreads", "1", "--no-dashboard"]
        return self.start("worker", self.address, *one)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    folder = tmp_path / "dask"
    folder.mkdir()
    made = Dask(folder)
    yield made
    made.end()


def sealed(out: Path) -> bytes:
    (path,) = out.glob("table.*")
    return path.read_bytes()


def test_two_workers_over_loopback_give_the_table_of_this_machine(
    dask: Dask, grid: Path, tmp_path: Path, undisturbed: bytes
) -> None:
    dask.worker()
    dask.worker()
    assert run_sweep(grid, tmp_path / "out", scheduler=dask.address).done == CELLS
    assert sealed(tmp_path / "out") == undisturbed
    records = map(json.loads, (tmp_path / "out" / "manifest.jsonl").read_text().splitlines())
    workers = {record["worker"] for record in records if record["kind"] == "cell"}
    assert workers <= {str(process.pid) for process in dask.processes[1:]}


def test_worker_then_scheduler_are_killed_and_the_sweep_goes_on_with_another(
    dask: Dask, grid: Path, tmp_path: Path, start: Start, undisturbed: bytes
) -> None:
    out = tmp_path / "out"
    first, _ = dask.worker(), dask.worker()
    plan: Plan = [("part", 1, first.pid), ("part", 3, dask.scheduler.pid)]
    process = start("sweep", grid, "-o", out, "--scheduler", dask.address, plan=plan)
    _, err = process.communicate()
    assert process.returncode == 1
    assert err.count("\n") == 1
    assert f"--scheduler: {dask.address} is gone; what is done is kept" in err
    assert 3 <= len(read_sweep(out)[0]) < CELLS
    other = Dask(dask.folder)
    try:
        other.worker()
        assert run_sweep(grid, out, scheduler=other.address).done == CELLS
        assert sealed(out) == undisturbed
    finally:
        other.end()


def test_local_cluster_whose_worker_is_killed_gives_the_same_table(
    grid: Path, tmp_path: Path, start: Start, undisturbed: bytes
) -> None:
    """A LocalCluster of separate processes, held by a process of its own."""
    script = tmp_path / "cluster.py"
    script.write_text(LOCAL)
    holder = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        address, victim = holder.stdout.readline().split()
        out = tmp_path / "out"
        plan: Plan = [("part", 1, int(victim))]
        process = start("sweep", grid, "-o", out, "--scheduler", address, plan=plan)
        assert process.communicate()[1] == ""
        assert process.returncode == 0
        assert sealed(out) == undisturbed
    finally:
        holder.terminate()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()


LOCAL = """
import os, signal, sys, time
from distributed import Client, LocalCluster
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with Client(cluster) as client:
        pids = client.run(os.getpid)
        print(cluster.scheduler_address, min(pids.values()), flush=True)
        while True:
            time.sleep(1)
"""


def test_trace_that_workers_do_not_see_is_sent_unless_it_is_large(
    dask: Dask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its path leads through this process's working directory, which is not the worker's."""
    monkeypatch.chdir(tmp_path)
    trace, path = tmp_path / "t.csv.gz", tmp_path / "grid.toml"
    trace.write_bytes(bundled_path("lmdb_stat_random").read_bytes())
    path.write_text('traces = ["/proc/self/cwd/t.csv.gz"]\nalloc = ["compound", "fallback"]\n')
    dask.worker()
    with monkeypatch.context() as large:
        large.setattr("pagecache.sweep.cluster.SMALL", 0)
        swept = run_sweep(path, tmp_path / "out", scheduler=dask.address)
    assert [error.partition("; ")[2] for error in swept.failed.values()] == [
        "put it on a filesystem that they share"
    ] * 2
    again = run_sweep(path, tmp_path / "out", scheduler=dask.address, retry_failed=True)
    assert again == Swept(2, 2, total_bytes=again.total_bytes, bytes=again.bytes)
    run_sweep(path, tmp_path / "here", workers=1)
    assert sealed(tmp_path / "out") == sealed(tmp_path / "here")


def test_outcome_that_died_with_its_worker_is_made_again_by_another(dask: Dask, grid: Path) -> None:
    """It was done, and its worker is killed before it is fetched."""
    first = dask.worker()
    task = Question.of(read_grid(grid)).task(read_grid(grid).cells[0])
    cluster = Cluster(dask.address)
    with closing(cluster.client):
        future = cluster.begin(task, {})
        wait_until(lambda: future.status == "finished")
        first.kill()
        wait_until(lambda: future.status == "lost")
        second = dask.worker()
        outcome = cluster.outcome_of(future, task)
    assert outcome.row == run_task(task).row
    assert outcome.worker == str(second.pid)


def test_scheduler_that_does_not_answer_is_one_line(
    grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pagecache.sweep.cluster.PATIENCE", 4)
    with pytest.raises(InputError, match=r"--scheduler: tcp://127.0.0.1:9 does not answer"):
        run_sweep(grid, tmp_path / "out", scheduler="tcp://127.0.0.1:9")
