"""README and docs say what the results that are kept beside them say."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pagecache as pc
from pagecache.inputs.sizes import parse_size
from pagecache.measure.loops import Batch
from pagecache.report.numbers import size as in_bytes
from pagecache.results import read_results, slab_bytes

from .test_layers import FLOORS

ROOT = Path(__file__).parents[1]
RESULTS = sorted((ROOT / "docs" / "results").glob("*.json"))


def test_every_block_is_what_its_results_say() -> None:
    command = [sys.executable, str(ROOT / "tools" / "fill-docs"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_kept_results_are_those_of_a_whole_and_clean_run(path: Path) -> None:
    meta = json.loads(path.read_text())["meta"]
    assert not meta.get("interrupted")  # which counts are not
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


# | 2 GiB | `hugetlb-huge` | 17 | 9.71 KiB | 31.0 ns | ...; the size stands once for its designs.
WIDE = re.compile(r"^\| (\d+ [GT]iB)? ?\| `(\S+)` \| ([\d,]+) \| ([\d.]+ [KM]iB) ", re.MULTILINE)


def wide_rows() -> list[tuple[str, str, int, str]]:
    """(size, design, nodes, index bytes) of each row of the page on wide nodes."""
    rows, size = [], ""
    for found in WIDE.findall((ROOT / "docs" / "wide-nodes.md").read_text()):
        size = found[0] or size
        rows.append((size, found[1], int(found[2].replace(",", "")), found[3]))
    return rows


def test_page_on_wide_nodes_has_its_rows() -> None:
    assert len(wide_rows()) == 12


@pytest.mark.parametrize(("size", "design", "nodes", "shown"), wide_rows())
def test_nodes_and_bytes_on_wide_nodes_are_those_of_an_index_built_now(
    size: str, design: str, nodes: int, shown: str
) -> None:
    pages = parse_size(size, "size") >> 12
    index = pc.designs.make(design, pc.Frames(pages, backed=False))
    first = np.arange(0, pages, 512, dtype=np.uint64)
    file, order = np.zeros(len(first), np.uint32), np.full(len(first), 9, np.uint8)
    Batch([index]).populate(file, first, order, first)
    assert index.nodes == nodes
    assert in_bytes(slab_bytes(index.index_bytes // nodes) * nodes) == shown


def test_counts_of_the_page_on_testing_are_those_of_the_files() -> None:
    page = (ROOT / "docs" / "testing.md").read_text()
    for folder in sorted((ROOT / "tests" / "data").glob("vectors*")):
        files = sorted(folder.glob("*.gz"))
        operations = sum(gzip.decompress(path.read_bytes()).count(b'"op"') for path in files)
        assert f"| {folder.name} | {len(files)} | {operations:,} |\n" in page
    for folder in sorted({path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}):
        assert re.search(rf"\| tests/{folder} \| [\d,]+ \|", page), "run tools/count-tests"


def test_names_in_the_recipes_are_there() -> None:
    """Each path, and each name in code, that CONTRIBUTING tells to open, copy or write."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    code = "\n".join(
        path.read_text() for path in sorted((ROOT / "pagecache").rglob("*.p*")) if is_code(path)
    )
    for quoted in sorted(set(re.findall(r"`([^`\n]+)`", text))):
        if "/" in quoted and " " not in quoted:
            assert (ROOT / quoted).exists(), quoted
        elif re.fullmatch(r"[A-Za-z_]+", quoted):
            assert re.search(rf"\b{quoted}\b", code), quoted


def is_code(path: Path) -> bool:
    return path.suffix in {".py", ".pyx", ".pxd"}


def test_picture_of_the_house_has_each_folder_on_its_floor() -> None:
    picture = (ROOT / "CONTRIBUTING.md").read_text().split("```\nfloor 6")[1].split("```")[0]
    floors = re.split(r"^floor (\d)", "floor 6" + picture, flags=re.MULTILINE)[1:]
    drawn = {int(number): text for number, text in zip(floors[::2], floors[1::2], strict=True)}
    for floor, parts in FLOORS.items():
        for part in parts:
            if (ROOT / "pagecache" / part).is_dir():
                assert re.search(rf"\b{part}\b", drawn[floor]), f"{part} stands on floor {floor}"
