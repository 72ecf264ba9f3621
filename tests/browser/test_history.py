"""The page of benchmarks over commits in a real browser: drawn, sortable, alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pagecache.report.history.page import write_history

from ..report.asv_files import write_asv
from .test_page import Opened, pytestmark

__all__ = ["pytestmark"]
# Of each graph its width, how many lines it has, and whether all that it holds lies inside it.
DRAWN = """[...document.querySelectorAll("figure svg")].map((graph) => {
  const frame = graph.getBoundingClientRect();
  const inside = (box) => box.left >= frame.left - 1 && box.right <= frame.right + 1
    && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
  return [frame.width, graph.querySelectorAll("polyline").length,
    [...graph.querySelectorAll("text, circle")].every((each) => inside(
      each.getBoundingClientRect()))];
})"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asv")
    return write_history(write_asv(folder / "results"), folder / "page", "Benchmarks")


@pytest.fixture(params=[400, 1400])
def opened(request: pytest.FixtureRequest, browser: Any, written: Path) -> Iterator[Opened]:
    page = Opened(browser, written, viewport={"width": request.param, "height": 900})
    yield page
    page.tab.close()


def test_page_of_a_history_is_drawn_and_sorts_and_asks_nobody(opened: Opened) -> None:
    assert [url for url in opened.requests if not url.startswith("data:")] == [opened.tab.url]
    assert opened.complaints == []
    graphs = opened.tab.evaluate(DRAWN)
    assert [lines for _, lines, _ in graphs] == [1, 2, 1]
    assert all(width > 600 and inside for width, _, inside in graphs)
    wide = opened.tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= opened.tab.viewport_size["width"]
    assert opened.column(1)[0] == "holes.Read.track_failed"
    opened.tab.locator("table.sorts thead th:nth-child(3) button").focus()
    opened.tab.keyboard.press("Enter")
    assert opened.column(3) == ["31.5 ns", "60.0 ns", "7 failures", "51 nodes"]
    link = opened.tab.locator("table.sorts tbody a").first
    link.click()
    assert opened.tab.url.endswith("#b1")
