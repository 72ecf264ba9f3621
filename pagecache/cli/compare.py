"""``pagecache compare``: designs side by side, on the usual inputs or those given."""

import argparse
import shlex
import sys
import time
from dataclasses import dataclass
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pagecache.allocation.registry import POLICIES
from pagecache.cli.output import HELP, check_out, gate, percent, put, table_file
from pagecache.comparing import CACHES, POOLS, compare
from pagecache.designs import ENTRIES, HOLES, find
from pagecache.errors import InputError
from pagecache.inputs import PATTERNS
from pagecache.measure.events import COPIES, EVENTS, MAPPING_EVENTS
from pagecache.measure.threads.patterns import PATTERNS as THREAD_PATTERNS
from pagecache.measure.threads.writers import RATES as WRITERS
from pagecache.page.protocols import PROTOCOLS
from pagecache.printable import printable
from pagecache.report.evidence.folder import check_folder, write_evidence
from pagecache.report.evidence.recorder import Recorder
from pagecache.report.figures.inputs import plot_inputs
from pagecache.report.figures.style import check_plot
from pagecache.report.gate import check_gate, slower_than_baseline
from pagecache.report.render import print_results
from pagecache.report.screen import Screen
from pagecache.results import Results


def names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(text: str) -> list[int]:
    try:
        orders = [int(number) for number in names(text)]
    except ValueError:
        orders = []
    if not orders or not all(0 <= order <= 18 for order in orders):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a list of orders from 0 to 18; give 0,2,4,5,9"
        )
    return orders


def thread_counts(text: str) -> list[int]:
    try:
        return [int(number) for number in names(text)]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of numbers of threads; give 1,2"
        ) from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="files whose holes and cached pages to take")
    add("--size", help="a generated file: 2G, 100G, 1T")
    add(
        "--trace",
        metavar="TRACE",
        help="a recorded trace, or a bundled one by name (pagecache traces)",
    )
    add("--format", metavar="NAME[:BYTES]", help="of a trace of bare numbers: arc:512 and others")
    add("--designs", type=names, metavar="A,B", help="see: pagecache designs")
    add(
        "--events",
        type=names,
        metavar="A,B",
        help=f"of {', '.join(EVENTS)}; of mappings: {', '.join(MAPPING_EVENTS)}; of threads "
        f"too: {', '.join(event.name for event in COPIES)}",
    )
    add("--huge-page", default="2M", metavar="2M|1G", help="size of a huge page (default 2M)")
    add(
        "--pattern",
        default="uniform",
        metavar="P",
        help=f"with --size: {', '.join(PATTERNS)}; of --threads: {', '.join(THREAD_PATTERNS)}",
    )
    add("--threads", type=thread_counts, metavar="1,2", help="threads that look up at once, pinned")
    add("--cpus", metavar="0,1", help="processors for the threads (default: of one memory node)")
    add("--references", type=names, metavar="A,B", help=f"of threads: {', '.join(PROTOCOLS)}")
    add("--writer", metavar="VERB@RATE", help=f"beside them, a second: {', '.join(WRITERS)}")
    add("--orders", type=numbers, metavar="0,2,9", help="force the folios of the input")
    add("--baseline", metavar="NAME", help="the design that ratios are made to")
    add("--holes", type=names, metavar="A,B", help=f"mappings with: {', '.join(HOLES)}")
    add("--alloc", type=names, metavar="A,B", help=f"mappings with: {', '.join(POLICIES)}")
    add("--entries", type=names, metavar="A,B", help=f"mappings with: {', '.join(ENTRIES)}")
    add("--block", type=names, metavar="4K,64K", help="mappings with blocks of 4K to 2M")
    add("--hole-share", metavar="SHARE", help="of a mapping's generated file (default 50%%)")
    add("--memory", metavar="4G", help="that frames come from (default: room for the file)")
    add("--fragment", metavar="HOW", help="scatter it: keep-one-of:8:80%% is pattern, k and share")
    add("--fill", default="per-leaf", metavar="HOW", help="slot designs: per-leaf or per-slot")
    add("--caches", default="hot", metavar="STATE", help=f"{', '.join(CACHES)} (default hot)")
    add("--pool", default="fresh", metavar="STATE", help=f"nodes lie {' or '.join(POOLS)}")
    add("--rounds", type=int, metavar="N", help="rounds of each process (default: up to 5)")
    add("--processes", type=int, metavar="N", help="default: 6 to 12, as many as a minute allows")
    add("--seconds", type=float, metavar="S", help="for all processes (with --precision 600)")
    add("--precision", type=percent, metavar="2%%", help="measure until every ratio is that sure")
    add(
        "--fail-above",
        type=percent,
        metavar="3%%",
        help="end with 3 if a design is slower than the baseline by more, with all of its interval",
    )
    add("--seed", type=int, default=0, metavar="N", help="seed of all that is random")
    add("--counts", action="store_true", help="count slots, cache lines, references; time nothing")
    add("--json", metavar="OUT|-", help=HELP)
    add(
        "--plot",
        metavar="OUT.png|svg",
        help="draw each input's events or threads (needs matplotlib)",
    )
    add("--evidence", metavar="DIR", help="write a mail, its rounds and its environment there")


def run(options: argparse.Namespace) -> int:
    """Measure, print and write; 130 if Ctrl-C ended it early, 1 if a design had to be left out."""
    given = vars(options).copy()
    out, plot, folder = given.pop("json"), given.pop("plot"), given.pop("evidence")
    limit = given.pop("fail_above")
    for name in ("command", "run"):
        del given[name]
    check_out(out)
    check_gate(limit, given["processes"])
    if given["counts"] and (plot or folder or limit is not None):
        raise InputError(
            "--counts: nothing is timed, so leave out --plot, --evidence and --fail-above; hold "
            "two files of --json against each other with pagecache show OLD NEW --counts"
        )
    if plot:
        check_plot(plot)
    if folder:
        check_folder(folder)
    recorder = Recorder()
    with Bar() as bar:

        def on_record(record: dict[str, Any]) -> None:
            bar(record)
            recorder(record)

        found = compare(**given, on_record=on_record)
    try:
        print_results(found, table_file(out))
    finally:  # even if the reader of the table is gone
        put(found, out)
        if plot:
            plot_inputs(found, plot)
        if folder:
            recorder.environment["command"] = command()
            write_evidence(recorder, folder)
    if found.meta.get("interrupted"):
        return 130
    if lost(found, options.designs):
        return 1
    return 0 if limit is None else gate(slower_than_baseline(found, limit), limit, table_file(out))


def command() -> str:
    """The command line, for a shell."""
    return shlex.join(["pagecache", *sys.argv[1:]])


def lost(found: Results, asked: list[str] | None) -> bool:
    """Whether a design in a shared object was asked for and had to be left out."""
    measured = {result.design for result in found}
    return any(find(name).foreign and name not in measured for name in asked or ())


@dataclass(frozen=True)
class Rest:
    """What remains, from the processes that have ended: they all do the same."""

    took: float  # seconds of those that have ended
    ended: int
    wanted: int

    def told(self, elapsed: float) -> str:
        """What is left in words, `elapsed` seconds after the start."""
        left = self.took / self.ended * self.wanted - elapsed
        return f"about {max(left, 0):.0f} s left"


class Bar:
    """A progress bar on a terminal's stderr; nothing elsewhere."""

    def __init__(self) -> None:
        screen = Screen(sys.stderr)
        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=screen,
            transient=True,
            disable=screen.plain,
        )
        self.task = self.bar.add_task("measuring", total=None, left="")
        self.begun = time.monotonic()
        self.cases = 1
        self.rest: Rest | None = None

    def __enter__(self) -> "Bar":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
        sys.stderr.flush()

    def __call__(self, record: dict[str, Any]) -> None:
        if record["kind"] == "reading":
            self.reading(record["bytes"], record["size"])
        elif record["kind"] == "plan":
            self.cases = record["cases"]
            self.bar.reset(self.task, total=self.cases * record["processes"])
        elif record["kind"] == "process-done":
            self.bar.update(self.task, total=self.cases * record["wanted"])
            self.rest = Rest(time.monotonic() - self.begun, record["processes"], record["wanted"])
        elif record["kind"] == "round":
            place = (
                f"process {record['process'] + 1}, {record['title']}, round {record['round'] + 1}"
            )
            self.bar.update(self.task, description=printable(place))
        elif record["kind"] == "case-done":
            self.bar.advance(self.task)
        if self.rest is not None:
            self.bar.update(self.task, left=self.rest.told(time.monotonic() - self.begun))

    def reading(self, done: int, size: int) -> None:
        """How many bytes of a trace were read."""
        self.bar.update(self.task, description="reading", completed=done, total=size)
