"""The command as a process: signals, streams that are closed, full or gone, and terminals."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

PAGECACHE = [sys.executable, "-m", "pagecache"]
SMALL = ["compare", "--size", "64M", "--rounds", "1", "--processes", "1", "--events", "get"]
LONG = ["compare", "--size", "256M", "--rounds", "100000", "--processes", "2"]
PATIENCE = 60  # seconds, for a machine that is busy

Started = subprocess.Popen[bytes]


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash in which ``$P`` is pagecache."""
    code = subprocess.run(
        ["bash", "-c", command],
        cwd=cwd,
        env={**os.environ, "P": " ".join(PAGECACHE), "S": " ".join(SMALL)},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return code


def until(condition: Callable[[], bool]) -> bool:
    """Wait for something; False if it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def is_over(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def heed_ctrl_c() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so would the tests' commands."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start the command in a session of its own, its place `tmp_path`."""
    running: list[Started] = []

    def popen(*arguments: str, **options: object) -> Started:
        process = subprocess.Popen(
            [*PAGECACHE, *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=options.pop("stderr", subprocess.PIPE),
            start_new_session=True,
            preexec_fn=heed_ctrl_c,  # noqa: PLW1509 - the tests run in one thread
            **options,
        )
        running.append(process)
        return process

    yield popen
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def worker_of(process: Started) -> psutil.Process:
    parent = psutil.Process(process.pid)
    assert until(lambda: bool(parent.children()))
    return parent.children()[0]


def busy(worker: psutil.Process) -> bool:
    """It has run for a while, so that its first small round is over."""
    return sum(worker.cpu_times()[:2]) > 1.5


# Signals ----------------------------------------------------------------------------------------


def test_ctrl_c_after_a_round_prints_what_there_is(start, tmp_path: Path) -> None:
    process = start(*LONG, "--json", "out.json")
    worker = worker_of(process)
    assert until(lambda: busy(worker))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert err == b""
    assert b"hugetlb-4k-slots" in out
    assert b"Ctrl-C ended the run in process 1 of 2" in out.replace(b"\n  ", b" ")
    assert until(lambda: is_over(worker))
    assert os.listdir(tmp_path) == ["out.json"]
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["meta"]["interrupted"] is True
    assert any(result["ns_per_event"] for result in found["results"])


def test_ctrl_c_before_a_round_says_that_nothing_was_measured(start, tmp_path: Path) -> None:
    process = start(*LONG)
    worker = worker_of(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    said = (out + err).decode()
    assert "Nothing was measured" in said or "interrupted before anything was measured" in said
    assert "Traceback" not in said
    assert until(lambda: is_over(worker))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_other_signals_leave_no_worker_and_no_file(start, tmp_path: Path, number: int) -> None:
    process = start(*LONG, "--json", "out.json")
    worker = worker_of(process)
    assert until(lambda: busy(worker))
    process.send_signal(number)
    assert process.wait(PATIENCE) == -number
    assert until(lambda: is_over(worker))
    assert os.listdir(tmp_path) == []


# Streams ----------------------------------------------------------------------------------------


def test_reader_that_goes_away_costs_nothing_but_the_table(tmp_path: Path) -> None:
    ran = shell("$P $S --json out.json | true; echo ${PIPESTATUS[0]}", tmp_path)
    assert (ran.stdout, ran.stderr) == (b"0\n", b"")
    assert json.loads((tmp_path / "out.json").read_text())["results"]


def test_full_disk_is_one_line_and_the_results_are_written(tmp_path: Path) -> None:
    ran = shell("$P $S --json out.json > /dev/full", tmp_path)
    assert ran.returncode == 2
    assert ran.stderr == b"pagecache: output: No space left on device\n"
    assert json.loads((tmp_path / "out.json").read_text())["results"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_borne(tmp_path: Path, closed: str) -> None:
    ran = shell(f"$P $S --json out.json {closed}", tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads((tmp_path / "out.json").read_text())["results"]
    assert shell(f"$P compare --size x {closed}", tmp_path).returncode == 2


def test_json_to_standard_output_leaves_the_table_to_standard_error(tmp_path: Path) -> None:
    ran = shell("$P $S --json -", tmp_path)
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["results"]
    assert b"hugetlb-4k-slots" in ran.stderr
    assert os.listdir(tmp_path) == []
    piped = shell(
        "$P $S --json - 2> /dev/null | tee out.json | head -c 1; $P show out.json", tmp_path
    )
    assert piped.stdout.startswith(b"{")
    assert b"hugetlb-4k-slots" in piped.stdout


def test_full_disk_under_the_json_is_one_line(tmp_path: Path) -> None:
    ran = shell("$P $S --json - 2> /dev/null > /dev/full", tmp_path)
    assert ran.returncode == 2
    ran = shell("$P $S --json - 2>&1 > /dev/full | tail -1", tmp_path)
    assert ran.stdout == b"pagecache: output: No space left on device\n"


def test_json_onto_the_table_is_refused(tmp_path: Path) -> None:
    for name in ("out", "/dev/stdout"):
        ran = shell(f"$P $S --json {name} > out", tmp_path)
        assert ran.returncode == 2
        told = f"pagecache: --json: {name} is where the table goes; name another file\n"
        assert ran.stderr.decode() == told


@pytest.mark.parametrize("name", ["[red]x", "two\nlines", "bad\udcff", "esc\x1b[31m"])
def test_files_of_any_name_are_compared(start, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes(range(256)) * 256)
    process = start("compare", name, *SMALL[3:], "--json", "out.json")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")
    assert out.isascii()
    assert b"\nx: times base-4k; " in out
    shown = start("show", "out.json").communicate(timeout=PATIENCE)[0]
    assert shown == out


def test_file_deleted_during_the_run_does_not_matter(start, tmp_path: Path) -> None:
    (tmp_path / "some.img").write_bytes(bytes(range(256)) * 256)
    process = start("compare", "some.img", *SMALL[3:])
    worker_of(process)
    (tmp_path / "some.img").unlink()
    assert process.communicate(timeout=PATIENCE)[1] == b""
    assert process.returncode == 0


@pytest.mark.parametrize("terminal", ["xterm-256color", "dumb"])
def test_narrow_terminal_of_any_kind_loses_no_number(start, monkeypatch, terminal: str) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    ours, its = pty.openpty()
    process = start(*SMALL, stderr=its)
    os.close(its)
    out = process.communicate(timeout=PATIENCE)[0]
    os.close(ours)
    assert process.returncode == 0
    assert b"\xe2\x80\xa6" not in out
    assert b"hugetlb-4k-slots   261" in out
