"""Grids: what is crossed, what is left out, and what is refused with line and key."""

from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import bundled_path
from pagecache.sweep.grid import parse_grid, read_grid

GRID = """\
designs = ["thp-multi", "base-4k"]
sizes = ["1M", "2M"]
alloc = ["compound", "fallback"]
seeds = [0, 1, 2, 3]
"""


def test_cells_are_the_product_numbered_in_order_seeds_fastest() -> None:
    cells = parse_grid(GRID, "grid.toml").cells
    assert [cell.number for cell in cells] == list(range(32))
    assert [cell.seed for cell in cells[:5]] == [0, 1, 2, 3, 0]
    assert len({cell.numbered(0) for cell in cells}) == 32
    assert {cell.size for cell in cells} == {1 << 20, 2 << 20}


def test_what_is_not_asked_for_is_what_the_designs_files_have() -> None:
    text = 'designs = ["thp-multi", "hugetlb-4k-multi"]\nsizes = ["2M"]'
    plain, huge = parse_grid(text, "grid.toml").cells
    assert (plain.alloc, plain.holes, plain.block) == ("fallback", "zero-pages", "4K")
    assert (huge.alloc, huge.holes, huge.block) == ("huge-pool", "no-entry", "2M")
    assert plain.hole_share == huge.hole_share == 0


def test_what_the_registry_refuses_is_left_out_with_its_reason() -> None:
    grid = parse_grid(
        'designs = ["thp-multi", "radix-2018", "hugetlb-huge"]\nsizes = ["4M"]\n'
        'alloc = ["fallback", "huge-pool"]',
        "grid.toml",
    )
    assert [(cell.design, cell.alloc) for cell in grid.cells] == [
        ("thp-multi", "fallback"),
        ("hugetlb-huge", "huge-pool"),
    ]
    reasons = {(cell.design, cell.alloc): why for cell, why in grid.left_out}
    assert "does not go with policy 'huge-pool'" in reasons["thp-multi", "huge-pool"]
    assert "keeps no shadows" in reasons["radix-2018", "fallback"]
    assert "use huge-pool" in reasons["hugetlb-huge", "fallback"]


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ('designs = ["hugetlb-huge"]\nsizes = ["3M"]', "no multiple of the huge page"),
        ('designs = ["hugetlb-huge"]\nsizes = ["2M"]\nblocks = ["64K"]', "no huge page"),
        ('sizes = ["2M"]\nblocks = ["1G"]', "above the largest folio"),
        ('sizes = ["2M"]\nblocks = ["2M"]\nmemory = ["1M"]', "below a block of 2M"),
        (
            'designs = ["base-4k"]\nsizes = ["2M"]\nalloc = ["min-order"]\nblocks = ["64K"]',
            "the largest folio of base-4k has order 0",
        ),
        ('designs = ["hugetlb-huge"]\ntraces = ["lmdb_stat_random"]', "hugetlbfs files only"),
    ],
)
def test_grid_with_nothing_left_is_refused_with_line_and_reason(choices: str, reason: str) -> None:
    with pytest.raises(InputError, match=r"^grid.toml:1: no combination is left.*") as raised:
        _ = parse_grid(choices, "grid.toml").cells
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "grid.toml:1: sizes: it is missing, and so is traces"),
        ('sizes = ["1M"\n', "grid.toml:1: sizes: "),
        ('sizes = ["1M"]\n\nseeds = 3\n', "grid.toml:3: seeds: 3 is no list; write seeds = [...]"),
        ('sizes = ["1M"]\nseeds = []', "grid.toml:2: seeds: the list is empty"),
        ('sizes = ["1M"]\nseeds = [1, 2, 1]', "grid.toml:2: seeds: 1 is there twice"),
        ('sizes = ["1M"]\nseeds = [true]', "grid.toml:2: seeds: True is no seed"),
        ('sizes = ["1M"]\nseeds = [-1]', "grid.toml:2: seeds: -1 is no seed"),
        ('sizes = ["1M"]\nsedes = [1]', "grid.toml:2: sedes: unknown key; did you mean seeds?"),
        ('sizes = ["1M"]\n[designs]\na = 1', "grid.toml:2: designs: {'a': 1} is no list"),
        ('sizes = [\n "1M",\n "1X",\n]', "grid.toml:3: sizes: '1X' is not a size"),
        ("sizes = [0]", "grid.toml:1: sizes: 0 is not above zero"),
        ("sizes = [1.5]", "grid.toml:1: sizes: 1.5 is not a size"),
        ('sizes = ["1M"]\nalloc = ["fallbck"]', "grid.toml:2: alloc: unknown policy 'fallbck'"),
        ('sizes = ["1M"]\nholes = ["zero"]', "grid.toml:2: holes: unknown hole policy 'zero'"),
        ('sizes = ["1M"]\ndesigns = ["thp"]', "grid.toml:2: designs: unknown design 'thp'"),
        ('sizes = ["1M"]\ndesigns = [1]', "grid.toml:2: designs: 1 is no text"),
        ('sizes = ["1M"]\nblocks = ["5K"]', "grid.toml:2: blocks: 5120 is no power of two"),
        ('sizes = ["1M"]\nmemory = ["5K"]', "grid.toml:2: memory: '5K' is no multiple of a page"),
        ('sizes = ["1M"]\nfragment = ["x"]', "grid.toml:2: fragment: unknown pattern 'x'"),
        (
            'sizes = ["1M"]\nfragment = ["random:a"]',
            "grid.toml:2: fragment: 'random:a' is not PATTERN:K:SHARE",
        ),
        ('sizes = ["1M"]\ntraces = ["lmdb_stat_random"]', "grid.toml:1: sizes: traces are given"),
        (
            'traces = ["lmdb_stat_random"]\nholes = ["no-entry"]',
            "grid.toml:2: holes: a trace says nothing of holes",
        ),
        ('traces = ["none/*.csv"]', "grid.toml:1: traces: 'none/*.csv' names no file in"),
    ],
)
def test_bad_grid_is_refused_with_line_and_key(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_grid(text, "grid.toml")
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)


def test_more_cells_than_can_be_kept_are_refused() -> None:
    numbers = ", ".join(map(str, range(4000)))
    text = f"sizes = [{numbers.replace('0, ', '', 1)}]\nseeds = [{numbers}]"
    with pytest.raises(InputError, match=r"^grid.toml:1: sizes: 15,996,000 cells are over"):
        parse_grid(text, "grid.toml")


def test_globs_of_traces_are_of_the_grids_folder(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    for name in ("b", "a"):
        (tmp_path / "traces" / f"{name}.csv.gz").symlink_to(bundled_path("lmdb_stat_random"))
    path = tmp_path / "grid.toml"
    path.write_text('traces = ["traces/*.gz", "sha256sum_400mb"]\n')
    grid = read_grid(path)
    names = ["traces/a.csv.gz", "traces/b.csv.gz", "sha256sum_400mb"]
    assert [cell.trace for cell in grid.cells] == names
    assert grid.traces["traces/a.csv.gz"] == f"{tmp_path}/traces/a.csv.gz"
    assert grid.traces["sha256sum_400mb"] == str(bundled_path("sha256sum_400mb"))


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_grid_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "grid.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"grid.toml: (cannot be read|this is no text)"):
        read_grid(path)
