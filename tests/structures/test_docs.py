"""The table of docs/structures.md says what was counted, and its example runs."""

import re
from pathlib import Path

import pytest

from .fills import counted

TEXT = (Path(__file__).parents[2] / "docs" / "structures.md").read_text()
ROW = re.compile(r"^\| (.+?) \| ([\d,]+) / ([\d,]+) \| ([\d,]+) / ([\d,]+) \|$", re.MULTILINE)


def test_table_says_what_was_counted() -> None:
    radix, maple = counted("radix tree 4.19"), counted("maple tree 6.16, RCU mode")
    rows = ROW.findall(TEXT)
    assert len(rows) > 10
    for fill, *cells in rows:
        nodes, size, ranges, range_bytes = (int(cell.replace(",", "")) for cell in cells)
        assert (nodes, size) == (radix[fill], 576 * radix[fill]), fill
        assert (ranges, range_bytes) == (maple[fill], 256 * maple[fill]), fill


def test_example_prints_what_its_comments_say(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(example, {})
    assert capsys.readouterr().out == "7 1\n7 1\n"
