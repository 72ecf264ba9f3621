"""Extents of real files, as a trace and as holes."""

import csv
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import read_trace
from pagecache.inputs.formats import pieces

EXTENTS = Path(__file__).parents[2] / "data" / "extents"


@pytest.mark.parametrize("path", sorted(EXTENTS.glob("*.csv")), ids=lambda path: path.stem)
def test_resident_pages_are_cached(path: Path) -> None:
    with path.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "resident"]
    trace = read_trace(path)
    assert trace.notes == ()
    folios = trace.final_folios()
    assert folios.orders() == {0: sum(int(row["pages"]) for row in rows)}
    assert [int(row["page"]) in folios.index for row in rows] == [True] * len(rows)


def test_more_pages_than_memory_should_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MEMORY", 2 * 10 * pieces.EVENT_BYTES)
    path = tmp_path / "file"
    for text in ("kind,page,pages\nresident,0,5\nresident,8,{}\n", "PAGES FILE\n5 a\n{} b\n"):
        most = 5 if "kind" in text else 10
        path.write_text(text.format(most))
        assert len(read_trace(path)) == 5 + most
        path.write_text(text.format(most + 1))
        with pytest.raises(InputError, match=r":3: 11 cached pages would take over half of the"):
            read_trace(path)
