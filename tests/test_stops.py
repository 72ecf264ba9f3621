"""The way of a comparison from the command line to the timed loop and back to the table."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "tools" / "stops"
MOST = 11


def test_comparison_makes_few_stops() -> None:
    command = [sys.executable, str(SCRIPT), "64M", "--rounds", "1", "--events", "get"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    *stops, total = ran.stdout.splitlines()
    assert total == f"{len(stops)} stops"
    assert len(stops) <= MOST, ran.stdout
    loop = stops.index("pagecache.measure.loops")
    assert stops.index("pagecache.measure.worker") < loop < stops.index("pagecache.report.table")
