"""Two results side by side: what changed from one run to the other."""

import sys
from collections.abc import Iterator
from typing import IO

from rich.table import Table

from pagecache.errors import InputError
from pagecache.printable import printable
from pagecache.report.numbers import digits, times
from pagecache.report.screen import Screen
from pagecache.report.table import ASCII, label
from pagecache.results import Result, Results

SAME = ("machine", "architecture", "kernel", "transparent_hugepages", "caches", "pool")


def print_versus(
    before: Results, after: Results, *, across_machines: bool = False, file: IO[str] | None = None
) -> None:
    """A row for each design, input and event that both have.

    Raises
    ------
    InputError
        The machines differ and that was not asked for, or nothing is in both.
    """
    if not across_machines:
        check_machines(before, after)
    pairs = list(pairs_of(before, after))
    if not pairs:
        raise InputError("the two results have no design, input and event in common")
    screen = Screen(sys.stdout if file is None else file)
    table = Table(box=ASCII, show_edge=False, pad_edge=False, padding=0)
    for head in ("design", "input", "event"):
        table.add_column(head, no_wrap=True)
    for head in ("nodes", "before ns", "after ns", "change"):
        table.add_column(head, justify="right", no_wrap=True)
    for old, new in pairs:
        table.add_row(*(printable(cell, screen.text_encoding) for cell in row(old, new)))
    screen.table(table)
    screen.text("~: the intervals overlap.")


def check_machines(before: Results, after: Results) -> None:
    for what in SAME:
        if before.meta.get(what) != after.meta.get(what):
            raise InputError(
                f"{what} differs: {before.meta.get(what)} and {after.meta.get(what)}; times do not "
                f"compare (--across-machines shows them all the same)"
            )


def pairs_of(before: Results, after: Results) -> Iterator[tuple[Result, Result]]:
    new = {key(result): result for result in after if result.is_design}
    for old in before:
        if old.is_design and key(old) in new:
            yield old, new[key(old)]


def key(result: Result) -> tuple[object, ...]:
    return (label(result), result.input, result.event, result.huge_order, result.caches)


def row(old: Result, new: Result) -> Iterator[str]:
    yield from (label(old), old.input, old.event)
    yield f"{old.nodes:,}" if old.nodes == new.nodes else f"{old.nodes:,} -> {new.nodes:,}"
    if old.ns_per_event is None or new.ns_per_event is None:
        yield from ("-", "-", "-")
        return
    a, b = old.ns_per_event, new.ns_per_event
    overlap = "~" if a.low <= b.high and b.low <= a.high else ""
    yield from (digits(a.median), digits(b.median), overlap + times(b.median / a.median) + "x")
