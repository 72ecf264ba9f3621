"""Programs recorded through strace, for real where it is installed and may trace."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pagecache.cli import record as command
from pagecache.errors import InputError
from pagecache.inputs import read_trace
from pagecache.live import record_strace as module
from pagecache.live.record_strace import record_strace


@pytest.fixture
def may_trace(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    out = tmp_path / "probe"
    if subprocess.run(["strace", "-o", out, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big"
    path.write_bytes(bytes(3 << 20))
    return path


def pages_read(trace: str, path: Path) -> set[int]:
    found = read_trace(trace)
    (number,) = (k for k, name in enumerate(found.files) if name.endswith(str(path)))
    rows = found.file == number
    ranges = zip(found.index[rows].tolist(), found.count[rows].tolist(), strict=True)
    return {page for index, count in ranges for page in range(index, index + count)}


def test_what_a_program_reads_is_seen(may_trace: None, big: Path, tmp_path: Path) -> None:
    found = record_strace(["sha256sum", str(big)], tmp_path / "out", cold=[big])
    assert (found.status, found.trace) == (0, str(tmp_path / "out.strace.txt"))
    assert pages_read(found.trace, big) == set(range(768))
    assert found.accesses >= 2
    assert found.files >= 2


def test_exit_code_is_the_programs(may_trace: None, tmp_path: Path) -> None:
    assert record_strace(["sh", "-c", "exit 3"], tmp_path / "out").status == 3


def test_without_the_kernels_events_strace_is_used_and_the_reason_said(
    may_trace: None, big: Path, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "why_not_traced", lambda: "no tracefs; run as root")
    ran = run("record", "-o", tmp_path / "out", "--", "sha256sum", big)
    assert ran.code == 0
    first, second, *_ = ran.err.splitlines()
    assert first.endswith("as strace saw them; what the cache did is not in it")
    assert second == "Not recorded: the kernel's events: no tracefs; run as root"
    assert "strace does not see which are touched" in ran.err


def test_comparison_on_what_was_recorded_follows_at_once(
    may_trace: None, big: Path, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, asked = command.compare, []

    def short(trace: str) -> object:
        asked.append(trace)
        return usual(["base-4k"], trace=trace, events=["get"], rounds=1, processes=1)

    monkeypatch.setattr(command, "compare", short)
    ran = run("record", "--way", "strace", "--compare", "-o", tmp_path / "out", "--", "cat", big)
    assert (ran.code, asked) == (0, [str(tmp_path / "out.strace.txt")])
    assert any(line.startswith("base-4k ") for line in ran.out.splitlines())


def test_program_that_is_not_there_is_named(may_trace: None, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^nonesuch: it cannot be run; name a program$"):
        record_strace(["nonesuch"], tmp_path / "out")
    assert not (tmp_path / "out.strace.txt").exists()


def test_missing_strace_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=r"^strace is not installed; install it, or run as root"):
        record_strace(["true"], tmp_path / "out")


def test_reason_is_that_of_the_walk_or_of_tracefs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise InputError("bpf: not permitted; run as root")

    monkeypatch.setattr(module, "Walker", refused)
    assert module.why_not_traced() == "bpf: not permitted; run as root"


def test_trace_that_breaks_off_is_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(command: list[str]) -> int:
        Path(command[command.index("-o") + 1]).write_text("1 read(")
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "waited", interrupted)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/bin/{name}")
    with pytest.raises(KeyboardInterrupt):
        record_strace(["true"], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_trace_that_cannot_be_read_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk, where strace goes on without a word of it in its exit code."""

    def full(command: list[str]) -> int:
        line = '1 openat(AT_FDCWD, "/f", O_RDONLY) = 3</f>\n1 read(3</f>, "x", 9) = 9\n1 mmap(0x7f4'
        Path(command[command.index("-o") + 1]).write_text(line)
        return 0

    monkeypatch.setattr(module, "waited", full)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/bin/{name}")
    place = tmp_path / "out.strace.txt"
    with pytest.raises(InputError, match=rf"^{place}:3: 1 of 3 lines cannot be read as strace"):
        record_strace(["true"], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
