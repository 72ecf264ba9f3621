"""Results on a terminal, as plain text and as HTML."""

import io
import sys
import textwrap
from html import escape
from typing import IO

from rich.console import Console

from pagecache.report.sentences import sentences
from pagecache.report.table import Panel, cells, memory_line, panels_of, short, table_of
from pagecache.results import Results

WIDTH = 100


def print_results(results: Results, file: IO[str] | None = None) -> None:
    """Tables, sentences and doubts; colours on a terminal, plain ASCII everywhere else."""
    file = sys.stdout if file is None else file
    console = Console(file=file, width=None if file.isatty() else WIDTH, highlight=False)
    plain = not console.is_terminal
    for panel in panels_of(results):
        print_panel(console, panel, plain=plain)
    for doubt in results.doubts:
        print_text(console, f"Doubt: {doubt}", plain=plain)
    print_text(console, foot(results), plain=plain)


def print_panel(console: Console, panel: Panel, *, plain: bool) -> None:
    result = panel.rows[0].any
    note = (
        f"x: times {result.baseline}; ?: spread over 10 %; ~: cannot be told from 1; "
        f"caches {result.caches}"
    )
    console.print(panel.title, style=None if plain else "bold", markup=False)
    print_text(console, note, plain=plain)
    console.print(table_of(panel, plain=plain))
    print_text(console, memory_line(panel) + ".", plain=plain)
    for reason in left_out(panel):
        print_text(console, reason, plain=plain)
    for sentence in sentences(panel):
        print_text(console, sentence, plain=plain)
    console.print()


def print_text(console: Console, text: str, *, plain: bool) -> None:
    width = min(console.width, WIDTH)
    console.print(textwrap.fill(text, width, subsequent_indent="  "), markup=False)


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
    rounds = max((result.rounds for result in results), default=0)
    versions = meta.get("versions", {})
    return (
        f"{meta.get('machine')}, Linux {meta.get('kernel')}, pagecache {versions.get('pagecache')}"
        f"{' at ' + meta['commit'][:12] if meta.get('commit') else ''}; "
        f"{meta.get('processes')} processes of up to {rounds} rounds, pinned to processor "
        f"{meta.get('cpu')}, seed {meta.get('seed')}, {meta.get('seconds')} s."
    )


def to_text(results: Results) -> str:
    """The same as plain ASCII."""
    file = io.StringIO()
    print_results(results, file)
    return file.getvalue().rstrip("\n")


def to_html(results: Results) -> str:
    """Tables for a notebook."""
    return "".join(map(panel_html, panels_of(results))) + "".join(
        f"<p><em>Doubt: {escape(doubt)}</em></p>" for doubt in results.doubts
    )


def panel_html(panel: Panel) -> str:
    heads = ["design", "folios", "nodes", "index", *map(short, panel.events)]
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>"
        for row in (cells(row, panel.events) for row in panel.rows)
    )
    text = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences(panel))
    return f"<h4>{escape(panel.title)}</h4><table><tr>{head}</tr>{body}</table>{text}"
