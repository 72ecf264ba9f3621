"""Rows on disk: whole or absent, each cell once, the same bytes whatever the history."""

import errno
import os
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.sweep import table as module
from pagecache.sweep.cell import Cell
from pagecache.sweep.columns import row_of
from pagecache.sweep.counting import count_file
from pagecache.sweep.manifest import Manifest
from pagecache.sweep.table import FORMATS, Table, rows_in, whole_or_absent
from pagecache.sweep.task import Outcome

COUNTS = count_file(Cell.of("thp-multi", size=1 << 20))
ROWS = [
    row_of(Cell.of("thp-multi", size=1 << 20, seed=seed).numbered(seed), COUNTS)
    for seed in range(20)
]


@pytest.fixture(params=["parquet", "csv"])
def format(request: pytest.FixtureRequest) -> str:
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
    return str(request.param)


def test_rows_come_back_as_they_were(tmp_path: Path, format: str) -> None:
    table = Table(tmp_path, format)
    table.add(ROWS[:3])
    assert rows_in(table.files(), format) == ROWS[:3]
    assert ROWS[0]["trace"] is None
    assert ROWS[0]["memory"] is None
    table.seal()
    assert rows_in(table.files(), format) == ROWS[:3]


def test_sealed_table_has_the_same_bytes_whatever_the_order(tmp_path: Path, format: str) -> None:
    found = []
    for number, order in enumerate(([0, 1, 2, 3, 4], [4, 2, 0, 1, 3])):
        table = Table(tmp_path / str(number), format)
        table.folder.mkdir()
        for row in order:
            table.add([ROWS[row]])
        table.seal()
        assert [path.name for path in table.folder.iterdir()] == [f"table.{format}"]
        found.append(table.whole.read_bytes())
    assert found[0] == found[1]


def test_row_that_is_in_the_table_and_in_a_part_counts_once(tmp_path: Path, format: str) -> None:
    """A kill after the table was written and before its parts were removed."""
    table = Table(tmp_path, format)
    table.add(ROWS[:5])
    (part,) = table.files()
    content = part.read_bytes()
    table.seal()
    before = table.whole.read_bytes()
    table.parts.mkdir()
    part.write_bytes(content)
    table.add([ROWS[5]])
    assert rows_in(table.files(), format) == ROWS[:6]
    assert table.numbers() == set(range(6))
    table.seal()
    assert rows_in(table.files(), format) == ROWS[:6]
    assert len(before) < table.whole.stat().st_size
    undisturbed = Table(tmp_path / "undisturbed", format)
    undisturbed.folder.mkdir()
    undisturbed.add(ROWS[:6])
    undisturbed.seal()
    assert table.whole.read_bytes() == undisturbed.whole.read_bytes()


def test_part_that_was_cut_short_is_not_there(tmp_path: Path, format: str) -> None:
    """A kill while a part was written: it lies beside its place."""
    table = Table(tmp_path, format)
    table.add(ROWS[:5])
    (part,) = table.files()
    cut = part.with_name(f".000001.{format}.beside")
    cut.write_bytes(part.read_bytes()[:-50])
    assert rows_in(table.files(), format) == ROWS[:5]
    table.sweep_up()
    assert not cut.exists()


def test_full_disk_leaves_the_table_as_it_was(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(tmp_path, format)
    table.add(ROWS[:5])

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(module, "sync", full)
    with pytest.raises(OSError, match="No space left"):
        table.add(ROWS[5:6])
    with pytest.raises(OSError, match="No space left"):
        table.seal()
    assert rows_in(table.files(), format) == ROWS[:5]
    assert not list(tmp_path.rglob(".*"))


def test_empty_table_can_be_sealed(tmp_path: Path, format: str) -> None:
    table = Table(tmp_path, format)
    table.seal()
    assert rows_in(table.files(), format) == []


def test_both_formats_hold_the_same(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for name in FORMATS:
        Table(tmp_path, name).add(ROWS)
    paths = sorted(tmp_path.rglob("0*"))
    assert rows_in(paths[:1], "csv") == rows_in(paths[1:], "parquet")


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert module.best_format() == "csv"
    with pytest.raises(InputError, match=r"pip install 'pagecache\[data\]'"):
        Table(tmp_path, "parquet")


def test_an_error_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def half() -> None:
        with whole_or_absent(tmp_path / "a") as beside:
            beside.write_text("half")
            raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        half()
    assert list(tmp_path.iterdir()) == []


# The manifest ----------------------------------------------------------------------------------


def outcome(cell: int, error: str | None = None) -> Outcome:
    return Outcome(cell, None if error else ROWS[cell], error, 0.1, "host", "1")


def test_line_of_the_manifest_that_was_cut_short_is_dropped(tmp_path: Path) -> None:
    Manifest(tmp_path).add_outcomes([outcome(0), outcome(1)])
    path = tmp_path / "manifest.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert [each["cell"] for each in Manifest(tmp_path, write=False).records] == [0]
    assert path.read_bytes() == whole[:-10]  # a reader changes nothing
    again = Manifest(tmp_path)
    again.add_outcomes([outcome(1)])
    assert path.read_bytes() == whole


def test_attempts_are_counted_and_the_last_one_decides(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.add_outcomes([outcome(0, "no room"), outcome(1, "no room")])
    manifest.add_outcomes([outcome(0)])
    found = Manifest(tmp_path)
    assert [each["attempt"] for each in found.records] == [1, 1, 2]
    assert found.failed() == {1: "no room"}


def test_manifest_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text("hello\n")
    with pytest.raises(InputError, match="this is no manifest of a sweep"):
        Manifest(tmp_path)
