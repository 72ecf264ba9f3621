"""Real trials of the instrument: how often it cries wolf, and what it sees.

    python tools/trials run [--groups 400] [--processes 12] [--size 2G] [--load quiet|loaded]
    python tools/trials page

`run` starts worker processes one after the other and appends a line for each to
docs/results/trials.csv, with commit, kernel and machine: it can be stopped at any time and goes on
where it was. In each process one design is timed against itself: as it is (A/A), and with a delay
of 1 %, 3 % and 6 % of its own time planted in its loop. A group of `--processes` of these is a
trial of one comparison; groups are disjoint. --load only says what else the machine did.

`page` writes docs/accuracy.md from the simulation and from what is in the file.
"""

import argparse
import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from page import write_page
from trial import FIELDS, PLANTED

from pagecache.measure.machine import describe

ROOT = Path(__file__).parents[2]
TRIALS = ROOT / "docs" / "results" / "trials.csv"
WORKER = Path(__file__).with_name("trial.py")


def run(options: argparse.Namespace) -> None:
    """Append processes until there are enough; those there are of the same kind count."""
    told = describe()
    kind = {
        "load": options.load,
        "size": options.size,
        "machine": told["machine"],
        "kernel": told["kernel"],
        "commit": told["commit"],
    }
    there = sum(
        all(row[name] == str(kind[name]) for name in ("load", "size", "machine"))
        for row in rows_of(options.out)
    )
    wanted, begun = options.groups * options.processes, time.perf_counter()
    for number in range(there, wanted):
        append(options.out, {**kind, "number": number, **trial(number, options.size)})
        took = (time.perf_counter() - begun) / (number - there + 1)
        left = took * (wanted - number - 1) / 60
        print(f"\r{number + 1} of {wanted}, {took:.2f} s each, {left:.0f} min left ", end="")
    print()


def trial(seed: int, size: str) -> dict[str, Any]:
    """One worker process: its ratios."""
    command = [sys.executable, "-P", str(WORKER), str(seed), size]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def rows_of(path: Path) -> list[dict[str, str]]:
    """The whole lines of a file of trials; of one that was cut off in mid-line, not the last."""
    if not path.exists():
        return []
    with path.open(newline="") as stream:
        return [row for row in csv.DictReader(stream) if None not in row.values()]


def append(path: Path, row: dict[str, Any]) -> None:
    new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        if new:
            writer.writeheader()
        writer.writerow(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=TRIALS)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help=f"append processes; planted: {PLANTED}")
    running.add_argument("--groups", type=int, default=400)
    running.add_argument("--processes", type=int, default=12)
    running.add_argument("--size", default="2G")
    running.add_argument("--load", choices=("quiet", "loaded"), default="quiet")
    commands.add_parser("page", help="write docs/accuracy.md")
    options = parser.parse_args()
    if options.command == "run":
        run(options)
    else:
        write_page(ROOT / "docs" / "accuracy.md", rows_of(options.out))


if __name__ == "__main__":
    main()
