"""The page of a sweep: one table, and pivots of it that are chosen on the page."""

import json
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from pagecache.report.page.writer import save
from pagecache.sweep.columns import CHOICES, COUNTS
from pagecache.sweep.manifest import NAME
from pagecache.sweep.sweeping import read_sweep

DIGITS = 6


def is_sweep(path: str | Path) -> bool:
    """Whether a folder holds a sweep."""
    return (Path(path) / NAME).is_file()


def write_pivots(sweep: str | Path, folder: str | Path, title: str) -> Path:
    """Write ``index.html`` with the pivots of a sweep into a folder; where it was written.

    Raises
    ------
    InputError
        There is no sweep, or the folder cannot be written.
    """
    rows, manifest = read_sweep(sweep)
    failed = len(manifest.failed().keys() - {row["cell"] for row in rows})
    about = f"{len(rows):,} cells"
    if failed:
        about += f"; {failed:,} failed and are not among them"
    about += f". Counted by pagecache {manifest.about['version']}, build {manifest.about['build']}."
    here = files("pagecache.report.page")
    page, css, script = (
        here.joinpath(name).read_text("utf-8") for name in ("pivot.html", "page.css", "pivot.js")
    )
    table = json.dumps(data_of(rows), separators=(",", ":")).replace("</", "<\\/")
    text = Template(page).substitute(
        title=escape(title), about=escape(about), css=css, script=script, table=table
    )
    return save(text, Path(folder))


def data_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns that say something, as the page's script takes them.

    Examples
    --------
    >>> found = data_of([{"cell": 0, "alloc": "pages", "seed": 0, "nodes": 5},
    ...                  {"cell": 1, "alloc": "fallback", "seed": 0, "nodes": 1}])
    >>> found["choices"], found["values"], found["columns"]["nodes"]
    (['alloc'], ['nodes'], [5, 1])
    """
    columns = {name: [row.get(name) for row in rows] for name in (*CHOICES, *COUNTS)}
    differing = [name for name in CHOICES if name != "cell" and len(set(columns[name])) > 1]
    choices = differing or ["design"]
    values = [name for name in COUNTS if any(columns[name])] or ["nodes"]
    first = [name for name in choices if name != "seed"] or choices
    return {
        "length": len(rows),
        "choices": choices,
        "values": values,
        "first": {
            "rows": first[0],
            "columns": first[min(1, len(first) - 1)],
            "value": "nodes" if "nodes" in values else values[0],
        },
        "columns": {name: list(map(short, columns[name])) for name in (*choices, *values)},
    }


def short(value: Any) -> Any:
    """A number in six digits: the table has all of them."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
