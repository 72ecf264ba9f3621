"""A folder as asv writes it, small: five commits, of which the third makes get slower."""

import json
from pathlib import Path
from typing import Any

DAY = 86_400_000
COMMITS = {letter * 40: number * DAY for number, letter in enumerate("92345", 1)}
COLUMNS = [
    "result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b",
]  # fmt: skip
NAN, INFINITY = float("nan"), float("inf")


def benchmark(unit: str, version: str) -> dict[str, Any]:
    return {"unit": unit, "version": version, "param_names": [], "params": [], "type": "time"}


BENCHMARKS = {
    "get.Lookup.time_get": benchmark("seconds", "v1"),
    "memory.Memory.track_nodes": benchmark("nodes", "v2"),
    "holes.Read.track_failed": benchmark("failures", "v3"),
    "memory.Memory.track_bytes": benchmark("bytes", "of today"),
    "version": 2,
}
DESIGNS = [["'base-4k'", "'<script>alert(1)</script>'"]]


def results(number: int) -> dict[str, list[Any]]:
    """Times of two designs, of which one steps by 1.5; a count that steps by one node in 50."""
    slow = 1.5 if number >= 3 else 1.0
    get = [40e-9 * slow, (1 + number / 100) * 30e-9]
    ends = [[value * by for value in get] for by in (0.99, 1.01)]
    if number == 5:
        ends = [[-INFINITY, ends[0][1]], [INFINITY, ends[1][1]]]  # of one sample
    return {
        "get.Lookup.time_get": [get, DESIGNS, "v1", number, 1.0, *ends],
        "memory.Memory.track_nodes": [[50 + (number >= 4)], [], "v2", number, 1.0],
        "holes.Read.track_failed": [[0 if number < 5 else 7], [], "v3", number, 1.0],
        "gone.Since.time_it": [[1.0], [], "v4", number, 1.0],
        "memory.Memory.track_bytes": [[576], [], "of then", number, 1.0],
    }


def write_asv(root: Path, machine: str = "vm", **change: Any) -> Path:
    """The folder; `change` replaces fields of every file of results."""
    (root / machine).mkdir(parents=True)
    (root / "benchmarks.json").write_text(json.dumps(BENCHMARKS))
    about = {"machine": machine, "cpu": "Test CPU", "num_cpu": "2", "os": "Linux 6.18"}
    (root / machine / "machine.json").write_text(json.dumps({**about, "version": 1}))
    for number, (commit, date) in enumerate(COMMITS.items(), 1):
        fields = {
            "commit_hash": commit,
            "date": date,
            "env_name": "virtualenv-py3.11",
            "result_columns": COLUMNS,
            "results": results(number),
            "version": 2,
        }
        path = root / machine / f"{commit[:8]}-virtualenv-py3.11.json"
        path.write_text(json.dumps(fields | change))
    return root
