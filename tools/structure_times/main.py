"""``tools/structure-times``: our structures' times beside Linux's, as markdown."""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import Progress
from xarray_tables.machine import heading
from xarray_tables.main import replaced
from xarray_tables.markdown import number, table
from xarray_tables.rounds import Samples, drawn, ratio

from .recorded import BESIDE, NAMES, OPERATIONS, Rows, read, verdict, walk_ns
from .subjects import FILLS, LARGE_FOLIOS, MAKERS, Subject, Walker

WALK = "bare walk"
PAGES = 1 << 19
Key = tuple[str, str]  # structure and operation
COLUMNS = (
    "operation, structure", "ns", "ours / our XArray", "Linux's / its XArray",
    "lowest to highest", "bare walks, ours", "Linux's", "",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/structure-times", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="default 9")
    parser.add_argument("--into", type=Path, metavar="FILE", help="replace the tables of a page")
    options = parser.parse_args(arguments)
    rows, parts = read(), [heading(quick=False, rounds=options.rounds)]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for fill in FILLS:
            found = measure(fill, options.rounds, progress)
            parts += [f"**{fill}**\n", table(COLUMNS, table_rows(found, rows, fill))]
    text = "\n".join(parts)
    if options.into:
        page = options.into.read_text(encoding="utf-8")
        options.into.write_text(replaced(page, text), encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def measure(fill: str, rounds: int, progress: Progress) -> Samples[Key]:
    """All operations of all structures, an operation's together and in drawn order each round."""
    names = [name for name in MAKERS if "order 0" in fill or name in LARGE_FOLIOS]
    subjects: dict[str, Subject | Walker] = {name: Subject(name, fill) for name in names}
    subjects[WALK] = Walker(PAGES)
    samples: Samples[Key] = {}
    task = progress.add_task(fill, total=rounds * len(OPERATIONS) * len(subjects))
    gc.disable()
    for number_, operation in enumerate(drawn(OPERATIONS, rounds)):
        for name in drawn(list(subjects), 1, seed=number_):
            if name != WALK or operation in BESIDE.values():
                spent = subjects[name].measure(operation)
                samples.setdefault((name, operation), []).append(spent)
            progress.advance(task)
    gc.enable()
    return samples


def table_rows(found: Samples[Key], rows: Rows, fill: str) -> list[list[str]]:
    return [
        one_row(found, rows, fill, operation, name)
        for operation in OPERATIONS
        for name in (*NAMES, "maple proposal")
        if (name, operation) in found
    ]


def one_row(found: Samples[Key], rows: Rows, fill: str, operation: str, name: str) -> list[str]:
    """Ours and Linux's, and how they stand to each other."""
    ns = median(found[name, operation])
    times = ratio(found[name, operation], found["XArray", operation])
    walks = ns / median(found[WALK, BESIDE[operation]])
    ours = [f"{operation}, {name}", number(ns), f"{times:.2f}"]
    if name not in NAMES:
        return [*ours, "-", "-", f"{walks:.1f}", "-", "no kernel's"]
    row = rows[NAMES[name], operation, fill]
    linux_walk = walk_ns(rows, operation, fill)
    linux_walks = row.ns / linux_walk if linux_walk else None
    return [
        *ours,
        f"{row.ratio:.2f}",
        f"{row.lowest:.2f} to {row.highest:.2f}",
        f"{walks:.1f}",
        f"{linux_walks:.1f}" if linux_walks else "-",
        verdict(row, times, walks, linux_walks),
    ]
