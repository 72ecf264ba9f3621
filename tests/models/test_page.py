"""The tables of docs/concurrency.md are those of a run: names, states and sentences."""

from pathlib import Path
from typing import Any

import pytest

from .test_models import FAULTS, PROOFS

PAGE = (Path(__file__).parents[2] / "docs" / "concurrency.md").read_text()


def rows(checker: Any, name: str) -> dict[str, list[str]]:
    """The rows of a table, by their first cell."""
    lines = checker["page"].between(PAGE, name).partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def test_page_has_every_run(checker: Any) -> None:
    assert list(rows(checker, "proofs")) == list(PROOFS)
    assert list(rows(checker, "faults")) == list(FAULTS)
    for name, row in rows(checker, "faults").items():
        assert row[0] == FAULTS[name]["planted"]
        assert row[2] == FAULTS[name]["found"]


def test_page_has_the_orders_as_they_are_named(checker: Any) -> None:
    page = checker["page"]
    assert page.between(PAGE, "orders") == page.of_orders(checker["catalogue"].protocols())


@pytest.mark.slow
@pytest.mark.parametrize("run", PROOFS)
def test_states_are_those_of_the_page(run: str, checker: Any, searched: Any) -> None:
    found = searched[run]
    assert rows(checker, "proofs")[run][1:3] == [f"{found.states:,}", str(found.depth)]


@pytest.mark.slow
@pytest.mark.parametrize("run", FAULTS)
def test_stories_are_those_of_the_page(run: str, checker: Any, searched: Any) -> None:
    story = searched[run].story
    assert rows(checker, "faults")[run][1] == str(len(story.steps))
    if run in checker["page"].TOLD:
        assert f"```\n{story}\n```" in checker["page"].between(PAGE, "stories")


def test_page_without_marks_is_refused(checker: Any) -> None:
    with pytest.raises(ValueError, match="it has no lines <!-- proofs -->"):
        checker["page"].replaced("nothing to replace\n", "proofs", "x")


def test_text_around_a_table_stays(checker: Any) -> None:
    page = checker["page"]
    begin, end = page.marks("faults")
    assert page.replaced(f"a\n{begin}{end}b\n", "faults", "x\n") == f"a\n{begin}x\n{end}b\n"
