"""Recorded behaviour of the other structures, replayed; and records that were altered."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pagecache.conformance import replay_record
from pagecache.errors import InputError

VECTORS = Path(__file__).parent / "data" / "vectors-structures"
RECORDS = sorted(VECTORS.glob("*.jsonl.gz"))
SMALL = VECTORS / "radix-small-1.jsonl.gz"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def written(path: Path, lines: list[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name.split(".")[0])
def test_record_replays_to_its_end_without_a_difference(path: Path) -> None:
    replay = replay_record(path)
    assert replay.difference is None, str(replay.difference)
    lines = lines_of(path)
    assert replay.lines == len(lines)
    assert replay.trees == sum("nodes" in line for line in lines) > 0


@pytest.mark.parametrize(
    ("wanted", "altered"),
    [
        ({"op": "lookup", "r": "-"}, {"r": "v1"}),
        ({"op": "insert", "r": 0}, {"r": -17}),
        ({"op": "insert", "r": -17}, {"r": 0}),
        ({"op": "tag_get", "r": 1}, {"r": 0}),
        ({"op": "for_each", "tag": -1}, {"r": [[1, "v1"]]}),
        ({"op": "gang_lookup"}, {"r": ["v1", "v2"]}),
        ({"height": 1}, {"nodes": 77}),
        ({"height": 1}, {"height": 2}),
    ],
    ids=lambda change: " ".join(f"{key}={value}" for key, value in change.items()),
)
def test_one_altered_answer_is_reported_at_its_line(
    tmp_path: Path, wanted: dict[str, object], altered: dict[str, object]
) -> None:
    lines = lines_of(SMALL)
    number = next(n for n, line in enumerate(lines, 1) if wanted.items() <= line.items())
    lines[number - 1] |= altered
    path = written(tmp_path / "altered.jsonl", lines)
    replay = replay_record(path)
    assert replay.difference is not None
    assert replay.difference.line == replay.lines == number
    assert str(replay.difference).startswith(f"{path}:{number}: ")


def test_one_altered_tree_is_reported_at_its_line(tmp_path: Path) -> None:
    lines = lines_of(SMALL)
    number = next(n for n, line in enumerate(lines, 1) if line.get("nodes", 0) > 2)
    lines[number - 1]["tree"] = lines[number - 1]["tree"].replace(" c", " c1", 1)
    difference = replay_record(written(tmp_path / "altered.jsonl", lines)).difference
    assert difference is not None
    assert difference.line == number


def test_exception_where_an_answer_was_recorded_is_a_difference(tmp_path: Path) -> None:
    lines = [lines_of(SMALL)[0], {"op": "replace", "i": 5, "e": "v1", "r": "v2"}]
    difference = replay_record(written(tmp_path / "bad.jsonl", lines)).difference
    assert difference is not None
    assert "expected v2, got KeyError" in str(difference)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"op": "teleport", "i": 1}, "unknown operation 'teleport'; known: "),
        ({"op": "insert", "i": 1, "e": "v1", "r": 0}, "insert without 'order'"),
        ({"op": "lookup", "i": -1, "r": "-"}, "'i' of lookup is -1"),
        ([1], "unknown operation "),
    ],
)
def test_line_that_cannot_be_read_is_named(tmp_path: Path, line: object, sentence: str) -> None:
    path = written(tmp_path / "new.jsonl", [*lines_of(SMALL)[:5], line])
    with pytest.raises(InputError, match=rf"new\.jsonl:6: {sentence}"):
        replay_record(path)


def test_unknown_structure_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "new.jsonl", [{"structure": "skip-list-1"}])
    with pytest.raises(InputError, match=r"new\.jsonl:1: unknown structure 'skip-list-1'; known: "):
        replay_record(path)


def test_record_of_another_structure_is_not_asked_of_someones_xarray() -> None:
    replay = replay_record(SMALL, make=lambda: None)
    assert replay.skipped is not None
