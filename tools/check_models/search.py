"""One search of a model by spin: all of its states, or the shortest way to a fault."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from .catalogue import Run
from .story import Story, told

# Depth first with partial-order reduction sees every state that matters, in little memory.
# Breadth first without it meets the shortest counterexample first.
COMMON = ["-w", "-DSAFETY", "-DMEMLIM=4096"]
EXHAUSTIVE = [*COMMON, "-O1"]
SHORTEST = [*COMMON, "-O0", "-DBFS", "-DNOREDUCE"]
DEPTH, HASH_BITS = 10_000, 22


class Searched(NamedTuple):
    """What a search came to; without a story it met no fault."""

    states: int
    depth: int
    seconds: float  # of a processor, the compilers' apart
    story: Story | None


def lacking() -> str:
    """Why nothing can be searched here; nothing if it can."""
    tools = [tool for tool in ("spin", "gcc") if not shutil.which(tool)]
    return f"not installed: {', '.join(tools)} (Debian: apt install spin gcc)" if tools else ""


def search(run: Run) -> Searched:
    """Search a run's model: a fault's for the shortest counterexample, a proof's whole.

    Raises
    ------
    RuntimeError
        Where spin or gcc refuses the model, or the search was not complete.
    """
    with tempfile.TemporaryDirectory(prefix="check-models-") as place:
        here = Path(place)
        output_of(["spin", "-a", *run.defines, str(run.source)], here)
        flags = SHORTEST if run.found else EXHAUSTIVE
        output_of(["gcc", *flags, "-o", "pan", "pan.c"], here)
        report, seconds = timed(["./pan", f"-m{DEPTH}", f"-w{HASH_BITS}"], here)
        states, depth, errors = figures(report)
        return Searched(states, depth, seconds, replayed(run, here) if errors else None)


def timed(command: list[str], here: Path) -> tuple[str, float]:
    """(what a command prints, its seconds of a processor); pan succeeds even at a fault."""
    merged = subprocess.STDOUT
    with subprocess.Popen(
        command, cwd=here, stdout=subprocess.PIPE, stderr=merged, text=True
    ) as ran:
        assert ran.stdout is not None
        report = ran.stdout.read()
        _, status, usage = os.wait4(ran.pid, 0)
        ran.returncode = os.waitstatus_to_exitcode(status)
    if ran.returncode:
        raise RuntimeError(f"{command[0]} failed: {report.strip()[-2000:]}")
    return report, usage.ru_utime + usage.ru_stime


def output_of(command: list[str], here: Path) -> str:
    """What a command prints; it must succeed."""
    ran = subprocess.run(
        command, cwd=here, env=environment(), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"{command[0]} failed: {(ran.stdout + ran.stderr).strip()[-2000:]}")
    return ran.stdout


def environment() -> dict[str, str]:
    """Without what a sanitized run preloads: neither compilers nor spin are under test."""
    return {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}


def figures(report: str) -> tuple[int, int, int]:
    """(states, depth, errors) of pan's report; one that is cut short is no proof."""
    for sign in (
        "max search depth too small",
        "-DMEMLIM bound",
        "out of memory",
        "Search not completed",
    ):
        if sign in report and "errors: 0" in report:
            raise RuntimeError(f"the search was not complete: pan says {sign!r}")
    depth = number(r"depth reached (\d+)", report)
    return number(r"(\d+) states, stored", report), depth, number(r"errors: (\d+)", report)


def number(pattern: str, report: str) -> int:
    found = re.search(pattern, report)
    if not found:
        raise RuntimeError(f"pan's report has no {pattern!r}: {report[-2000:]}")
    return int(found[1])


def replayed(run: Run, here: Path) -> Story:
    trail = here / f"{run.source.name}.trail"
    command = ["spin", "-T", "-t", "-k", str(trail), *run.defines, str(run.source)]
    return told(output_of(command, here))
