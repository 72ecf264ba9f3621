"""Programs that are recorded for real, and their traces against the kernel's own index."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import read_trace
from pagecache.live import record as module
from pagecache.live.detached import mount_detached
from pagecache.live.record import record, snapshot
from pagecache.live.tracing import Tracing
from pagecache.live.verify import verify

from .conftest import MIB, evict, fill, hears_ctrl_c

MAIN = [sys.executable, "-c", "import sys; from pagecache.cli import main; sys.exit(main())"]


def instances() -> list[str]:
    """The instances of tracefs; skipped where it cannot be mounted."""
    try:
        mount = mount_detached("tracefs", {})
    except OSError as error:
        pytest.skip(f"no tracefs: {error.strerror}")
    try:
        return os.listdir(f"/proc/self/fd/{mount}/instances")
    finally:
        os.close(mount)


@pytest.fixture
def traced(may_walk):
    """Neither an instance of this process nor a mount of tracefs is left by a test."""
    mounts = tracefs_mounts()
    assert f"pagecache-{os.getpid()}" not in instances()
    yield
    assert f"pagecache-{os.getpid()}" not in instances()
    assert tracefs_mounts() == mounts


def tracefs_mounts() -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line for line in lines if " tracefs " in line]


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big"
    fill(path, 20 * MIB)
    if path.stat().st_dev in {Path("/dev/shm").stat().st_dev}:
        pytest.skip("the kernel traces no additions on tmpfs")
    return path


def name_of(path: Path) -> str:
    number = path.stat()
    return f"{os.major(number.st_dev)}:{os.minor(number.st_dev)}/{number.st_ino}"


def test_trace_of_a_program_is_equal_to_the_kernel(traced, big: Path, tmp_path: Path) -> None:
    for _ in range(3):  # the kernel may reclaim what another program brings it to
        found = record(["sha256sum", str(big)], tmp_path / "out", cold=[big])
        if name_of(big) not in found.busy:
            break
    assert (found.status, found.lost) == (0, 0), found
    expected = json.loads((tmp_path / "out.expected.json").read_text())
    assert expected[name_of(big)]["pages"] == 20 * MIB >> 12
    verified = verify(found.trace)
    assert (verified.difference, verified.files) == (None, len(expected))
    trace = read_trace(found.trace)
    assert len(trace) == found.events
    assert name_of(big) in trace.files
    folios = trace.final_folios()
    rows = folios.file == folios.files.index(name_of(big))
    assert int((1 << folios.order[rows].astype(int)).sum()) == 20 * MIB >> 12


def test_file_that_others_change_meanwhile_is_not_expected(
    traced, big: Path, tmp_path: Path, monkeypatch
) -> None:
    looks: list[object] = []

    def changing(walker):
        if looks:  # after the program, before its files are looked at
            evict(big)
        looks.append(None)
        return snapshot(walker)

    monkeypatch.setattr(module, "snapshot", changing)
    found = record(["cat", str(big)], tmp_path / "out")
    assert name_of(big) in found.busy
    assert name_of(big) not in json.loads((tmp_path / "out.expected.json").read_text())
    assert verify(found.trace).difference is None


def test_what_was_cached_before_comes_first(traced, big: Path, tmp_path: Path) -> None:
    evict(big)
    with big.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        os.pread(file.fileno(), 1, 5 << 12)
    found = record(["cat", str(big)], tmp_path / "out")
    trace = read_trace(found.trace)
    mine = trace.file == trace.files.index(name_of(big))
    old = mine & (trace.pid == 0)
    assert (trace.index[old].tolist(), trace.t_us[old].tolist()) == ([5], [0])
    assert verify(found.trace).difference is None


def test_program_that_cannot_be_started_leaves_nothing(traced, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name a program"):
        record(["/nowhere/program"], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_recorder_that_is_killed_leaves_no_instance(traced, tmp_path: Path, number: int) -> None:
    command = [*MAIN, "record", "-o", str(tmp_path / "out"), "--", "sleep", "5"]
    child = subprocess.Popen(
        command,
        stderr=subprocess.DEVNULL,
        preexec_fn=hears_ctrl_c,  # noqa: PLW1509 - the tests run in one thread
    )
    deadline = time.monotonic() + 30
    name = f"pagecache-{child.pid}"
    while name not in instances() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert name in instances()
    child.send_signal(number)
    child.wait()
    while name in instances() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert name not in instances()
    assert not (tmp_path / "out.filemap.csv.gz").exists()


def test_instance_is_removed_whatever_ends_its_guard(traced, tmp_path: Path) -> None:
    with (tmp_path / "text").open("wb") as text, Tracing(text) as tracing:
        assert f"pagecache-{os.getpid()}" in instances()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(tracing._guard, number)
        time.sleep(0.1)
        assert os.waitpid(tracing._guard, os.WNOHANG) == (0, 0)  # it goes on
    with (tmp_path / "text").open("wb") as text, Tracing(text) as tracing:
        os.kill(tracing._guard, signal.SIGKILL)


def written(tmp_path: Path, **changed: object) -> Path:
    trace = tmp_path / "out.filemap.csv"
    rows = "0,0,add,1:2,3,0,64,6\n1,7,add,1:2,3,64,1,0\n2,7,add,1:2,4,0,1,0\n3,7,del,1:2,4,0,1,0\n"
    trace.write_text(f"t_us,pid,ev,dev,ino,index,count,order\n{rows}")
    held = {"pages": 65, "folios": 2, "nodes": 2, "orders": {"0": 1, "6": 1}, "shadows": False}
    empty = {"pages": 0, "folios": 0, "nodes": 0, "orders": {}}
    expected = {"1:2/3": {**held, **changed}, "1:2/4": empty}
    (tmp_path / "out.expected.json").write_text(json.dumps(expected))
    return trace


def test_expectations_that_are_met_are_equal(tmp_path: Path) -> None:
    verified = verify(written(tmp_path))
    assert (verified.files, verified.difference) == (2, None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pages": 66}, "1:2/3: pages 65, and the kernel had 66"),
        ({"orders": {"0": 65}}, "1:2/3: orders {'0': 1, '6': 1}, and the kernel had {'0': 65}"),
        ({"nodes": 3}, "1:2/3: nodes 2, and the kernel had 3"),
        ({"nodes": 3, "shadows": True}, None),  # shadows keep nodes, and no event tells of them
    ],
)
def test_first_difference_is_named(tmp_path: Path, changed: dict, said: str | None) -> None:
    assert verify(written(tmp_path, **changed)).difference == said


def test_expectations_that_are_none_are_refused(tmp_path: Path) -> None:
    trace = written(tmp_path)
    with pytest.raises(InputError, match="--expected"):
        verify(trace, tmp_path / "none")
    for text in ("{", "[]", '{"1:2/3": {"pages": 1}}'):
        (tmp_path / "out.expected.json").write_text(text)
        with pytest.raises(InputError, match=r"out.expected.json: (no JSON|not pages)"):
            verify(trace)


@pytest.mark.parametrize("name", ["/", ".", "none.csv"])
def test_trace_that_is_none_is_named(name: str) -> None:
    with pytest.raises(InputError, match=rf"^{name}: (it is a directory|no such file); "):
        verify(name)


def test_expectations_that_would_never_end_are_refused(tmp_path: Path) -> None:
    trace, fifo = written(tmp_path), tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(InputError, match=r"fifo: it is a FIFO; name it with --expected"):
        verify(trace, fifo)
    fifo.unlink()
    fifo.write_text("[" * 200_000)
    with pytest.raises(InputError, match="fifo: no JSON; "):
        verify(trace, fifo)
