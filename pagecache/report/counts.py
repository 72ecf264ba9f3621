"""What each event does, counted: a row for each event and design."""

from collections.abc import Iterator
from html import escape

from rich import box
from rich.table import Table

from pagecache.printable import printable
from pagecache.report.numbers import NO_VALUE
from pagecache.report.table import ASCII, Panel, label
from pagecache.results import Result

# A field of `Result.counts`, and the head of its column.
FIELDS = {
    "slot_reads": "slots\nread",
    "slot_writes": "slots\nwritten",
    "node_lines": "lines of\nnodes",
    "page_lines": "lines of\nstruct pages",
    "taken": "references\ntaken",
    "put": "references\nput",
    "instructions": "instruc-\ntions",
}


def counts_of_events(panel: Panel, *, plain: bool) -> Table:
    """The table of one input, for `rich` to print."""
    table = Table(
        box=ASCII if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_edge=False,
        header_style="" if plain else "bold",
    )
    table.add_column("event\n", no_wrap=True)
    table.add_column("design\n", no_wrap=True)
    for head in FIELDS.values():
        table.add_column(head, justify="right", no_wrap=True)
    for cells in rows_of(panel):
        table.add_row(*(printable(cell, "ascii" if plain else "utf-8") for cell in cells))
    return table


def counts_html(panel: Panel) -> str:
    """The same for a notebook."""
    named = (head.replace("-\n", "").replace("\n", " ") for head in FIELDS.values())
    heads = ["event", "design", *named]
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        for cells in rows_of(panel)
    )
    return f"<h4>{escape(panel.title)}</h4><table><tr>{head}</tr>{body}</table>"


def rows_of(panel: Panel) -> Iterator[list[str]]:
    """Event by event, the designs that have it."""
    for event in panel.events:
        for row in panel.designs:
            result = row.results.get(event)
            if result is not None and result.counts is not None:
                yield [event, row.title, *(cell(result, name) for name in FIELDS)]


def cell(result: Result, name: str) -> str:
    """Two digits at most: what is counted one by one is a mean over a sample."""
    value = (result.counts or {}).get(name)
    if value is None:
        return NO_VALUE
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def more_than_before(old: Result, new: Result, limit: float) -> Iterator[str]:
    """What grew by more than ``1 + limit``, a sentence each: nodes, bytes, slots and each count."""
    for name, before, after in pairs_of(old, new):
        if after > before * (1 + limit):
            yield (
                f"{name.replace('_', ' ')} of {new.event} of {label(new)} on {new.input}: "
                f"{after:,.6g}, and {before:,.6g} before"
            )


def pairs_of(old: Result, new: Result) -> Iterator[tuple[str, float, float]]:
    """Each number that both counted."""
    for name in ("nodes", "index_bytes", "slots"):
        before, after = getattr(old, name), getattr(new, name)
        if before is not None and after is not None:
            yield name, before, after
    for name in FIELDS:
        if old.counts and new.counts and name in old.counts and name in new.counts:
            yield name, old.counts[name], new.counts[name]
