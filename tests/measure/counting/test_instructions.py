"""Instructions: taken from callgrind's output, for the loops that are timed."""

import shutil
import subprocess
import sys

import pytest

from pagecache import designs
from pagecache.measure.counting import instructions
from pagecache.measure.counting.instructions import count_instructions, per_event, symbol


def test_without_valgrind_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instructions.shutil, "which", lambda name: None)
    assert count_instructions(["thp-multi"]) is None


def test_they_are_the_difference_of_the_last_two_loops() -> None:
    lines = ["d load 10", "d load 10", "d load 20"]
    assert per_event(lines, [900, 150, 250]) == {("d", "index-load"): 10.0}


def test_part_missing_from_callgrinds_output_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="3 loops, 2 parts"):
        per_event(["d get 1"] * 3, [1, 2])


def test_loops_are_found_in_the_compiled_module() -> None:
    assert all(symbol(loop).endswith(loop) for loop in instructions.LOOPS)
    with pytest.raises(RuntimeError, match="no loop nonsense"):
        symbol("nonsense")


def test_called_module_prints_three_lines_for_each_loop() -> None:
    command = [sys.executable, "-P", "-m", instructions.MODULE, *designs.names()]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split()[:2] for line in printed.splitlines()]
    expected = [[d, loop] for d in designs.names() for loop in instructions.LOOPS]
    assert rows[::3] == rows[1::3] == rows[2::3] == expected


@pytest.mark.slow
def test_callgrind_counts_every_loop_of_a_design() -> None:
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed")
    counts = count_instructions(["thp-multi"])
    assert counts is not None
    assert set(counts) == {("thp-multi", event) for event in instructions.LOOPS.values()}
    assert 10 < counts["thp-multi", "index-load"] < counts["thp-multi", "get"] < 1000
