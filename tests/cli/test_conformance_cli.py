"""`pagecache conformance`: recorded behaviour against our XArray, and against somebody else's."""

import gzip
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pagecache as pc

VECTORS = Path(__file__).parents[1] / "data" / "vectors"
RECORDS = sorted(VECTORS.glob("*.jsonl.gz"))
DENSE = VECTORS / "dense-1.jsonl.gz"
MULTI = VECTORS / "multi-1.jsonl.gz"

PLAIN = '''
class Plain:
    """A dict of single entries with marks; it has no tree to show."""

    def __init__(self, **options):
        self.entries, self.marks = {}, set()

    def store(self, index, entry, order=0):
        old = self.entries.pop(index, None)
        if entry is None:
            self.marks = {(at, mark) for at, mark in self.marks if at != index}
        else:
            self.entries[index] = entry
        return old

    def erase(self, index):
        return self.store(index, None)

    def load(self, index):
        return self.entries.get(index)

    def order(self, index):
        return 0

    def insert(self, index, entry):
        if index in self.entries:
            raise EntryExists(index)
        self.entries[index] = entry

    def cmpxchg(self, index, old, entry):
        current = self.entries.get(index)
        if current == old:
            self.store(index, entry)
        return current

    def set_mark(self, index, mark):
        if index in self.entries:
            self.marks.add((index, mark))

    def clear_mark(self, index, mark):
        self.marks.discard((index, mark))

    def get_mark(self, index, mark):
        return (index, mark) in self.marks

    def find(self, index, max=2**64 - 1, mark=None):
        found = [
            at for at in self.entries
            if index <= at <= max and (mark is None or (at, mark) in self.marks)
        ]
        return (min(found), self.entries[min(found)]) if found else None

    def find_after(self, index, max=2**64 - 1, mark=None):
        return self.find(index + 1, max, mark)

    def destroy(self):
        self.__init__()


class Forgetful(Plain):
    """Answers wrong for one index in ten."""

    def load(self, index):
        return None if index % 10 == 7 else super().load(index)


class Clumsy(Plain):
    """Raises where it should answer; the text has two lines."""

    def load(self, index):
        raise ZeroDivisionError("by\\nnought")


class Broken(Plain):
    """Cannot even be made."""

    def __init__(self, **options):
        raise ZeroDivisionError("by nought")


class Modest(Plain):
    """Says at the call what it cannot do."""

    def set_mark(self, index, mark):
        raise NotImplementedError("no marks here")


class Secretive(Plain):
    """Shows no tree although it has the method."""

    def dump(self):
        raise ZeroDivisionError("by nought")


class Terse(Plain):
    cannot = ["reserve"]


class Honest(Plain):
    cannot = {
        "reserve": "single entries only",
        "store_range": "no ranges",
        "alloc": "it hands out no IDs",
        "alloc1": "it hands out no IDs",
    }
'''

CLASSES = re.findall(r"^class (\w+)", PLAIN, re.MULTILINE)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


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


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """XArrays of another package, one of them missing from it."""
    info = tmp_path / "site" / "others-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[pagecache.xarrays]\n"
        + "".join(f"{name.lower()} = pc_others:{name}\n" for name in ("Absent", *CLASSES))
    )
    (info.parent / "pc_others.py").write_text(f"from pagecache import EntryExists\n{PLAIN}")
    monkeypatch.syspath_prepend(info.parent)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "pc_others", raising=False)


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
    assert run("conformance", path).out == f"{path}: 3 lines and 1 trees, no difference\n"


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


# Somebody else's


@pytest.mark.usefixtures("others")
def test_array_without_a_tree_is_held_to_its_answers_alone(run) -> None:
    ran = run("conformance", DENSE, VECTORS / "sparse-1.jsonl.gz", "--design", "plain")
    assert (ran.code, ran.err) == (0, "")
    assert [line.rpartition(", ")[2] for line in ran.out.splitlines()] == ["no difference"] * 2


@pytest.mark.usefixtures("others")
def test_array_that_answers_wrong_is_shown_without_a_tree(run) -> None:
    ran = run("conformance", DENSE, "--design", "forgetful")
    assert ran.code == 1
    said, tree = ran.out.splitlines()
    assert said.startswith(f"{DENSE}:")
    assert '"op": "load"' in said
    assert tree == "tree: (it has no dump())"


@pytest.mark.usefixtures("others")
def test_record_of_what_an_array_cannot_do_is_skipped_with_its_reason(run) -> None:
    records = [VECTORS / f"{name}-1.jsonl.gz" for name in ("dense", "reserve", "range", "alloc1")]
    ran = run("conformance", *records, "--design", "honest")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].endswith(", no difference")
    assert lines[1:] == [
        f"{records[1]}: skipped, no reserve: single entries only",
        f"{records[2]}: skipped, no store_range: no ranges",
        f"{records[3]}: skipped, no alloc1: it hands out no IDs",
    ]


@pytest.mark.usefixtures("others")
def test_unexpected_exception_is_a_difference_at_its_line(run) -> None:
    ran = run("conformance", DENSE, "--design", "clumsy")
    records = lines_of(DENSE)
    number = next(n for n, line in enumerate(records, 1) if line.get("op") == "load")
    said, tree = ran.out.splitlines()
    assert (ran.code, ran.err) == (1, "")
    assert said == (
        f"{DENSE}:{number}: {json.dumps(records[number - 1])}: "
        f"expected {{'r': '{records[number - 1]['r']}'}}, got ZeroDivisionError: by\\nnought"
    )
    assert tree == "tree: (it has no dump())"


@pytest.mark.usefixtures("others")
def test_array_that_cannot_be_made_differs_at_the_header(run) -> None:
    ran = run("conformance", DENSE, "--design", "broken")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith(f"{DENSE}:1: ")
    assert "expected no exception, got ZeroDivisionError: by nought" in ran.out


@pytest.mark.usefixtures("others")
def test_tree_that_cannot_be_shown_differs_at_the_first_tree(run) -> None:
    ran = run("conformance", DENSE, "--design", "secretive")
    number = next(n for n, line in enumerate(lines_of(DENSE), 1) if "tree" in line)
    said, tree = ran.out.splitlines()
    assert (ran.code, ran.err) == (1, "")
    assert said.startswith(f"{DENSE}:{number}: ")
    assert tree == "tree: (dump() raised ZeroDivisionError: by nought)"


@pytest.mark.usefixtures("others")
def test_array_that_says_at_the_call_what_it_cannot_do_is_skipped_from_there(run) -> None:
    ran = run("conformance", DENSE, "--design", "modest")
    number = next(n for n, line in enumerate(lines_of(DENSE), 1) if line.get("op") == "set_mark")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{DENSE}: skipped, from line {number} on: no marks here\n"


@pytest.mark.usefixtures("others")
def test_reasons_that_are_no_dict_are_refused(refused) -> None:
    line = refused("conformance", DENSE, "--design", "terse")
    assert line.startswith("--design: `cannot` is ['reserve']; make it a dict of reasons")


@pytest.mark.usefixtures("others")
def test_array_that_cannot_be_imported_is_refused_with_its_place(refused) -> None:
    line = refused("conformance", DENSE, "--design", "absent")
    assert line.startswith("--design: 'absent' is pc_others:Absent, which cannot be imported (")


@pytest.mark.usefixtures("others")
def test_array_of_others_that_cannot_be_imported_is_no_matter_to_ours(run) -> None:
    assert run("conformance", DENSE).code == 0
