"""The command line in this process."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from pagecache.cli.program import run as command_line


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def command(*arguments: object) -> Ran:
        code = command_line([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return command
