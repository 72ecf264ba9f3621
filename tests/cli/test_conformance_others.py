"""`pagecache conformance` over somebody else's XArray: what it cannot do, gets wrong or raises."""

import json
import re
import sys
from pathlib import Path

import pytest

from .record_files import DENSE, VECTORS, lines_of

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
