"""What stands on the page: the answer first, then plots and tables, then how it was measured."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from pagecache.errors import InputError
from pagecache.report.figures.inputs import draw_panel
from pagecache.report.figures.style import styled
from pagecache.report.figures.svg import escaped, share_styles, to_svg
from pagecache.report.page.tables import Table, tables_of
from pagecache.report.render import foot, kind_of, left_out
from pagecache.report.table import Panel, panels_of
from pagecache.report.verdicts import verdict_lines
from pagecache.results import Results

NAME = "index.html"


@dataclass
class Part:
    """A section of the page: one input of a run."""

    anchor: str
    title: str
    sentences: list[str]
    doubts: list[str]
    tables: list[Table]
    figure: str
    notes: list[str]


@dataclass
class Run:
    """One file of results."""

    parts: list[Part]
    foot: str
    raw: str
    doubts: list[str] = field(default_factory=list)


def write_page(runs: Sequence[tuple[str, Results]], folder: str | Path, title: str) -> Path:
    """Write ``index.html`` into a folder, which is made if needed; where it was written.

    Parameters
    ----------
    runs : sequence of (str, Results)
        Results with the names that they are called by.
    folder : str or Path
    title : str

    Raises
    ------
    InputError
        The extra `plot` is not installed, or the folder cannot be written.
    """
    told = [part_of_run(number, name, results) for number, (name, results) in enumerate(runs)]
    parts = [part for run in told for part in run.parts]
    figures, rules = share_styles([part.figure for part in parts])
    for part, figure in zip(parts, figures, strict=True):
        part.figure = figure
    return save(render("page.html.j2", title=title, runs=told, rules=rules), Path(folder))


def render(template: str, **fields: Any) -> str:
    """A page as text, from a template of this folder."""
    with styled():  # says what is missing, and how to install it
        import jinja2  # noqa: PLC0415
        from markupsafe import Markup  # noqa: PLC0415
    here = files("pagecache.report.page")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    # In text a quote needs no entity, and every name in JSON has two.
    environment.filters["text"] = lambda text: Markup(escaped(text))
    made = environment.from_string(here.joinpath(template).read_text("utf-8"))
    css, script = (here.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    return made.render(**fields, css=css, script=script) + "\n"


def save(text: str, folder: Path) -> Path:
    """Write beside the place and rename there, so that no half of a page is ever seen."""
    path = folder / NAME
    beside = folder / f".{NAME}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise InputError(f"-o: {folder} cannot be written ({error.strerror})") from None
    return path


def part_of_run(number: int, name: str, results: Results) -> Run:
    """A run: a part an input, and what holds for all of them."""
    panels = panels_of(results)
    told = {panel.title: list(doubts_of(panel, results)) for panel in panels}
    beside = {doubt for doubts in told.values() for doubt in doubts}
    with styled(inked=True):
        parts = [
            make_part(f"run{number}-{place}", name, results, panel, told[panel.title])
            for place, panel in enumerate(panels)
        ]
    rest = [doubt for doubt in results.doubts if doubt not in beside]
    return Run(parts, f"{name}: {foot(results)}", raw_text(results.to_dict()), rest)


def raw_text(fields: dict[str, Any]) -> str:
    """A run as JSON that people read: what all rows share, the names of the rest, a line a row.

    Examples
    --------
    >>> rows = [{"event": "get", "nodes": 5}, {"event": "get", "nodes": 1, "ns": {"median": 2.0,
    ...                                                           "low": 1.0, "high": 3.0}}]
    >>> print(raw_text({"meta": {"seed": 0}, "results": rows}))
    {"meta":{"seed":0},
    "all":{"event":"get"},
    "names":["nodes","ns"],
    "rows":[
    [5],
    [1,[2.0,1.0,3.0]]
    ]}
    """
    rows = [rounded(each) for each in fields["results"]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    same = {name for name in names if all(row.get(name) == rows[0].get(name) for row in rows)}
    rest = [name for name in names if name not in same]
    lines = ",\n".join(dumped(trimmed([row.get(name) for name in rest])) for row in rows)
    about = {name: rounded(value) for name, value in fields.items() if name != "results"}
    shared = dumped({name: rows[0][name] for name in names if name in same})
    head = f'{dumped(about)[:-1]},\n"all":{shared},\n"names":{dumped(rest)},\n"rows":[\n'
    return f"{head}{lines}\n]}}"


def dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def trimmed(values: list[Any]) -> list[Any]:
    """Without what is missing at the end."""
    while values and values[-1] is None:
        values.pop()
    return values


def rounded(value: Any) -> Any:
    """JSON with six digits of each number, an interval as [median, low, high], and without gaps."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        if "median" in value:
            return [rounded(value[name]) for name in ("median", "low", "high")]
        return {name: rounded(each) for name, each in value.items() if each not in (None, ())}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def make_part(anchor: str, name: str, results: Results, panel: Panel, doubts: list[str]) -> Part:
    told: dict[str, str] = {}
    figure = draw_panel(results, panel, told)
    notes = [*kind_of(panel).lines(panel), *left_out(panel)]
    title = f"{panel.title} ({name})"
    return Part(
        anchor,
        title,
        [*kind_of(panel).sentences(panel), *verdict_lines(panel, results)],
        doubts,
        tables_of(panel),
        to_svg(figure, told),
        notes,
    )


def doubts_of(panel: Panel, results: Results) -> Iterator[str]:
    """The doubts that begin with the input's name."""
    return (doubt for doubt in results.doubts if doubt.startswith(f"{panel.title}: "))
