"""The command line in this process, and things to give it."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pagecache.cli.program import run as main

HEADER = "t_us,pid,ev,dev,ino,index,count,order\n"
QUICK = ("--rounds", "1", "--processes", "1")


@dataclass
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line."""

    def command(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return command


@pytest.fixture
def refused(run: Run, tmp_path: Path) -> Callable[..., str]:
    """Run it on bad input: the one line it says, after exit code 2 and with nothing left behind."""

    def line(*arguments: object) -> str:
        before = set(tmp_path.rglob("*")), set(os.listdir(tempfile.gettempdir()))
        ran = run(*arguments)
        new = set(tmp_path.rglob("*")) - before[0]
        new |= {name for name in os.listdir(tempfile.gettempdir()) if ".pagecache." in name}
        assert (ran.code, ran.out, new - before[1]) == (2, "", set())
        assert ran.err.startswith("pagecache: ")
        assert ran.err.endswith("\n")
        assert ran.err.count("\n") == 1
        return ran.err.removeprefix("pagecache: ").rstrip("\n")

    return line


@pytest.fixture
def trace(tmp_path: Path) -> Callable[..., Path]:
    """Write a trace of these lines after the header."""

    def write(*lines: str, header: str = HEADER, end: str = "\n") -> Path:
        path = tmp_path / "some.csv"
        path.write_text(header + "\n".join(lines) + end)
        return path

    return write


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    yield path
    path.unlink()
