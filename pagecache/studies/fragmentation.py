"""``pagecache study fragmentation``: what it costs to cache a file in memory that is scattered."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagecache.measure.crossed_plan import Crossing, crossed_cases
from pagecache.measure.events import FILL
from pagecache.measure.plan import Options
from pagecache.measure.runner import measure
from pagecache.report.figures.ladder import plot_ladder
from pagecache.report.figures.style import check_plot
from pagecache.report.numbers import digits
from pagecache.report.render import foot
from pagecache.results import Interval, Result, Results
from pagecache.studies.columns import aligned

POLICIES = ("pages", "fallback", "min-order")
RUNGS = (0, 50, 75, 90, 97, 100)  # percent of memory in which one page of 8 is in use
KEPT = 8
BLOCK = "16K"
LARGE = 9  # the order of a folio of 2 MiB


@dataclass(frozen=True)
class Rung:
    """A policy in memory that is scattered by so much."""

    policy: str
    percent: int
    result: Result

    @property
    def times(self) -> Interval | None:
        """Nanoseconds to fill a GiB."""
        return self.result.ns_per_gib

    @property
    def large(self) -> float:
        """The share of the cached pages that lie in folios of 2 MiB or more."""
        folios = (self.result.counted or {}).get("folios_by_order", {})
        pages = {int(order): count << int(order) for order, count in folios.items()}
        large: int = sum(pages[order] for order in pages if order >= LARGE)
        total: int = sum(pages.values())
        return large / max(total, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--size", default="256M", help="of the file (default 256M)")
    add("--processes", type=int, metavar="N", help="default: 6 to 12, as many as a minute allows")
    add("--rounds", type=int, metavar="N", help="rounds of each process (default: up to 5)")
    add("--seed", type=int, default=0, metavar="N")
    add("--plot", metavar="OUT.png|svg", help="draw it (needs matplotlib)")


def run(options: argparse.Namespace) -> int:
    if options.plot:
        check_plot(options.plot)
    results = climb(options)
    found = list(rungs(results))
    sys.stdout.write(f"{aligned([*rows(found)])}\n\n{foot(results)}\n")
    if options.plot:
        points = [(each.policy, each.percent, each.times, each.large) for each in found]
        plot_ladder(points, title(options.size), foot(results), options.plot)
    return 130 if results.meta["interrupted"] else 0


def title(size: str) -> str:
    return f"{size} filled where one page of {KEPT} is in use, blocks of {BLOCK}"


def climb(options: argparse.Namespace) -> Results:
    """Measure every rung in one run: its processes, its seed, its machine."""
    asked = Options(events=(FILL.name,), rounds=options.rounds, seed=options.seed)
    cases = [
        case
        for percent in RUNGS
        for case in crossed_cases(
            Crossing(alloc=POLICIES, block=(BLOCK,), hole_share=0.0, fragment=scattered(percent)),
            asked,
            size=options.size,
        )
    ]
    return measure(
        cases,
        processes=options.processes,
        seed=options.seed,
        all_rounds=options.rounds is not None,
    )


def scattered(percent: int) -> str:
    return f"keep-one-of:{KEPT}:{percent}%"


def rungs(results: Results) -> Iterator[Rung]:
    """The designs' own rows, rung by rung."""
    for percent in RUNGS:
        for result in results:
            if result.is_design and result.input.endswith(f", {scattered(percent)}"):
                yield Rung((result.choices or {})["alloc"], percent, result)


def rows(found: Sequence[Rung]) -> Iterator[tuple[str, ...]]:
    """A row for each policy and rung."""
    yield "policy", "scattered", "fill, ms/GiB", "interval", "in 2 MiB folios", "nodes"
    for each in found:
        times = each.times
        told = ("-", "-")
        if times is not None:
            shown = times.scaled(1e-6)
            told = digits(shown.median), f"{digits(shown.low)} to {digits(shown.high)}"
        yield (
            each.policy,
            f"{each.percent} %",
            *told,
            f"{each.large:.0%}",
            f"{each.result.nodes:,}",
        )
