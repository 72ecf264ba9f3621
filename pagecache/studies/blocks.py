"""``pagecache study blocks``: which share of a file falls back below its block, from a sweep.

*Falls back*: of a file's pages those that lie in a folio below the filesystem's block, or in none.
A line is the mean over the seeds of one combination, with the least and the most where they differ.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean
from typing import Any

from pagecache.errors import InputError
from pagecache.inputs.sizes import PAGE_SIZE, parse_size
from pagecache.report.figures.ladder import Rung, plot_ladder
from pagecache.report.figures.style import check_plot
from pagecache.results import slab_bytes
from pagecache.sweep.columns import ORDERS
from pagecache.sweep.sweeping import read_sweep

HEADS = (
    "scattered", "block", "policy", "falls back", "refused", "folios", "nodes", "index, KiB",
    "slots written",
)  # fmt: skip
TITLE = "A file read once into scattered memory: mean over the seeds, least to most"
SCATTERED = "PATTERN:K:SHARE: of what is free, one page in K stays in use, in that share of memory."
Row = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A sweep."""
    parser.add_argument("sweep", metavar="SWEEP_DIR", help="of docs/results/blocks-grid.toml, say")
    parser.add_argument("--plot", metavar="OUT.png|svg", help="draw it (needs matplotlib)")


def run(options: argparse.Namespace) -> int:
    if options.plot:
        check_plot(options.plot)
    rows, manifest = read_sweep(options.sweep)
    if not rows or any(row["size"] is None for row in rows):
        raise InputError(f"{options.sweep}: no cell there has a generated file; sweep sizes")
    for line in markdown(rows):
        sys.stdout.write(f"{line}\n")
    if options.plot:
        plot_ladder(rungs(rows), TITLE, caption(manifest.about), options.plot)
    return 0


def caption(about: dict[str, Any]) -> str:
    """What a plot says of itself: the build, and how the names below it are to be read."""
    build = f"pagecache {about['version']}, build {about['build']}"
    return f"{build}; counted, the same on every machine. {SCATTERED}"


def rungs(rows: Iterable[Row]) -> list[Rung]:
    """What is drawn of each combination, the values of its seeds."""
    return [
        Rung(
            block,
            policy,
            scattered,
            {
                "falls back, % of the file": [100 * falls_back(row) for row in group],
                "refused, % of the file": [100 * refused(row) for row in group],
                "index, KiB": [row["nodes"] * slab_bytes(576) / 1024 for row in group],
            },
        )
        for (scattered, block, policy), group in combinations(rows)
    ]


def markdown(rows: Iterable[Row]) -> Iterator[str]:
    """A table with a line for each combination, in the order of the cells."""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|{'---|' * 3}{'--:|' * (len(HEADS) - 3)}"
    for names, group in combinations(rows):
        yield line(names, group)


def combinations(rows: Iterable[Row]) -> list[tuple[tuple[str, str, str], list[Row]]]:
    """The rows of each (scattered, block, policy), in the order of the cells."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["fragment"], row["block"], row["alloc"]), []).append(row)
    return sorted(groups.items(), key=lambda item: place(item[1][0]))


def place(row: Row) -> tuple[int, int]:
    """Where a combination stands: its block, then as the grid has it."""
    return parse_size(row["block"]), row["cell"]


def line(names: Sequence[str], group: list[Row]) -> str:
    """The line of one combination: means over its seeds."""
    numbers = [
        spread([100 * falls_back(row) for row in group], "{:.1f} %"),
        spread([100 * refused(row) for row in group], "{:.1f} %"),
        *(f"{fmean(row[name] for row in group):,.1f}" for name in ("folios", "nodes")),
        f"{fmean(row['nodes'] for row in group) * slab_bytes(576) / 1024:,.1f}",
        f"{fmean(row['slots_written'] for row in group):,.1f}",
    ]
    return f"| {' | '.join([*names, *numbers])} |"


def pages_of(row: Row) -> int:
    return -(-int(row["size"]) // PAGE_SIZE)


def falls_back(row: Row) -> float:
    """The share of the file that lies in no folio of its block or above.

    Examples
    --------
    >>> none = {f"order_{order}": 0 for order in ORDERS}
    >>> falls_back({**none, "order_9": 3, "order_2": 128, "block": "2M", "size": 8 << 20})
    0.25
    """
    block = parse_size(row["block"]) // PAGE_SIZE
    whole = sum(row[f"order_{order}"] << order for order in ORDERS if 1 << order >= block)
    return 1 - float(whole) / pages_of(row)


def refused(row: Row) -> float:
    """The share of the file that could not be read."""
    return 1 - float(row["pages"]) / pages_of(row)


def spread(numbers: list[float], form: str) -> str:
    """The mean, and the least and the most where they differ.

    Examples
    --------
    >>> spread([1.0, 2.0], "{:.1f}"), spread([1.0, 1.0], "{:.1f}")
    ('1.5 (1.0 to 2.0)', '1.0')
    """
    text, least, most = (form.format(each) for each in (fmean(numbers), min(numbers), max(numbers)))
    return text if least == most else f"{text} ({least.split()[0]} to {most})"
