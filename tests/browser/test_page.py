"""The page of results in a real headless browser: it draws, sorts, and asks nobody for anything."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pagecache.report.page.writer import write_page
from pagecache.report.table import panels_of
from pagecache.results import Results, read_results

from .conftest import Tab

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs" / "results"
NAMES = ("default", "reading", "scattered", "threads-hot", "threads-uniform", "threads-writer")
MOST_BYTES = 300_000
# Of each plot its width and height; of each mark in it its width, and its title.
DRAWN = """[...document.querySelectorAll("figure svg")].map((plot) => [
  plot.getBoundingClientRect().width, plot.getBoundingClientRect().height,
  [...plot.querySelectorAll("g.told")].map((mark) => [
    mark.getBoundingClientRect().width, mark.querySelector("title").textContent])])"""


@pytest.fixture(scope="module")
def results() -> list[Results]:
    return [read_results(DOCS / f"{name}.json") for name in NAMES]


class Opened(Tab):
    """The page of results."""

    def column(self, number: int) -> list[str]:
        """The cells of a column of the first table, from the top down."""
        cells = self.tab.locator(f"table.sorts >> nth=0 >> tbody tr td:nth-child({number})")
        return [str(text) for text in cells.all_inner_texts()]


@pytest.fixture(scope="module")
def written(results: list[Results], tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    runs = list(zip(NAMES, results, strict=True))
    return write_page(runs, tmp_path_factory.mktemp("page"), "Results")


def test_page_of_six_runs_is_small(written: Path) -> None:
    assert written.stat().st_size <= MOST_BYTES


@pytest.fixture(params=[400, 1400])
def opened(request: pytest.FixtureRequest, browser: Any, written: Path) -> Iterator[Opened]:
    page = Opened(browser, written, viewport={"width": request.param, "height": 900})
    yield page
    page.tab.close()


def test_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened: Opened) -> None:
    assert [url for url in opened.requests if not url.startswith("data:")] == [opened.tab.url]
    assert opened.complaints == []


def test_every_plot_is_drawn_with_a_mark_for_each_value(
    opened: Opened, results: list[Results]
) -> None:
    plots = opened.tab.evaluate(DRAWN)
    assert len(plots) == sum(len(panels_of(run)) for run in results)
    for width, height, marks in plots:
        assert width > 300
        assert height > 120
        assert len(marks) >= 3
        for wide, title in marks:
            assert wide > 1
            assert re.search(r": [\d.,]+ (ns|us|ms|million)", title)


def test_nothing_is_wider_than_the_window(opened: Opened) -> None:
    width = opened.tab.evaluate("document.documentElement.scrollWidth")
    assert width <= opened.tab.viewport_size["width"]


def test_table_sorts_by_a_click_and_back_by_the_next(opened: Opened) -> None:
    head = opened.tab.locator("table.sorts >> nth=0 >> thead th:nth-child(2) button")
    head.click()
    nodes = [int(text.replace(",", "")) for text in opened.column(2) if text]
    assert nodes == sorted(nodes)
    assert len(nodes) >= 3
    head.click()
    turned = [int(text.replace(",", "")) for text in opened.column(2) if text]
    assert turned == nodes[::-1]


def test_table_sorts_by_the_keyboard(opened: Opened) -> None:
    before = opened.column(1)
    opened.tab.locator("table.sorts >> nth=0 >> thead th:nth-child(1) button").focus()
    opened.tab.keyboard.press("Enter")
    assert opened.column(1) == sorted(before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_page(browser: Any, written: Path, scheme: str) -> None:
    page = Opened(browser, written, color_scheme=scheme)
    colours = page.tab.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    ink, paper = (sum(map(int, colour[4:-1].split(","))) for colour in colours)
    assert (ink < paper) == (scheme == "light")
    assert abs(ink - paper) > 3 * 150
    page.tab.close()
