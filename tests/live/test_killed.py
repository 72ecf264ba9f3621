"""Commands on the running kernel, killed at random moments: the machine is as it was before."""

import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pagecache.live import detached

from .conftest import MIB, fill, hears_ctrl_c
from .test_record import instances

pytestmark = pytest.mark.slow
MAIN = [sys.executable, "-c", "import sys; from pagecache.cli import main; sys.exit(main())"]
COMMANDS = {
    "live": ["live", "--json", "{folder}/out.json", "{file}"],
    "all": ["live", "--all"],
    "experiment": ["live", "--experiment", "--size", "8M", "--rounds", "1"],
    "record": ["record", "-o", "{folder}/out", "--", "cat", "{file}"],
    "strace": ["record", "--way", "strace", "-o", "{folder}/out", "--", "cat", "{file}"],
}
MOMENTS = 3  # of each command and signal
LATEST = 2.5  # s: whatever takes longer, such as all files of a large machine, only computes then
TOOK: dict[str, float] = {}  # s that each command takes
SYS_BPF = 321
NEXT = {"programs": 11, "maps": 12, "types": 23}  # the commands of bpf(2) that list ids
PATIENCE = 10.0  # s until what cleans up behind a killed process has done so


class Id(ctypes.Structure):
    _fields_ = (("id", ctypes.c_uint32), ("next", ctypes.c_uint32), ("flags", ctypes.c_uint32))


def loaded(command: int) -> list[int]:
    """The ids of what is loaded into the kernel."""
    found, at = [], Id()
    libc = ctypes.CDLL(None, use_errno=True)
    while libc.syscall(SYS_BPF, command, ctypes.byref(at), ctypes.sizeof(at)) == 0:
        found.append(at.next)
        at = Id(at.next)
    return found


def state(folder: Path) -> dict[str, object]:
    """What of the machine a command could leave behind."""
    names = ("nr", "free", "resv", "surplus")
    held = [(detached.POOL / f"{name}_hugepages") for name in names]
    return {
        "mounts": Path("/proc/self/mountinfo").read_text(),
        "pool": [path.read_text() for path in held if path.exists()],
        "instances": sorted(instances()),
        "files": sorted(path.name for path in folder.iterdir() if path.name.startswith(".")),
        **{name: loaded(command) for name, command in NEXT.items()},
    }


def settled(folder: Path) -> dict[str, object]:
    """The same when it stays so: the kernel frees what was unloaded a little later."""
    found = state(folder)
    while True:
        time.sleep(0.3)
        before, found = found, state(folder)
        if found == before:
            return found


def becomes(before: dict[str, object], folder: Path) -> bool:
    """Whether the machine is as before, at once or a little later."""
    deadline = time.monotonic() + PATIENCE
    while state(folder) != before and time.monotonic() < deadline:
        time.sleep(0.02)
    return state(folder) == before


def start(arguments: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*MAIN, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=hears_ctrl_c,  # noqa: PLW1509 - the tests run in one thread
    )


@pytest.fixture
def asked(may_walk: None, tmp_path: Path) -> Callable[[str], list[str]]:
    """The arguments of a command, for a file in a folder of its own."""
    fill(tmp_path / "file", 4 * MIB)

    def of(name: str) -> list[str]:
        places = {"folder": tmp_path, "file": tmp_path / "file"}
        return [argument.format(**places) for argument in COMMANDS[name]]

    return of


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
@pytest.mark.parametrize("name", COMMANDS)
def test_command_that_is_killed_at_any_moment_leaves_nothing(
    asked: Callable[[str], list[str]], tmp_path: Path, name: str, number: int
) -> None:
    if name == "strace" and shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    chance, before = random.Random(f"{name} {number}"), settled(tmp_path)
    if name not in TOOK:
        begun = time.monotonic()
        assert start(asked(name)).wait() == 0
        TOOK[name] = time.monotonic() - begun
    took = min(TOOK[name], LATEST)
    assert becomes(before, tmp_path)
    for _ in range(MOMENTS):
        moment = chance.uniform(0.2, 1.0) * took  # before that Python itself starts
        child = start(asked(name))
        time.sleep(moment)
        os.kill(child.pid, number)
        child.wait()
        assert becomes(before, tmp_path), f"killed after {moment:.3f} s of {took:.3f} s"


def test_what_is_loaded_is_seen(may_walk: None, walker: object, tmp_path: Path) -> None:
    """A walker holds programs and maps: were none seen, the tests above could not fail."""
    found = state(tmp_path)
    assert found["programs"]
    assert found["maps"]
