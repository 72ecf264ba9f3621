"""tools/stress: turns that pass, and that each fault planted in the code ends (tools/mutants)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# The turns that find each fault of the code that the models know, by what is planted.
CAUGHT = {
    "no second load": "--designs thp-multi --writers migrate --lookups get",
    "assume-1": "--designs thp-multi --references assume-1 --writers migrate --lookups get",
    "no grace period": "--designs thp-multi --writers split --lookups get",
    "put twice": "--designs base-4k,thp-multi --writers erase --lookups get",
    "sibling into a child": "--designs thp-multi --references cas --writers split --lookups hold",
    "no bump": "--designs thp-multi --references none,none-folio --writers migrate --lookups get",
    "joined": "--designs thp-multi --references cas --writers split --lookups fault-around",
}


def stress(arguments: str, seconds: float, size: str = "4M") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / "stress", "--seconds", str(seconds)]
    command += ["--size", size, *arguments.split()]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("fault", CAUGHT)
def test_turns_that_catch_a_planted_fault_pass_without_it(fault: str) -> None:
    done = stress(CAUGHT[fault], seconds=4)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d+ kinds of turns: \d+ turns, [\d,]+ gets, .* fallbacks\n", done.stdout)


def test_turns_that_do_not_go_together_are_refused() -> None:
    done = stress("--designs base-4k --writers split", seconds=1)
    assert done.returncode == 2
    assert "nothing of that goes together" in done.stderr
