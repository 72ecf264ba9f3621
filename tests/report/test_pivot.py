"""The page of a sweep: all of its table is in it, and nothing else is needed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pagecache.cli import main
from pagecache.report.page.pivot import data_of
from pagecache.sweep.directory import Question, opened
from pagecache.sweep.grid import parse_grid
from pagecache.sweep.sweeping import Swept, keep_all
from pagecache.sweep.task import Outcome, Task, run_task

GRID = 'sizes = ["2M", "4M"]\nalloc = ["compound", "fallback"]\nblocks = ["2M"]\nseeds = [0, 1]\n'


class Here:
    """Runs cells in this process."""

    workers, bytes = 1, 0

    def outcomes(self, tasks: Iterator[Task]) -> Iterator[Outcome]:
        yield from map(run_task, tasks)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "out"
    question = Question.of(parse_grid(GRID, "grid.toml"))
    tasks = [question.task(cell) for cell in question.grid.cells]
    with opened(folder, question) as out:
        keep_all(out, Here(), tasks, Swept(8, 0), lambda swept: None)
    return folder


def embedded(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="table">(.*?)</script>', page, re.S)
    assert found is not None
    table: dict[str, object] = json.loads(found[1])
    return table


def test_page_of_a_sweep_holds_its_table_and_asks_for_nothing(
    sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(sweep), "-o", str(tmp_path), "--title", "a <b> & </script>"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/index.html\n"
    page = (tmp_path / "index.html").read_text()
    table = embedded(page)
    assert table["choices"] == ["size", "alloc", "seed"]
    assert table["length"] == 8
    assert table["columns"]["order_9"] == [1, 1, 1, 1, 2, 2, 2, 2]  # type: ignore[index]
    assert table["first"] == {"rows": "size", "columns": "alloc", "value": "nodes"}
    assert "<h1>a &lt;b&gt; &amp; &lt;/script&gt;</h1>" in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "http" not in page


def test_page_goes_into_the_sweep_if_no_place_is_named(sweep: Path) -> None:
    assert main(["report", str(sweep)]) == 0
    assert (sweep / "index.html").is_file()


@pytest.mark.parametrize(
    ("more", "complaint"),
    [(["other.json"], "a sweep has a page of its own"), ([], "-o: it is missing")],
)
def test_what_has_no_page_is_refused(
    sweep: Path, more: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(sweep), *more] if more else ["some.json"]
    assert main(["report", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_empty_sweep_has_a_page_too() -> None:
    found = data_of([])
    assert (found["length"], found["choices"], found["values"]) == (0, ["design"], ["nodes"])
