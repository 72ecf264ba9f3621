"""Results on a terminal, as plain text and as HTML."""

import io
import sys
from collections.abc import Callable
from html import escape
from typing import IO, NamedTuple

from rich.table import Table

from pagecache.measure.analysis import EVERY_ROUND
from pagecache.measure.events import event_of
from pagecache.printable import counted, printable
from pagecache.report.counts import counts_html, counts_of_events
from pagecache.report.mappings import COUNTED, counted_cells, counted_table, mapping_sentences
from pagecache.report.screen import Screen
from pagecache.report.sentences import sentences
from pagecache.report.table import Panel, cells, memory_line, panels_of, table_of
from pagecache.report.threads import (
    has_writers,
    lock_table,
    thread_html,
    thread_line,
    thread_sentences,
    thread_table,
)
from pagecache.report.verdicts import verdict_lines
from pagecache.results import Results


def print_results(results: Results, file: IO[str] | None = None) -> None:
    """Tables, sentences and doubts; colours on a terminal, plain ASCII everywhere else."""
    screen = Screen(sys.stdout if file is None else file)
    for panel in panels_of(results):
        print_panel(screen, panel, results)
    if not results.results:
        screen.text("Nothing was measured before the run ended.")
    above = {doubt for panel in panels_of(results) for doubt in unsound(panel, results)}
    for doubt in results.doubts:
        if doubt not in above:
            screen.text(f"Doubt: {doubt}")
    screen.text(foot(results))


def print_panel(screen: Screen, panel: Panel, results: Results) -> None:
    result = panel.rows[0].any
    if result.counts is not None or results.meta.get("counts"):
        print_counts(screen, panel)
        return
    note = (
        f"x: times {result.baseline}; =: the same within 2 %; ~: undecided; ?: spread over 10 %; "
        f"caches {result.caches}{level_of(panel)}"
    )
    screen.text(panel.title, style="bold")
    for doubt in unsound(panel, results):
        screen.text(f"Doubt: {doubt}", style="bold red")
    screen.text(note)
    kind = kind_of(panel)
    screen.table(kind.table(panel, plain=screen.plain))
    if kind.counted is not None and kind.has_counted(panel):
        screen.print()
        screen.table(kind.counted(panel, screen.plain))
    said = [*kind.sentences(panel), *verdicts_of(kind, panel, results)]
    for text in (*kind.lines(panel), *left_out(panel), *said):
        screen.text(text)
    screen.print()


def verdicts_of(kind: "Kind", panel: Panel, results: Results) -> list[str]:
    """The verdict lines, for those tables that need them beside the marks of their cells."""
    return list(verdict_lines(panel, results)) if kind.verdicts else []


def print_counts(screen: Screen, panel: Panel) -> None:
    """What the events of one input do."""
    screen.text(panel.title, style="bold")
    screen.table(counts_of_events(panel, plain=screen.plain))
    for text in (memory_line(panel) + ".", *left_out(panel)):
        screen.text(text)
    screen.print()


def unsound(panel: Panel, results: Results) -> list[str]:
    """What must be known before any number of a table is read: that no round of it was kept."""
    return [doubt for doubt in results.doubts if doubt.startswith(f"{panel.title}: {EVERY_ROUND}")]


def level_of(panel: Panel) -> str:
    """How sure the intervals are, by the least sure one."""
    results = [result for row in panel.rows for result in row.results.values() if result.level]
    if not results:
        return ""
    least = min(results, key=lambda result: result.level)
    return f"; intervals: {least.level:.1%} of {least.processes} processes"


class Kind(NamedTuple):
    """What is said beside a table of times: of bare indexes, or of mappings."""

    table: Callable[..., Table]
    counted: Callable[[Panel, bool], Table] | None
    counted_html: Callable[[Panel], str]
    lines: Callable[[Panel], list[str]]
    sentences: Callable[[Panel], list[str]]
    has_counted: Callable[[Panel], bool] = bool
    verdicts: bool = True  # whether a line an event says who is faster


def kind_of(panel: Panel) -> Kind:
    return {"mappings": MAPPINGS, "threads": THREADS}.get(panel.kind, INDEXES)


def left_out(panel: Panel) -> list[str]:
    """Why there are gaps: an event and the reason a line."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in panel.designs:
        for event, result in row.results.items():
            if result.left_out:
                found.setdefault((event, result.left_out), []).append(row.title)
    every = len(panel.designs)
    return [
        f"- {event}{'' if len(rows) == every else ' of ' + ', '.join(rows)}: left out, {reason}."
        for (event, reason), rows in found.items()
    ]


def foot(results: Results) -> str:
    """What the numbers were measured on, in a line or two."""
    meta = results.meta
    if meta.get("counts"):
        return f"{build_of(results)}; counted, not timed; seed {meta.get('seed')}."
    rounds = max((result.rounds for result in results), default=0)
    threads = f", threads to {meta['processors']}" if meta.get("processors") else ""
    return (
        f"{build_of(results)}; "
        f"{counted(meta.get('processes', 0), 'process', 'processes')} of up to "
        f"{counted(rounds, 'round')}, pinned to processor "
        f"{meta.get('cpu')}{threads}, seed {meta.get('seed')}, {meta.get('seconds')} s; "
        f"{meta.get('rule', 'no round is discarded')}."
    )


def build_of(results: Results) -> str:
    """Machine, kernel and the build that was measured."""
    meta = results.meta
    versions = meta.get("versions", {})
    return (
        f"{meta.get('machine')}, Linux {meta.get('kernel')}, pagecache {versions.get('pagecache')}"
        f"{' at ' + meta['commit'][:12] if meta.get('commit') else ''}"
    )


def to_text(results: Results) -> str:
    """The same as plain ASCII."""
    file = io.StringIO()
    print_results(results, file)
    return file.getvalue().rstrip("\n")


def to_html(results: Results) -> str:
    """Tables for a notebook."""
    return "".join(panel_html(panel, results) for panel in panels_of(results)) + "".join(
        f"<p><em>Doubt: {quoted(doubt)}</em></p>" for doubt in results.doubts
    )


def panel_html(panel: Panel, results: Results) -> str:
    if results.meta.get("counts"):
        return counts_html(panel)
    kind = kind_of(panel)
    heads = ["design", "nodes", "index", *(event_of(event).column for event in panel.events)]
    head = "".join(f"<th>{quoted(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{quoted(text)}</td>" for text in row) + "</tr>"
        for row in (cells(row, panel) for row in panel.rows)
    )
    said = [*kind.sentences(panel), *verdicts_of(kind, panel, results)]
    text = "".join(f"<p>{quoted(sentence)}</p>" for sentence in said)
    counts = kind.counted_html(panel)
    above = "".join(f"<p><b>Doubt: {quoted(doubt)}</b></p>" for doubt in unsound(panel, results))
    return (
        f"<h4>{quoted(panel.title)}</h4>{above}<table><tr>{head}</tr>{body}</table>{counts}{text}"
    )


def counted_html(panel: Panel) -> str:
    """The table of what was counted on mappings."""
    head = "".join(f"<th>{quoted(text)}</th>" for text in COUNTED)
    rows = "".join(
        "<tr>" + "".join(f"<td>{quoted(text)}</td>" for text in counted_cells(row)) + "</tr>"
        for row in panel.designs
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def quoted(text: str) -> str:
    """Text as HTML shows it, whatever a file's name holds."""
    return escape(printable(text, "utf-8"))


INDEXES = Kind(
    table_of, None, lambda panel: "", lambda panel: [memory_line(panel) + "."], sentences
)
# Of mappings it is what is cached that differs: a table tells it.
MAPPINGS = Kind(
    table_of,
    lambda panel, plain: counted_table(panel, plain=plain),
    counted_html,
    lambda panel: [],
    mapping_sentences,
)
# Of threads it is what each get and all of them together take.
THREADS = Kind(
    thread_table,
    lambda panel, plain: lock_table(panel, plain=plain),
    thread_html,
    lambda panel: [thread_line(panel)],
    thread_sentences,
    has_writers,
    verdicts=False,
)
