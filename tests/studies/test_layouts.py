"""``pagecache study layouts``: what is printed of the layouts of struct page."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from pagecache.page.layouts import LAYOUTS, find
from pagecache.studies.layouts import plain, render, rows, sentences

NAMES = list(LAYOUTS)
PROSE = Path(__file__).parents[2] / "docs" / "struct-page.md"


@pytest.mark.parametrize("name", NAMES)
def test_table_shows_each_field_once_at_its_offset(name: str) -> None:
    layout = find(name)
    table = {row[0]: row[1:] for row in rows(name)}
    assert sum(cell != "" for row in table.values() for cell in row) == len(layout.fields)
    for f in layout.fields:
        assert table[str(f.offset)][layout.users.index(f.user)] == f"{f.name} {f.size}"


@pytest.mark.parametrize("terminal", [True, False])
def test_layout_is_printed_for_terminals_and_files(terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=200)
    render("after-2018", console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert ("\x1b[" in text) == terminal
    assert "5 words in a row (40 bytes) from 8" in text
    assert "bit 0 of byte 8 stays 0" in text


def test_layouts_named_are_printed_and_all_of_them_without_a_name(run) -> None:
    ran = run("study", "layouts", "folio")
    assert (ran.code, ran.err) == (0, "")
    assert "dma_addr 8" in ran.out
    assert ran.out.isascii()
    everything = run("study", "layouts").out
    assert everything.endswith(ran.out)
    assert all(f"struct page, {name} (" in everything for name in LAYOUTS)


def test_unknown_layout_is_refused_before_any_is_printed(run) -> None:
    ran = run("study", "layouts", "folio", "foil")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("pagecache: unknown layout 'foil'; known: before-2018")


@pytest.mark.skipif(not PROSE.exists(), reason="docs/ is not part of the distribution")
def test_prose_shows_the_layouts_as_they_are_printed() -> None:
    text = PROSE.read_text()
    for name in ("before-2018", "after-2018"):
        assert plain(name) in text
        assert all(line in text for line in sentences(name))
