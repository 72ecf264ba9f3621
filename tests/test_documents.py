"""README and docs say what the results that are kept beside them say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import pagecache as pc
from pagecache.results import read_results

ROOT = Path(__file__).parents[1]
RESULTS = sorted((ROOT / "docs" / "results").glob("*.json"))


def test_every_block_is_what_its_results_say() -> None:
    command = [sys.executable, str(ROOT / "tools" / "fill-docs"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_kept_results_are_those_of_a_whole_and_clean_run(path: Path) -> None:
    meta = json.loads(path.read_text())["meta"]
    assert not meta["interrupted"]
    assert meta["commit"]


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_nodes_in_kept_results_are_those_of_an_index_built_now(path: Path) -> None:
    seen = set()
    for result in read_results(path):
        key = result.design, result.input
        if not result.input.startswith("uniform 2 GiB") or not result.is_design or key in seen:
            continue
        seen.add(key)
        frames = pc.Frames(result.pages, backed=False)
        index = pc.designs.make(result.design, frames)
        order = 9 if result.folios < result.pages else 0
        for first in range(0, result.pages, 1 << order):
            index.insert_folio(first, order, first)
        assert index.nodes == result.nodes
