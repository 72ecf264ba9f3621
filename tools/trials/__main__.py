"""Real trials of the instrument: how often it cries wolf, and what it sees.

    python tools/trials run [--groups 400] [--processes 12] [--size 2G] [--load quiet|loaded]
    python tools/trials page

`run` starts worker processes and appends a line for each to docs/results/trials.csv, with commit,
kernel and machine: it can be stopped at any time and goes on where it was. In each process one
design is timed against itself: as it is (A/A), and with a delay of 1 %, 3 % and 6 % of its own time
planted in its loop. A group of `--processes` of these is a trial of one comparison; groups are
disjoint. Processes are started some at a time and measure one after the other, while the others
wait: nothing else runs. What other programs took meanwhile is noted (`others`, processors); where
it was over a fifth of a processor the machine was not quiet, and that process is started again.
`--load loaded` keeps every processor busy instead.

`page` writes docs/accuracy.md from the simulation and from what is in the file.
"""

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent))

from load import busy
from page import write_page
from trial import FIELDS, PLANTED

from pagecache.measure.machine import describe

ROOT = Path(__file__).parents[2]
TRIALS = ROOT / "docs" / "results" / "trials.csv"
WORKER = Path(__file__).with_name("trial.py")
STARTED = 16  # processes that are started together, then measure one by one
QUIET = 0.2  # processors that other programs may take meanwhile


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
    there = {
        int(row["number"])
        for row in rows_of(options.out)
        if all(row[name] == str(kind[name]) for name in ("load", "size", "machine"))
    }
    wanted, begun = options.groups * options.processes, time.perf_counter()
    left = [number for number in range(wanted) if number not in there]
    asked = len(left)
    with busy(options.load == "loaded"):
        while left:
            for number, row in trials(left[:STARTED], options.size):
                if options.load == "loaded" or row["others"] <= QUIET:
                    append(options.out, {**kind, "number": number, **row})
                    left.remove(number)
            took = (time.perf_counter() - begun) / max(asked - len(left), 1)
            done, minutes = wanted - len(left), took * len(left) / 60
            print(f"\r{done} of {wanted}, {took:.2f} s each, {minutes:.0f} min left ", end="")
    print()


def trials(seeds: Sequence[int], size: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The ratios of a process of each seed, and what others took of the machine meanwhile."""
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(seed, size)) for seed in seeds]
        for process in workers:  # all have imported what they need before the first measures
            process.stdout.readline()
        for seed, process in zip(seeds, workers, strict=True):
            before, begun, own = taken(), time.perf_counter(), spent(process.pid)
            process.stdin.write("go\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            others = taken() - before - (spent(process.pid) - own)
            process.communicate()
            yield seed, {**answer, "others": round(others / (time.perf_counter() - begun), 2)}


def taken() -> float:
    """Seconds of all processors that were not idle, since the machine began."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def spent(pid: int) -> float:
    """Seconds of processors that a process took."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def worker(seed: int, size: str) -> Iterator[Any]:
    """A process that waits for its turn, and is gone at the end."""
    command = [sys.executable, "-P", str(WORKER), str(seed), size]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def rows_of(path: Path) -> list[dict[str, str]]:
    """The whole lines of a file of trials; of one that was cut off in mid-line, not the last."""
    if not path.exists():
        return []
    with path.open(newline="") as stream:
        return [row for row in csv.DictReader(stream) if None not in row.values()]


def append(path: Path, row: dict[str, Any]) -> None:
    new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
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
