"""Cells of a sweep a second, on one core and on two: ``python -m benchmarks.sweep_cores``

    python -m benchmarks.sweep_cores --seeds 40 --rounds 3

The same grid is swept by one process and by two (or --workers), into a new folder each time, which
comes first by turns.  Starting the processes and writing the table are part of it.  Prints one line
of JSON: cells a second, and the ratio round by round and its median.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from pagecache.sweep.embedded import cores
from pagecache.sweep.grid import Grid, parse_grid
from pagecache.sweep.sweeping import run_sweep

GRID = """\
sizes = ["64M"]
alloc = ["compound", "fallback"]
blocks = ["64K", "2M"]
fragment = ["none", "keep-one-of:8:80%"]
seeds = """


def rate(grid: Grid, workers: int) -> float:
    """Cells a second of a whole sweep."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        swept = run_sweep(grid, Path(folder) / "out", workers=workers)
        seconds = time.perf_counter() - began
    if swept.done != swept.cells:
        raise SystemExit(f"{len(swept.failed)} of {swept.cells} cells failed")
    return swept.cells / seconds


def measure(grid: Grid, workers: int, rounds: int) -> dict[str, Any]:
    """Rates of both by turns."""
    found: dict[int, list[float]] = {1: [], workers: []}
    for number in range(rounds):
        for each in sorted(found, reverse=bool(number % 2)):
            found[each].append(rate(grid, each))
    ratios = [many / one for one, many in zip(found[1], found[workers], strict=True)]
    return {
        "cells": len(grid.cells),
        "cores": cores(),
        "workers": workers,
        "cells_per_second": {str(n): [round(one, 1) for one in all_] for n, all_ in found.items()},
        "ratios": [round(ratio, 2) for ratio in ratios],
        "ratio": round(statistics.median(ratios), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40, help="cells are 8 times as many")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.workers < 2:
        parser.error(f"--workers: {options.workers} is too few; give 2 or more")
    grid = parse_grid(GRID + str(list(range(options.seeds))), "sweep_cores.py")
    print(json.dumps(measure(grid, options.workers, options.rounds)))


if __name__ == "__main__":
    main()
