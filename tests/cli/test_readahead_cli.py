"""`pagecache readahead`: what it prints and writes, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

import pagecache as pc
from pagecache.cli import main

STORY = ["readahead", "--kernel", "6.6,6.8,6.18"]


def test_the_2024_question_is_answered_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(STORY) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines()[1:4]}
    assert rows["6.6"] == ["79", "36", "19", "2", "4", "18", "768", "9.7", "0", "27", "0", "36"]
    assert rows["6.8"][1:6] == ["0", "54", "23", "23", "0"]
    assert rows["6.18"][1:6] == ["4", "3", "2", "2", "22"]
    flat = " ".join(out.split())
    assert (
        "From 6.6 to 6.8: 79 folios of 9.7 pages on average become 100 of 7.7; order 0: 36" in flat
    )
    assert "\n6.8   2224324344243243" in out
    assert out.isascii()


def test_all_releases_share_rows_where_they_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readahead", "--accesses", "read 1020K 4096 x256 -4096", "--size", "2M"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[1].startswith("5.18-7.1")
    assert not any("become" in line for line in out)


def test_marks_and_unused_pages_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readahead", "--kernel", "7.1", "--accesses", "read 0 4096 x10 4096"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1].split() == ["7.1", "7", "4", "3", "16", "2.3", "1", "3", "6", "4"]
    assert "^" in out.splitlines()[4]
    assert "Requests of 7.1: 2 of 4 pages, 1 of 8; 3 in all." in out


def test_json_holds_what_python_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*STORY, "--json", "-"]) == 0
    fields: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (fields["format"], fields["kind"], fields["size"]) == (1, "readahead", "3M")
    for written in fields["kernels"]:
        found = pc.readahead(written["kernel"])
        assert [tuple(pair) for pair in written["folios"]] == found.folios
        assert [tuple(pair) for pair in written["requests"]] == found.requests
        assert written["marked"] == found.marked
        assert {int(order): count for order, count in written["by_order"].items()} == found.by_order
        assert (written["pages"], written["pages_unused"]) == (found.pages, found.pages_unused)
        assert written["single_pages"] == found.by_order.get(0, 0)
        assert written["mean_pages"] == found.mean_pages


def test_json_to_a_file_comes_beside_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "found.json"
    assert main([*STORY, "--json", str(out)]) == 0
    assert "pages a folio" in capsys.readouterr().out
    written = json.loads(out.read_text())["kernels"]
    assert [one["kernel"] for one in written] == ["6.6", "6.8", "6.18"]


def test_options_reach_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"readahead_kb": 64, "max_io_kb": 256, "min_order": 2, "max_order": 4, "exec_order": 3}
    program = "mmap exec; touch 99; read 1M 512K; read 2M 4096 x300 4096"
    options = [f"--{name.replace('_', '-')}={value}" for name, value in asked.items()]
    command = ["readahead", "--kernel=7.1", "--size=8M", "--accesses", program, *options]
    assert main([*command, "--json", "-"]) == 0
    written = json.loads(capsys.readouterr().out)["kernels"][0]
    found = pc.readahead("7.1", program, "8M", **asked)  # type: ignore[arg-type]
    assert [tuple(pair) for pair in written["folios"]] == found.folios


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kernel", "6.99"], "no release from 5.18 to 7.1"),
        (["--kernel", ","], "--kernel names no release"),
        (["--kernel", "6.8+nonsense"], "nonsense is no switch"),
        (["--accesses", "fly"], "starts with none of"),
        (["--size", "0"], "above zero"),
        (["--max-order", "99"], "max_order"),
        (["--json", "/nowhere/out.json"], "cannot be written"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["readahead", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
