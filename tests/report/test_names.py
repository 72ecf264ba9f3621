"""Names that files may have: none is read as markup, and none breaks a line or a terminal."""

import io

import pytest

from pagecache.printable import printable
from pagecache.report.render import print_results, to_html, to_text
from pagecache.report.screen import Screen
from pagecache.report.versus import print_versus
from pagecache.results import Results

NAMES = {
    "[red]x[/red]": "[red]x[/red]",
    "[/]": "[/]",
    ":smile:": ":smile:",
    "{task.id}": "{task.id}",
    "two\nlines": "two\\nlines",
    "esc\x1b[31m": "esc\\x1b[31m",
    "bad\udcff": "bad\\udcff",
    "caf\u00e9": "caf\\xe9",
    "\u202eright": "\\u202eright",
}


@pytest.mark.parametrize("name", NAMES)
def test_name_is_printed_on_one_line_as_ascii(make_result, name: str) -> None:
    text = to_text(Results({"doubts": [f"{name}: a doubt."]}, [make_result(input=name)]))
    assert text.splitlines()[0] == NAMES[name]
    assert f"Doubt: {NAMES[name]}: a doubt." in text
    assert text.isascii()


@pytest.mark.parametrize("name", NAMES)
def test_name_stands_in_a_cell_of_versus(make_result, name: str) -> None:
    results = Results({}, [make_result(input=name)])
    file = io.StringIO()
    print_versus(results, results, file=file)
    assert f" {NAMES[name]} " in file.getvalue().splitlines()[2]


def test_html_escapes_names_and_doubts(make_result) -> None:
    meta = {"doubts": ["<b>: a & b."]}
    html = to_html(Results(meta, [make_result("<i>", input="<script>\udcff")]))
    assert "<h4>&lt;script&gt;\\udcff</h4>" in html
    assert "<td>&lt;i&gt;</td>" in html
    assert "<p><em>Doubt: &lt;b&gt;: a &amp; b.</em></p>" in html
    html.encode()


def test_html_has_a_row_for_each_row_and_a_sentence_for_each(hand_made: Results) -> None:
    html = to_html(hand_made)
    assert html.count("<tr>") == 1 + 6
    assert "<td>8,323</td><td>4,756</td>" in html
    assert "<p>A get takes 10 ns in hugetlb-huge; " in html


def test_terminal_that_knows_the_letter_is_given_it() -> None:
    assert printable("caf\u00e9\n", "utf-8") == "caf\u00e9\\n"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_table_on_a_narrow_terminal_loses_no_number(
    hand_made: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    print_results(hand_made, terminal)
    assert "3,072   100" in terminal.getvalue()
    assert "\u2026" not in terminal.getvalue()


def test_reader_that_has_gone_is_told_to_the_caller() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Screen(Gone()).text("x")
