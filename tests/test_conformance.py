"""Recorded XArray behaviour, replayed; and the replayer itself, on records that were altered."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pagecache.conformance import replay_record
from pagecache.errors import InputError

VECTORS = Path(__file__).parent / "data" / "vectors"
RECORDS = sorted(VECTORS.glob("*.jsonl.gz"))
MULTI = VECTORS / "multi-1.jsonl.gz"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def late_line(lines: list[dict[str, Any]], **wanted: object) -> int:
    """The number, from 1, of a line in the second half that has all these fields."""
    half = len(lines) // 2
    return next(n for n, line in enumerate(lines, 1) if n > half and wanted.items() <= line.items())


def test_records_of_small_sparse_and_large_entries_are_shipped() -> None:
    names = {path.name.split("-")[0] for path in RECORDS}
    assert {"dense", "sparse", "multi"} <= names


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name.split(".")[0])
def test_record_replays_to_its_end_without_a_difference(path: Path) -> None:
    replay = replay_record(path)
    assert replay.difference is None, str(replay.difference)
    lines = lines_of(path)
    assert replay.lines == len(lines)
    assert replay.trees == sum("tree" in line for line in lines) > 0


@pytest.mark.parametrize(
    ("wanted", "altered"),
    [
        ({"op": "load", "r": "-"}, {"r": "v1"}),
        ({"op": "load", "order": 0}, {"order": 1}),
        ({"op": "store", "r": "-"}, {"r": "n"}),
        ({"op": "insert", "r": 0}, {"r": -16}),
        ({"op": "set_mark", "r": 1}, {"r": 0}),
        ({"op": "find", "filter": 3}, {"at": 1}),
        ({"op": "for_each", "filter": 3}, {"r": [[1, "v1"]]}),
    ],
    ids=lambda change: " ".join(f"{key}={value}" for key, value in change.items()),
)
def test_one_altered_result_is_reported_at_its_line(
    tmp_path: Path, wanted: dict[str, object], altered: dict[str, object]
) -> None:
    lines = lines_of(MULTI)
    number = late_line(lines, **wanted)
    lines[number - 1] |= altered
    path = written(tmp_path / "altered.jsonl", lines)
    replay = replay_record(path)
    assert replay.difference is not None
    assert replay.difference.line == replay.lines == number
    assert str(replay.difference).startswith(f"{path}:{number}: ")


@pytest.mark.parametrize("part", ["nodes", "tree"])
def test_one_altered_tree_is_reported_at_its_line(tmp_path: Path, part: str) -> None:
    lines = lines_of(MULTI)
    number = next(n for n, line in enumerate(lines, 1) if n > 1000 and line.get("nodes", 0) > 2)
    tree = lines[number - 1]
    if part == "nodes":
        tree["nodes"] += 1
    else:
        tree["tree"] = tree["tree"].replace(" c", " c1", 1)
    difference = replay_record(written(tmp_path / "altered.jsonl", lines)).difference
    assert difference is not None
    assert difference.line == number
    assert difference.tree in str(difference)


def test_only_the_first_of_two_differences_is_reported(tmp_path: Path) -> None:
    lines = lines_of(MULTI)
    loads = [n for n, line in enumerate(lines, 1) if line.get("op") == "load"]
    for number in loads[10:12]:
        lines[number - 1]["r"] = "v12345"
    difference = replay_record(written(tmp_path / "altered.jsonl", lines)).difference
    assert difference is not None
    assert difference.line == loads[10]


def test_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "cut.jsonl", lines_of(MULTI)[:20])
    path.write_text(path.read_text() + '{"op":"load"')
    with pytest.raises(InputError, match=r"cut\.jsonl:21: "):
        replay_record(path)


def test_operation_that_is_unknown_is_named_with_its_line(tmp_path: Path) -> None:
    lines = [*lines_of(MULTI)[:20], {"op": "teleport", "i": 1}]
    path = written(tmp_path / "new.jsonl", lines)
    with pytest.raises(InputError, match=r"new\.jsonl:21: unknown operation 'teleport'"):
        replay_record(path)
