"""The pivots of a sweep in a real browser: what is chosen is what is drawn, from the page alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pagecache.report.page.pivot import write_pivots
from pagecache.sweep.sweeping import read_sweep, run_sweep

from .test_page import Opened, pytestmark

__all__ = ["pytestmark"]
GRID = 'sizes = ["2M", "8M"]\nblocks = ["4K", "2M"]\nseeds = [0, 1]\n'


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "grid.toml").write_text(GRID)
    run_sweep(folder / "grid.toml", folder / "out", workers=1)
    write_pivots(folder / "out", folder / "out", "Pivots")
    return folder / "out"


@pytest.fixture
def opened(browser: Any, sweep: Path) -> Iterator[Opened]:
    page = Opened(browser, sweep / "index.html")
    yield page
    page.tab.close()


def drawn(opened: Opened) -> list[list[str]]:
    rows = opened.tab.locator("#pivot tr").all()
    return [row.locator("th, td").all_inner_texts() for row in rows]


def test_pivot_holds_the_means_of_its_groups(opened: Opened, sweep: Path) -> None:
    opened.tab.select_option("#value", "slots_written")
    rows = read_sweep(sweep)[0]
    wanted = {}
    for row in rows:
        key = f"{row['size'] >> 20} MiB", str(row["block"])
        wanted.setdefault(key, []).append(row["slots_written"])
    head, *body = drawn(opened)
    assert head == ["size \\ block", "4K", "2M"]
    for size, *cells in body:
        for block, text in zip(head[1:], cells, strict=True):
            numbers = wanted[size, block]
            assert float(text.replace(",", "")) == sum(numbers) / len(numbers)
    assert "mean of slots_written over 8 cells" in opened.tab.locator("#note").inner_text()


def test_rows_columns_and_filters_are_chosen_on_the_page(opened: Opened) -> None:
    opened.tab.select_option("#rows", "block")
    opened.tab.select_option("#columns", "seed")
    opened.tab.select_option("#of", "cells")
    assert drawn(opened) == [["block \\ seed", "0", "1"], ["4K", "2", "2"], ["2M", "2", "2"]]
    opened.tab.locator("#filters select").first.select_option("8388608")
    assert drawn(opened)[1:] == [["4K", "1", "1"], ["2M", "1", "1"]]


def test_page_asks_for_nothing_and_complains_of_nothing(opened: Opened) -> None:
    assert [url for url in opened.requests if not url.startswith("data:")] == [opened.tab.url]
    assert opened.complaints == []
