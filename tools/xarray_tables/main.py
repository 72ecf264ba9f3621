"""``tools/xarray-tables``: markdown on standard output or into a page, progress on stderr."""

import argparse
import multiprocessing
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import Progress

from benchmarks.arrays import SHAPES

from . import machine, memory, operations, peers, widths

BEGIN, END = "<!-- tables -->\n", "<!-- end of tables -->\n"
ENTRIES = {"512 Ki": 1 << 19, "4 Mi": 1 << 22}
WIDE = ("2 GiB", "2 GiB of order 9", "64 GiB of order 9", "64 GiB")


class Plan(NamedTuple):
    """How much is measured."""

    quick: bool
    rounds: int  # of shapes and widths
    peer_rounds: dict[str, int]
    widths: tuple[str, ...]


FULL = Plan(False, 5, {"512 Ki": 7, "4 Mi": 3}, WIDE)
QUICK = Plan(True, 3, {"512 Ki": 2}, WIDE[:3])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/xarray-tables", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under a minute")
    parser.add_argument("--into", type=Path, metavar="FILE", help="replace the tables of a page")
    options = parser.parse_args(arguments)
    page = options.into.read_text(encoding="utf-8") if options.into else BEGIN + END
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        parser.error(f"--into {options.into}: it has no lines {BEGIN.strip()} and {END.strip()}")
    plan = QUICK if options.quick else FULL
    heading = machine.heading(plan.quick, plan.rounds)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        parts = measure(plan, Steps(progress, plan))
    text = "\n".join([heading, *parts])
    if options.into:
        options.into.write_text(replaced(page, text), encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def replaced(page: str, text: str) -> str:
    """The page with other tables between its two marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}"


class Steps:
    """A bar that moves by one for each thing measured."""

    def __init__(self, progress: Progress, plan: Plan) -> None:
        self.progress = progress
        names, _ = peers.installed()
        asked = (sum(plan.peer_rounds.values()) + len(plan.peer_rounds)) * len(names)
        total = len(SHAPES) + asked + len(memory.SHAPES) + len(plan.widths)
        self.task = progress.add_task("the XArray", total=total)

    def done(self) -> None:
        self.progress.advance(self.task)

    def alone(self, function: Callable[..., Any], *arguments: object) -> Any:
        """What a function gives in a process of its own."""
        self.progress.update(self.task, description=" ".join(map(str, arguments[:1])))
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            answer = pool.apply(function, arguments)
        self.done()
        return answer


def measure(plan: Plan, steps: Steps) -> list[str]:
    """The four tables, each under its heading."""
    by_shape = {
        shape: steps.alone(operations.measure_shape, shape, plan.rounds, plan.quick)
        for shape in SHAPES
    }
    beside = [
        text
        for size, rounds in plan.peer_rounds.items()
        for text in peer_table(size, rounds, steps)
    ]
    taken = {name: steps.alone(memory.measure, name) for name in memory.SHAPES}
    by_width = {shape: steps.alone(widths.measure, shape, plan.rounds) for shape in plan.widths}
    return [
        "### Operations, by shape and size\n",
        operations.text(by_shape),
        *beside,
        "### Memory\n",
        memory.text(taken),
        "### Node width\n",
        widths.text(by_width),
    ]


def peer_table(size: str, rounds: int, steps: Steps) -> list[str]:
    names, reasons = peers.installed()
    entries = ENTRIES[size]
    found = peers.measure(names, entries, rounds, steps.done)
    bytes_ = {name: steps.alone(peers.bytes_per_entry, name, entries) for name in names}
    gaps = [f"{'; '.join(reasons)}.\n"] if reasons else []
    title = f"### From Python, {size} entries ({rounds} rounds)\n"
    return [title, peers.text(found, names, bytes_), *gaps]
