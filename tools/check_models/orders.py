"""The memory orders under Relacy: right as orders.toml names them, wrong where one is weaker."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from .catalogue import MODELS, Protocol, Step
from .search import environment

HEADER = Path("/usr/include/relacy/relacy.hpp")
SOURCE = MODELS / "relacy" / "main.cpp"
SHARED = ("lookup", "update")  # tables whose steps every test has


class Explored(NamedTuple):
    """What Relacy found in one test."""

    passed: bool
    executions: int
    why: str


def lacking() -> str:
    """Why no order can be explored here; nothing if it can."""
    if not shutil.which("g++"):
        return "not installed: g++ (Debian: apt install g++)"
    return "" if HEADER.exists() else "not installed: Relacy (Debian: apt install relacy-dev)"


def compiled(here: Path) -> Path:
    """The program that explores, built in a directory."""
    program = here / "explore"
    command = ["g++", "-std=c++14", "-w", "-O0", "-o", str(program), str(SOURCE)]
    subprocess.run(command, check=True, env=environment())
    return program


def explore(program: Path, test: str, orders: dict[str, str]) -> Explored:
    """Run a test (``count protocol=cas``) under these orders.

    Raises
    ------
    RuntimeError
        Where the program refuses its arguments or crashes.
    """
    command = [str(program), *test.split(), *(f"{step}={name}" for step, name in orders.items())]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"{test}: {(ran.stderr or ran.stdout).strip()[-2000:]}")
    last = ran.stdout.strip().splitlines()[-1]
    found = re.fullmatch(r"passed, (\d+) executions|failed in execution (\d+): (.+)", last)
    if not found:
        raise RuntimeError(f"{test}: it ends with {last!r}")
    return Explored(ran.returncode == 0, int(found[1] or found[2]), (found[3] or "").lower())


def right(protocol: Protocol, protocols: list[Protocol]) -> dict[str, str]:
    """The orders that a protocol's tests run under: its own and the shared ones.

    Tests of what all share (grace) need the steps of every table that names them.
    """
    tables = [
        other
        for other in protocols
        if other.name in SHARED or set(other.runs) & set(protocol.runs) or other is protocol
    ]
    return {step.name: step.order for table in tables for step in table.steps}


def refuted(
    program: Path, step: Step, weak: str, protocol: Protocol, protocols: list[Protocol]
) -> Explored | None:
    """What goes wrong where a step has a weaker order; nothing if no test of it fails."""
    orders = {**right(protocol, protocols), step.name: weak}
    found = [explore(program, test, orders) for test in protocol.runs]
    return next((explored for explored in found if not explored.passed), None)
