"""`pagecache explain` on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_walk_is_printed_drawn_and_written(run: Callable[..., Any], tmp_path: Path) -> None:
    svg, out = tmp_path / "walk.svg", tmp_path / "walk.json"
    ran = run("explain", "0x1234", "--design", "base-4k", "--svg", svg, "--json", out)
    assert ran.code == 0
    assert "head --> node shift 12   slot 1   = 4660 >> 12" in ran.out
    assert svg.read_text("utf-8").startswith("<svg")
    found = json.loads(out.read_text("utf-8"))
    assert found["kind"] == "walk"
    assert [step["slot"]["number"] for step in found["walk"]["steps"]] == [1, 8, 52]


def test_json_goes_to_standard_output_and_the_walk_to_standard_error(
    run: Callable[..., Any],
) -> None:
    ran = run("explain", "700", "--json", "-")
    assert json.loads(ran.out)["index"] == 700
    assert "sibling of 8" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x"], "'x' is no index; give 4660 or 0x1234"),
        (["1", "--svg", "/nowhere/walk.svg"], "--svg: /nowhere/walk.svg cannot be written"),
        (["1", "--svg", "walk.png"], "--svg: walk.png does not end in .svg; name one that does"),
        (["1", "--design", "none"], "unknown design 'none'"),
        ([str(1 << 60), "--holes", "no-entry"], "--holes: no file reaches to page"),
    ],
)
def test_bad_input_is_one_line(
    refused: Callable[..., str], arguments: list[str], said: str
) -> None:
    assert said in refused("explain", *arguments)
