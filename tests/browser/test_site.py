"""The documentation in a real headless browser, opened from a folder: it searches offline."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Tab

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
NEEDED = ("material", "mkdocstrings_handlers.python", "nbclient", "ipykernel", "matplotlib")


def has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once, with warnings as errors."""
    if not all(map(has, NEEDED)):
        pytest.skip("the extra `docs` is not installed")
    place = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, str(ROOT / "tools" / "build-docs"), "-o", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in place.parent.iterdir()] == ["site"]
    return place


@pytest.fixture(params=["index", "tutorial", "notebook", "reference/xarray"])
def opened(request: pytest.FixtureRequest, browser: Any, site: Path) -> Iterator[Tab]:
    page = Tab(browser, site / f"{request.param}.html", viewport={"width": 1400, "height": 900})
    yield page
    page.tab.close()


def test_no_request_leaves_and_nothing_is_complained_of(opened: Tab) -> None:
    opened.tab.wait_for_load_state("networkidle")
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    assert opened.complaints == []


def test_search_finds_the_page_without_a_network(browser: Any, site: Path) -> None:
    page = Tab(browser, site / "index.html", viewport={"width": 1400, "height": 900})
    page.tab.locator(".md-search__input").focus()
    page.tab.keyboard.type("sibling")
    found = page.tab.locator(".md-search-result__link")
    found.first.wait_for()
    places = [str(link.get_attribute("href")) for link in found.all()]
    assert any("reference/" in place or "xarray.html" in place for place in places)
    assert page.complaints == []
    page.tab.keyboard.press("Escape")
    page.tab.close()


def test_notebook_shows_what_its_cells_gave(browser: Any, site: Path) -> None:
    page = Tab(browser, site / "notebook.html", viewport={"width": 1400, "height": 900})
    pictures = page.tab.locator("article img").all()
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.evaluate("image => image.naturalWidth") == 800
    (plot,) = page.tab.locator("article .output svg").all()
    box = plot.bounding_box()
    assert box["width"] > 600
    assert box["height"] > 200
    text = page.tab.locator("article").inner_text()
    assert re.search(r"hugetlb-4k-slots\s+261", text)
    page.tab.close()


def test_notebook_is_no_wider_than_a_narrow_window(browser: Any, site: Path) -> None:
    page = Tab(browser, site / "notebook.html", viewport={"width": 400, "height": 900})
    assert page.tab.evaluate("document.documentElement.scrollWidth") == 400
    assert page.tab.locator("article .output svg").bounding_box()["width"] > 300
    page.tab.close()


def test_reference_has_the_names_with_their_examples(site: Path) -> None:
    text = (site / "reference" / "xarray.html").read_text("utf-8")
    for name in ("store_many", "set_mark", "walk", "Cursor"):
        assert f">{name}<" in text
    commands = (site / "reference" / "commands.html").read_text("utf-8")
    assert "--meanwhile" in commands


def test_a_warning_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    if not all(map(has, NEEDED)):
        pytest.skip("the extra `docs` is not installed")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("[a page](missing.md)\n")
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nstrict: true\n")
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "build-docs"
    script.write_text((ROOT / "tools" / "build-docs").read_text())
    place = tmp_path / "out" / "site"
    command = [sys.executable, str(script), "-o", str(place)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    assert list(place.parent.iterdir()) == []


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "kept").write_text("kept")
    script = str(ROOT / "tools" / "build-docs")
    command = [sys.executable, script, "-o", str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert (tmp_path / "site" / "kept").read_text() == "kept"
