"""`pagecache conformance`: recorded behaviour against our XArray, and files that hold none."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import pagecache as pc

from .record_files import DENSE, MULTI, RECORDS, lines_of


@pytest.fixture
def altered(tmp_path: Path) -> Callable[..., tuple[Path, int]]:
    """A record with another answer in its first line of this operation after the hundredth."""

    def write(op: str, **answers: object) -> tuple[Path, int]:
        lines = lines_of(MULTI)
        number = next(n for n, line in enumerate(lines, 1) if n > 100 and line.get("op") == op)
        lines[number - 1] |= answers
        path = tmp_path / "altered.jsonl"
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        return path, number

    return write


# Our own


def test_all_records_replay_with_a_line_each(run) -> None:
    ran = run("conformance", *RECORDS)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err, len(lines)) == (0, "", 24)
    for line, path in zip(lines, RECORDS, strict=True):
        records = lines_of(path)
        trees = sum("tree" in record for record in records)
        assert line == f"{path}: {len(records):,} lines and {trees} trees, no difference"


def test_first_difference_is_shown_with_all_that_tells_it(run, altered) -> None:
    path, number = altered("load", r="v12345")
    ran = run("conformance", path)
    assert (ran.code, ran.err) == (1, "")
    said, tree = ran.out.splitlines()
    operation = lines_of(MULTI)[number - 1]
    place, _, rest = said.partition(": {")
    assert place == f"{path}:{number}"
    shown, _, answers = rest.partition("}: ")
    assert json.loads("{" + shown + "}") == operation | {"r": "v12345"}
    expected = {"r": "v12345", "order": operation["order"]}
    got = {"r": operation["r"], "order": operation["order"]}
    assert answers == f"expected {expected}, got {got}"
    assert tree.startswith("tree: H n m")


def test_record_after_one_that_differs_is_replayed_too(run, altered) -> None:
    path, number = altered("erase", r="v12345")
    ran = run("conformance", DENSE, path, MULTI)
    lines = ran.out.splitlines()
    assert ran.code == 1
    assert lines[0].startswith(f"{DENSE}: ")
    assert lines[1].startswith(f"{path}:{number}: ")
    assert lines[-1].endswith(", no difference")


def test_altered_tree_is_a_difference(run, tmp_path: Path) -> None:
    lines = lines_of(DENSE)
    number = next(n for n, line in enumerate(lines, 1) if line.get("nodes", 0) > 1)
    lines[number - 1]["nodes"] += 1
    path = tmp_path / "altered.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    ran = run("conformance", path)
    assert ran.code == 1
    assert ran.out.startswith(f"{path}:{number}: ")


# Files that are no records


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ":1: the file is empty; give a record of XArray behaviour"),
        ("hello\n", ":1: no JSON; give a record as recorded"),
        ("[1]\n", ":1: this begins no record; give a record of XArray behaviour"),
        ('{"flags": "odd"}\n', ":1: this begins no record; give a record of XArray behaviour"),
        ('{"flags": ""}\n{"op": "load"\n', ":2: no JSON; give a record as recorded"),
        ('{"flags": ""}\n7\n', ":2: unknown operation 7; known: store, "),
        ('{"flags": ""}\n{"op": "fly"}\n', ":2: unknown operation 'fly'; known: store, "),
    ],
)
def test_file_that_is_no_record_is_refused_in_one_line(
    refused, tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "none.jsonl"
    path.write_text(text)
    assert refused("conformance", path).startswith(f"{path}{complaint}")


@pytest.mark.parametrize(
    "line",
    [
        {"op": "load"},
        {"op": "load", "i": "five", "r": "-", "order": 0},
        {"op": "load", "i": -1, "r": "-", "order": 0},
        {"op": "load", "i": 5},
        {"op": "store", "i": 5, "e": "x7", "r": "-"},
        {"op": "store", "i": 5, "e": "v", "r": "-"},
        {"op": "store", "i": 5, "order": 64, "e": "v1", "r": "-"},
        {"op": "set_mark", "i": 5, "m": 3, "r": 0},
        {"op": "store", "i": 5, "e": "p0", "r": "-"},
        {"op": "store", "i": 5, "e": f"v{2**63}", "r": "-"},
        {"op": "store", "i": 5, "e": "v" + "9" * 50, "r": "-"},
        {"op": "store", "i": 5, "e": ["v1"], "r": "-"},
        {"op": "erase", "i": 2**64, "r": "-"},
        {"op": "erase", "i": True, "r": "-"},
        {"op": "erase", "i": 5.0, "r": "-"},
        {"op": "find", "i": 5, "max": 9, "filter": 4, "r": "-", "at": 5},
        {"op": "for_each", "i": 5, "max": 9, "filter": 3, "limit": 4, "r": [[1]]},
        {"op": "for_each", "i": 5, "max": 9, "filter": 3, "limit": -1, "r": []},
        {"op": "store_range", "i": 5, "last": 4, "e": "v1", "r": "-"},
        {"op": "split", "i": 5, "from": 6, "r": 0},
        {"op": "alloc", "e": "v1", "min": 0, "max": 9, "r": 0, "id": 0},
        {"op": ["load"], "i": 5},
        {"tree": "H - m000;"},
        {"tree": ["H"], "nodes": 0},
    ],
    ids=lambda line: json.dumps(line)[:70],
)
def test_line_that_lacks_something_is_refused_in_one_line(
    refused, tmp_path: Path, line: dict[str, object]
) -> None:
    path = tmp_path / "lacking.jsonl"
    path.write_text(f'{{"flags": ""}}\n{json.dumps(line)}\n')
    assert refused("conformance", path).startswith(f"{path}:2: ")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"op": "erase", "i": 5}', "erase without 'r'; it needs i, r"),
        (
            '{"op": "erase", "i": "5", "r": "-"}',
            "'i' of erase is '5'; give an integer from 0 to 2**64 - 1",
        ),
        (
            '{"op": "insert", "i": 5, "e": "x7", "r": 0}',
            "'e' of insert is 'x7'; give '-', a value as 'v5' or a pointer as 'p7'",
        ),
        (
            '{"op": "store_range", "i": 5, "last": 4, "e": "v1", "r": "-"}',
            "last 4 is below i 5; swap them",
        ),
        (
            '{"op": "alloc", "e": "v1", "min": 0, "max": 9, "r": 0}',
            "alloc in an array without IDs; set the header's flags to alloc",
        ),
        ("[" * 100_000, "no JSON; give a record as recorded"),
        ('{"op": "\\ud800"}', "unknown operation '\\ud800'; known: store, "),
    ],
    ids=lambda text: text[:50],
)
def test_complaint_of_a_line_says_what_to_give(
    refused, tmp_path: Path, line: str, complaint: str
) -> None:
    path = tmp_path / "lacking.jsonl"
    path.write_text(f'{{"flags": ""}}\n{line}\n')
    assert refused("conformance", path).startswith(f"{path}:2: {complaint}")


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ('{"op": "load", "i": 5, "r": "-", "order": 0}', "this begins no record; give a record"),
        ('{"flags": []}', "this begins no record; give a record"),
        ('{"flags": "", "chunk_shift": 9}', "'chunk_shift' of the header is 9; give an integer"),
    ],
)
def test_header_that_is_none_is_refused(
    refused, tmp_path: Path, header: str, complaint: str
) -> None:
    path = tmp_path / "headless.jsonl"
    path.write_text(f"{header}\n")
    assert refused("conformance", path).startswith(f"{path}:1: {complaint}")


def test_record_of_narrow_nodes_is_replayed_on_narrow_nodes(run, tmp_path: Path) -> None:
    xa = pc.XArray(chunk_shift=3)
    xa.store(8, 1)
    lines = [
        {"flags": "", "chunk_shift": 3},
        {"op": "store", "i": 8, "order": 0, "e": "v1", "r": "-"},
        {"tree": xa.dump(), "nodes": 2},
    ]
    path = tmp_path / "narrow.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert run("conformance", path).out == f"{path}: 3 lines and 1 tree, no difference\n"


def test_name_that_is_no_text_is_printed_all_the_same(run, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"two\nlines\xff.jsonl")
    path.write_text('{"flags": ""}\n')
    ran = run("conformance", path)
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert "two\\nlines" in ran.out


@pytest.mark.parametrize("raw", [b"\x1f\x8b", b"\x1f\x8bnothing of the kind", b"\x1f\x8b\x08" * 9])
def test_file_that_only_begins_like_gzip_is_refused(refused, tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "bad.jsonl.gz"
    path.write_bytes(raw)
    assert refused("conformance", path).startswith(f"{path}: cannot be read (")


def test_gzip_of_nothing_is_an_empty_file(refused, tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl.gz"
    path.write_bytes(gzip.compress(b""))
    assert refused("conformance", path).startswith(f"{path}:1: the file is empty; give a record")


def test_file_that_is_cut_is_refused(refused, tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(DENSE.read_bytes()[:1000])
    assert refused("conformance", path).startswith(f"{path}: cannot be read (")


def test_file_that_is_missing_is_refused(refused, tmp_path: Path) -> None:
    path = tmp_path / "missing.jsonl"
    assert str(path) in refused("conformance", path)


def test_xarray_that_is_unknown_is_refused_with_those_that_are(refused) -> None:
    line = refused("conformance", DENSE, "--design", "pagecahce")
    assert line.startswith("--design: unknown XArray 'pagecahce'; did you mean pagecache?")
