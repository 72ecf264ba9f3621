"""``pagecache sweep``: a grid of counted studies, on all cores or on a Dask cluster."""

import argparse
import sys
from collections import Counter

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pagecache.errors import InputError
from pagecache.inputs import format_size
from pagecache.printable import printable
from pagecache.report.screen import Screen
from pagecache.sweep.directory import Question
from pagecache.sweep.embedded import cores
from pagecache.sweep.grid import Grid, read_grid
from pagecache.sweep.plan import plan
from pagecache.sweep.sampling import parse_rate
from pagecache.sweep.sweeping import Swept, run_sweep

MOST_ERRORS = 3
TIMED = "Timed one cell at a time on this machine; times are in the manifest, not in the table."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A grid, and where its table goes."""
    add = parser.add_argument
    add("grid", metavar="GRID.toml", help="designs, sizes or traces, alloc, holes, blocks, ...")
    add("-o", dest="out", metavar="DIR", help="where the table goes; a sweep there goes on")
    add("--dry-run", action="store_true", help="list the cells, and the time and memory they need")
    add("--workers", type=int, metavar="N", help="processes (default: one a processor)")
    add("--scheduler", metavar="ADDRESS", help="run cells on this Dask cluster: tcp://HOST:PORT")
    add("--retry-failed", action="store_true", help="run cells again that failed")
    add("--sample", default="100%", metavar="RATE", help="follow so many of a trace's blocks: 1%%")
    add("--timings", action="store_true", help="time the filling of files, one cell at a time")


def run(options: argparse.Namespace) -> int:
    """Run the cells that are left; 1 if some failed, 130 if Ctrl-C ended it early."""
    grid, sample = read_grid(options.grid), parse_rate(options.sample)
    if options.dry_run:
        return dry_run(grid, sample, options.workers)
    if options.out is None:
        raise InputError("-o: it is missing; name a folder for the table, or give --dry-run")
    with Bar() as bar:
        swept = run_sweep(
            grid,
            options.out,
            workers=options.workers,
            scheduler=options.scheduler,
            retry_failed=options.retry_failed,
            sample=sample,
            timings=options.timings,
            on_progress=bar.show,
        )
    for line in summary(swept, options.out):
        sys.stdout.write(f"{printable(line)}\n")
    if options.timings:
        sys.stdout.write(f"{TIMED}\n")
    return 130 if swept.interrupted else int(bool(swept.failed))


def summary(swept: Swept, out: str) -> list[str]:
    """How far it came, and what to do next."""
    lines = [f"{out}: {swept.done:,} of {swept.cells:,} cells done"]
    if swept.left_out:
        lines[0] += f"; {swept.left_out:,} combinations do not fit (--dry-run lists them)"
    failed = sorted(swept.failed.items())
    lines += [f"Failed: cell {cell}: {error}" for cell, error in failed[:MOST_ERRORS]]
    if failed:
        lines.append(f"{len(failed):,} cells failed; --retry-failed runs them again.")
    if swept.interrupted:
        lines.append("Ctrl-C ended it; the same command goes on from there.")
    return lines


def dry_run(grid: Grid, sample: float, workers: int | None) -> int:
    """List cells, what is left out, and what a sweep would take."""
    for cell in grid.cells:
        sys.stdout.write(f"{cell.number:6} {printable(str(cell))}\n")
    for line in left_out(grid):
        sys.stdout.write(f"left out: {printable(line)}\n")
    found = plan(Question.of(grid, sample), cores() if workers is None else workers)
    sys.stdout.write(
        f"{len(grid.cells):,} cells, {len(grid.left_out):,} left out; about "
        f"{seconds(found.seconds)} and {format_size(found.bytes)} of memory with "
        f"{found.workers} processes\n"
    )
    return 0


def left_out(grid: Grid) -> list[str]:
    """A line for each reason."""
    reasons = Counter(why for _, why in grid.left_out)
    return [f"{count:,}: {why}" for why, count in reasons.items()]


def seconds(count: float) -> str:
    """A time as people say it.

    Examples
    --------
    >>> seconds(0.4), seconds(200), seconds(10000)
    ('1 s', '3 min', '2.8 h')
    """
    if count < 120:
        return f"{max(count, 1):.0f} s"
    return f"{count / 60:.0f} min" if count < 7200 else f"{count / 3600:.1f} h"


class Bar:
    """Cells, and bytes of traces, on a terminal's stderr; nothing elsewhere."""

    def __init__(self) -> None:
        screen = Screen(sys.stderr)
        self.bar = Progress(
            TextColumn("cells"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=screen,
            transient=True,
            disable=screen.plain,
        )
        self.task = self.bar.add_task("", total=None)

    def __enter__(self) -> "Bar":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
        sys.stderr.flush()

    def show(self, swept: Swept) -> None:
        read = f"{format_size(swept.bytes)} of {format_size(swept.total_bytes)}"
        failed = f"{len(swept.failed)} failed" if swept.failed else ""
        text = " ".join([*([read] if swept.total_bytes else []), *([failed] if failed else [])])
        self.bar.update(self.task, completed=swept.done, total=swept.cells, description=text)
