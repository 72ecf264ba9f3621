"""asv's folder of results, read: a file a commit and environment, and what the benchmarks are."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from pagecache.errors import InputError

OPTION = "--asv"
FORMAT = 2  # of asv's files
SHORT = 8  # letters of a commit that tell it apart
Key = tuple[str, str, str]  # benchmark, cell, where it ran


class Commit(NamedTuple):
    """A commit, in the order of time."""

    date: int  # milliseconds since 1970
    name: str


@dataclass(frozen=True)
class Point:
    """What one commit gave: a value, and its interval where asv kept one."""

    value: float
    low: float
    high: float


@dataclass
class Series:
    """One cell of a benchmark on one machine: a point for each commit that has one."""

    benchmark: str
    cell: str
    where: str
    unit: str
    points: dict[Commit, Point] = field(default_factory=dict)


@dataclass
class History:
    """All that the folder holds of benchmarks that are still there."""

    machines: list[str]
    commits: list[Commit]
    series: list[Series]
    outdated: int  # results of benchmarks that have changed since, which are left out


def read_history(folder: str | Path) -> History:
    """Read ``.asv/results``.

    Raises
    ------
    InputError
        It is no folder of asv's, a file in it is broken, or it holds no results.
    """
    root = Path(folder)
    about = parsed(root / "benchmarks.json")
    found: dict[Key, Series] = {}
    commits: set[Commit] = set()
    outdated = 0
    machines = sorted(path.parent for path in root.glob("*/machine.json"))
    for machine in machines:
        for path in sorted(machine.glob("*.json")):
            if path.name != "machine.json":
                outdated += add_file(path, about, found, commits)
    kept = [series for series in found.values() if series.points]
    if not kept:
        raise InputError(f"{OPTION}: {folder} holds no results; run: asv run")
    return History([describe(machine) for machine in machines], sorted(commits), kept, outdated)


def add_file(
    path: Path, about: dict[str, Any], found: dict[Key, Series], commits: set[Commit]
) -> int:
    """Add what one file holds; how many results of it are of other benchmarks than today's."""
    fields = parsed(path)
    outdated = 0
    try:
        commit = Commit(int(fields["date"]), str(fields["commit_hash"])[:SHORT])
        where = f"{path.parent.name}, {fields['env_name']}"
        for name, values in fields["results"].items():
            result = dict(zip(fields["result_columns"], values, strict=False))
            benchmark = about.get(name)
            if benchmark is None or result.get("version") != benchmark["version"]:
                outdated += 1
                continue
            commits.add(commit)
            for cell, point in points_of(result):
                key = name, cell, where
                series = found.setdefault(key, Series(*key, str(benchmark["unit"])))
                series.points[commit] = point
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise broken(path, repr(error)) from None
    return outdated


def points_of(result: dict[str, Any]) -> Iterator[tuple[str, Point]]:
    """The cells of a benchmark that gave a number."""
    values = result["result"] or []
    cells = product(*(result.get("params") or []))
    ends = [result.get(f"stats_ci_99_{end}") or [None] * len(values) for end in "ab"]
    for cell, value, *interval in zip(cells, values, *ends, strict=True):
        if number(value) is not None:
            low, high = (value if number(end) is None else end for end in interval)
            yield ", ".join(map(plain, cell)), Point(float(value), float(low), float(high))


def number(value: Any) -> float | None:
    """None for what failed (null), was skipped (NaN), or has no end."""
    told = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if told else None


def plain(text: str) -> str:
    """A parameter as people write it: asv keeps what `repr` gives.

    Examples
    --------
    >>> plain("'order 0'"), plain("2"), plain("<object>")
    ('order 0', '2', '<object>')
    """
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text


def describe(machine: Path) -> str:
    """A machine in a line."""
    fields = parsed(machine / "machine.json")
    said = [str(fields.get(name) or "unknown") for name in ("cpu", "num_cpu", "os")]
    return f"{machine.name}: {said[0]}, {said[1]} processors, {said[2]}"


def parsed(path: Path) -> dict[str, Any]:
    """A file of asv's; InputError names what is wrong with it."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{OPTION}: {path}: cannot be read ({error.strerror}); give asv's folder of results, "
            ".asv/results"
        ) from None
    except (ValueError, RecursionError):
        raise broken(path, "no JSON") from None
    version = fields.get("version") if isinstance(fields, dict) else None
    machine = path.name == "machine.json"
    if version != (1 if machine else FORMAT):
        raise broken(path, f"its version is {version}, not {1 if machine else FORMAT}")
    return dict(fields)


def broken(path: Path, why: str) -> InputError:
    return InputError(f"{OPTION}: {path}: no file of asv's ({why}); run: asv update, or remove it")
