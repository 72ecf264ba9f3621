"""The study of blocks that fall back: its document is what its grid gives, to the digit."""

from pathlib import Path

import pytest

from pagecache.cli import main
from pagecache.studies.blocks import HEADS, line, markdown
from pagecache.sweep.columns import row_of
from pagecache.sweep.counting import count_file
from pagecache.sweep.grid import read_grid
from pagecache.sweep.sweeping import run_sweep

DOCS = Path(__file__).parents[2] / "docs"
LINES = (DOCS / "blocks-study.md").read_text().splitlines()


def names(text: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in text.split("|")[1:4])


@pytest.mark.parametrize(
    "wanted",
    [
        ("random:64:80%", "2M", "fallback"),
        ("random:64:80%", "2M", "compound"),
        ("random:8", "64K", "min-order"),
        ("none", "4K", "pages"),
    ],
)
def test_line_of_the_document_is_derived_again_from_its_grid(wanted: tuple[str, ...]) -> None:
    cells = [
        cell
        for cell in read_grid(DOCS / "results" / "blocks-grid.toml").cells
        if (cell.fragment, cell.block, cell.alloc) == wanted
    ]
    assert len(cells) == 20
    found = line(wanted, [row_of(cell, count_file(cell)) for cell in cells])
    assert found in LINES


def test_document_has_a_line_for_every_combination_of_its_grid() -> None:
    cells = read_grid(DOCS / "results" / "blocks-grid.toml").cells
    combinations = {(cell.fragment, cell.block, cell.alloc) for cell in cells}
    assert len(combinations) == 48
    told = [names(text) for text in LINES if text.count("|") == len(HEADS) + 1]
    assert combinations == set(told[2:])
    assert len(told[2:]) == 48


def test_table_has_a_line_a_combination_with_means_over_seeds() -> None:
    grid = read_grid(DOCS / "results" / "blocks-grid.toml")
    cells = [cell for cell in grid.cells if cell.fragment == "none" and cell.seed < 2]
    rows = [row_of(cell, count_file(cell)) for cell in cells if cell.block == "2M"]
    head, rule, *lines = markdown(rows)
    assert head == f"| {' | '.join(HEADS)} |"
    assert rule.count("|") == head.count("|")
    assert [names(text)[2] for text in lines] == ["pages", "compound", "fallback", "min-order"]
    assert "| fallback | 0.0 % | 0.0 % | 16.0 | 3.0 |" in lines[2]
    assert lines[0].split("|")[4].strip() == "100.0 %"


def test_study_draws_what_it_prints(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    grid, out, plot = tmp_path / "grid.toml", tmp_path / "out", tmp_path / "ladder.svg"
    grid.write_text('sizes = ["2M"]\nfragment = ["none", "random:8"]\nseeds = [0, 1]\n')
    run_sweep(grid, out, workers=1)
    assert main(["study", "blocks", str(out), "--plot", str(plot)]) == 0
    text = plot.read_text()
    for said in (
        "falls back, % of the file",
        "refused",
        "index, KiB",
        "blocks of 4K",
        "random:8",
        "counted",
    ):
        assert said in text


def test_folder_without_generated_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", "blocks", str(tmp_path)]) == 2
    assert "no sweep is there" in capsys.readouterr().err
