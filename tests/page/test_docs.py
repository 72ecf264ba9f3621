"""What the pages on scopes and sizes show is what the code prints."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["allocation-scopes", "sizes"])
def test_page_shows_what_is_printed(page: str) -> None:
    path = DOCS / f"{page}.md"
    failed, tried = doctest.testfile(str(path), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 10
    assert failed == 0
