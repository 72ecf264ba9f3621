"""Worker processes: what is gathered from them, and what is said of one that ends badly."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import resource_tracker
from pathlib import Path

import psutil
import pytest

from pagecache.errors import InputError, WorkerDied, WrongAnswer
from pagecache.measure import runner, worker
from pagecache.measure.case import Job
from pagecache.measure.runner import all_narrow, measure, run_processes
from pagecache.measure.schedule import Schedule


def run_all(job, schedule, on_record=lambda record: None) -> tuple[list[dict], bool]:
    """The records, and whether it was interrupted."""
    records: list[dict] = []
    return records, run_processes(job, schedule, records, on_record)


def workers() -> list[psutil.Process]:
    """Children of this process, except for the one that multiprocessing keeps."""
    tracker = vars(resource_tracker._resource_tracker)["_pid"]
    return [
        child
        for child in psutil.Process().children()
        if child.is_running() and child.pid != tracker
    ]


@pytest.fixture
def fake_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Let a shell script stand in for the worker."""

    def stand_in(script: str) -> None:
        path = tmp_path / "worker"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(runner.sys, "executable", str(path))

    return stand_in


def test_processes_run_one_after_the_other_and_tell_all(make_case, make_job) -> None:
    told: list[dict] = []
    case = make_case(events=["get"])
    records, interrupted = run_all(make_job(case, case), Schedule(1e9, 2), told.append)
    assert not interrupted
    assert [record for record in told if record["kind"] != "process-done"] == records
    assert [record["wanted"] for record in told if record["kind"] == "process-done"] == [2, 2]
    rounds = [(r["process"], r["case"]) for r in records if r["kind"] == "round"]
    assert rounds == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert workers() == []


def test_killed_worker_is_reported_in_a_line(make_case, make_job) -> None:
    def kill(record: dict) -> None:
        for child in workers():
            child.kill()

    case = make_case(events=["get"], rounds=10_000)
    with pytest.raises(WorkerDied) as caught:
        run_all(make_job(case), Schedule(1e9, 1), kill)
    assert str(caught.value) == (
        "a worker process was killed (by the kernel, if memory ran out); try a smaller --size"
    )


def test_worker_that_fails_is_reported_with_its_last_line(fake_worker, make_case, make_job) -> None:
    fake_worker("cat >/dev/null; echo first >&2; echo 'the last' >&2; exit 3")
    with pytest.raises(WorkerDied, match=r"^a worker process ended with 3: the last$"):
        run_all(make_job(make_case()), Schedule(1e9, 1))


def test_worker_that_never_reads_its_job_is_reported(fake_worker, make_case, make_job) -> None:
    fake_worker("exec <&-; exit 4")
    case = make_case()
    many = make_job(*[case] * 500)  # more than a pipe holds
    with pytest.raises(WorkerDied, match=r"^a worker process ended with 4: no message$"):
        run_all(many, Schedule(1e9, 1))


def test_record_cut_off_in_the_middle_is_the_death_of_a_worker(
    fake_worker, make_case, make_job
) -> None:
    fake_worker("""cat >/dev/null; printf '{"kind": "rou'; kill -9 $$""")
    with pytest.raises(WorkerDied, match=r"^a worker process was killed"):
        run_all(make_job(make_case()), Schedule(1e9, 1))


def test_bad_input_found_by_a_worker_is_bad_input(make_case, make_job, tmp_path: Path) -> None:
    case = make_case()
    spec = {"kind": "trace", "path": str(tmp_path / "gone.csv")}
    lost = type(case)(**{**vars(case), "spec": spec})
    with pytest.raises(InputError, match=r"gone\.csv: no such file; check the path$"):
        run_all(make_job(lost), Schedule(1e9, 1))


def test_wrong_answer_of_a_worker_is_a_wrong_answer(fake_worker, make_case, make_job) -> None:
    fake_worker("""cat >/dev/null; echo '{"kind": "wrong", "text": "get: answered 1"}'; sleep 60""")
    with pytest.raises(WrongAnswer, match=r"^get: answered 1$"):
        run_all(make_job(make_case()), Schedule(1e9, 1))
    assert workers() == []


def test_interrupt_keeps_what_was_measured_and_leaves_no_worker(make_case, make_job) -> None:
    def interrupt(record: dict) -> None:
        if record["kind"] == "round":
            raise KeyboardInterrupt

    case = make_case(events=["get"], rounds=10_000)
    records, interrupted = run_all(make_job(case), Schedule(1e9, 3), interrupt)
    assert interrupted
    assert [record["kind"] for record in records].count("round") == 1
    assert workers() == []


def test_interrupted_measurement_gives_partial_results_and_says_so(make_case) -> None:
    def interrupt(record: dict) -> None:
        if record["kind"] == "case-done":
            raise KeyboardInterrupt

    cases = [make_case(events=["get"], size=size) for size in ("8M", "16M")]
    found = measure(cases, processes=2, on_record=interrupt)
    assert found.meta["interrupted"]
    assert "Ctrl-C ended the run in process 1 of 2; rerun for all of it." in found.doubts
    assert {result.input for result in found} == {"uniform 8 MiB"}


def test_interrupt_before_anything_was_measured_gives_no_result(make_case) -> None:
    def interrupt(record: dict) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # while the plan is told
        measure([make_case()], processes=1, on_record=interrupt)


def test_time_is_shared_so_that_each_process_has_a_round(make_case, make_job) -> None:
    job = make_job(make_case(events=["get"], rounds=10_000))
    records, _ = run_all(job, Schedule(0.0, 2))
    assert [r["process"] for r in records if r["kind"] == "round"] == [0, 1]


@pytest.mark.usefixtures("in_process")
def test_run_says_how_many_processes_there_were_and_how_sure_its_intervals_are(make_case) -> None:
    found = measure([make_case(events=["get"])], processes=6)
    assert (found.meta["processes"], found.meta["level"]) == (6, 0.96875)
    for result in found:
        assert result.ns_per_event is None or len(result.ns_per_event.processes) == 6
        assert result.level in (0.0, 0.96875)


@pytest.mark.usefixtures("in_process")
def test_precision_ends_a_run_once_every_ratio_is_that_narrow(make_case) -> None:
    case = make_case(["hugetlb-huge"], events=["get"], size="4M")
    found = measure([case], processes=20, precision=1e9, seconds=1e9)
    assert found.meta["processes"] == 8  # the first look
    assert (found.meta["looks"], found.meta["precision"]) == (1, 1e9)
    assert found.meta["level"] >= 0.98
    assert all_narrow(found.results, 1e9)
    assert not all_narrow(found.results, 0.0)


def test_pinning_takes_a_processor_that_is_allowed() -> None:
    assert runner.quiet_cpu() in os.sched_getaffinity(0)


# The worker itself, in this process -------------------------------------------------------------


@pytest.fixture
def run_worker(monkeypatch: pytest.MonkeyPatch, capsys):
    """Run a job in this process, which stays unpinned; the exit code and the records."""
    monkeypatch.setattr(worker, "pin", lambda cpu: None)
    monkeypatch.setattr(worker, "die_with_parent", lambda: None)

    def run(job) -> tuple[int, list[dict]]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(job.to_dict())))
        code = worker.main()
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_worker_emits_counts_rounds_and_ends(run_worker, make_case, make_job) -> None:
    code, records = run_worker(make_job(make_case(events=["get"])))
    assert code == 0
    kinds = [record["kind"] for record in records]
    assert kinds == ["counts"] * 5 + ["round", "case-done"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WrongAnswer("get: answered 1"), ("wrong", "get: answered 1")),
        (InputError("x: no; try y"), ("error", "x: no; try y")),
        (MemoryError("no room"), ("error", "out of memory (no room); give a smaller input")),
    ],
)
def test_worker_tells_its_errors_in_a_record(
    run_worker, make_job, monkeypatch, error: Exception, told: tuple[str, str]
) -> None:
    def fail(job, emit) -> None:
        raise error

    monkeypatch.setattr(worker, "run", fail)
    assert run_worker(make_job()) == (1, [dict(zip(("kind", "text"), told, strict=True))])


def test_worker_ends_with_a_parent_that_was_killed(make_case, make_job, tmp_path: Path) -> None:
    job = make_job(make_case(events=["get"], size="1G", rounds=100_000))
    (tmp_path / "job.json").write_text(json.dumps(job.to_dict()))
    code = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-m', "
        "'pagecache.measure.worker'], stdin=open(sys.argv[1]), stdout=subprocess.PIPE);"
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)"
    )
    parent = psutil.Popen(
        [sys.executable, "-c", code, str(tmp_path / "job.json")], stdout=-1, text=True
    )
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.is_running()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while child.is_running() and child.status() != "zombie" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not child.is_running() or child.status() == "zombie"


def test_worker_stays_on_the_processor_that_it_is_given() -> None:
    cpu = min(os.sched_getaffinity(0))
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("this machine has one processor")
    job = json.dumps(Job((), seed=0, process=0, cpu=cpu).to_dict())
    code = (
        "import os; from pagecache.measure import worker; worker.main(); "
        "print(sorted(os.sched_getaffinity(0)))"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, input=job, capture_output=True, text=True, check=True)
    assert ran.stdout == f"[{cpu}]\n"
