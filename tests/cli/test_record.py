"""record and verify on the command line."""

import json
from pathlib import Path

import pytest

from pagecache.cli import record as command
from pagecache.live.record import Recording


def recording(**changed: object) -> Recording:
    fields = {"trace": "a.filemap.csv.gz", "expected": "a.expected.json", "status": 0}
    counts = {"events": 5, "files": 2, "lost": 0, "before": 1, "silent": [], "busy": []}
    return Recording(**{**fields, **counts, **changed})


@pytest.mark.parametrize(("status", "code"), [(0, 0), (3, 3), (-9, 137)])
def test_exit_code_is_the_programs(run, monkeypatch, tmp_path, status: int, code: int) -> None:
    seen: list[object] = []

    def recorded(*arguments: object) -> Recording:
        seen.extend(arguments)
        return recording(status=status)

    monkeypatch.setattr(command, "record", recorded)
    monkeypatch.chdir(tmp_path)
    ran = run("record", "--cold", "big", "--", "/bin/prog", "-x", "1")
    assert (ran.code, seen) == (code, [["/bin/prog", "-x", "1"], "prog", ["big"]])
    assert "5 events of 2 files, 0 events lost; 1 folio cached before" in ran.err


def test_lost_events_and_files_on_tmpfs_are_said() -> None:
    texts = command.lines(
        recording(lost=7, silent=["0:1/1", "0:1/2", "0:1/3", "0:1/4"], busy=["0:1/5"])
    )
    assert texts[1:] == [
        "Warning: 7 events were lost; record less at once",
        "Left out: 4 files on tmpfs (0:1/1, 0:1/2, 0:1/3), whose additions the kernel does not "
        "trace",
        "Not expected of: 1 file (0:1/5), which others changed before they could be looked at",
    ]


def test_places_that_cannot_be_written_are_refused_first(refused, tmp_path: Path) -> None:
    assert "--out" in refused("record", "-o", tmp_path / "none" / "x", "--", "true")


def test_verify_says_equal_or_what_differs(run, trace) -> None:
    path = trace("0,1,add,1:2,3,0,1,0")
    expected = path.with_name("some.expected.json")
    content = {"pages": 1, "folios": 1, "nodes": 0, "orders": {"0": 1}}
    expected.write_text(json.dumps({"1:2/3": content}))
    ran = run("verify", path)
    assert (ran.code, ran.out) == (0, f"{path}: equal in 1 file\n")
    expected.write_text(json.dumps({"1:2/3": {**content, "pages": 2}}))
    ran = run("verify", path, "--expected", expected)
    assert (ran.code, ran.out) == (1, f"{path}: 1:2/3: pages 1, and the kernel had 2\n")
