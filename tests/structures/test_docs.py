"""The table of docs/structures.md says what was counted, and its example runs."""

import re
from pathlib import Path

import pytest

from pagecache.structures.maple_proposal.loops import erase_each, store_each
from pagecache.structures.maple_proposal.proposal import ProposalTree

from .bytes_a_page import FILES, LONG, row
from .fills import counted
from .node_rows import is_long, steps

TEXT = (Path(__file__).parents[2] / "docs" / "structures.md").read_text()
PAIR = r" ([\d,]+) / ([\d,]+) \|"
ROW = re.compile(rf"^\| (.+?) \|{PAIR}{PAIR}{PAIR}$", re.MULTILINE)


def proposed(fill: str) -> int:
    """The proposal's nodes of a fill, counted in its tree."""
    stored, order, erased = steps(fill)
    tree = ProposalTree()
    assert store_each(tree, stored, order) == len(stored)
    assert erase_each(tree, erased) == len(erased)
    return tree.nodes


def test_table_says_what_was_counted() -> None:
    radix, maple = counted("radix tree 4.19"), counted("maple tree 6.16, RCU mode")
    rows = ROW.findall(TEXT)
    assert len(rows) > 10
    for fill, *cells in rows:
        nodes, size, ranges, range_bytes, ours, our_bytes = (
            int(cell.replace(",", "")) for cell in cells
        )
        assert (nodes, size) == (radix[fill], 576 * radix[fill]), fill
        assert (ranges, range_bytes) == (maple[fill], 256 * maple[fill]), fill
        if not is_long(fill):
            assert (ours, our_bytes) == (proposed(fill), 256 * ours), fill


def test_example_prints_what_its_comments_say(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(example, {})
    assert capsys.readouterr().out == "7 1\n7 1\n"


@pytest.mark.parametrize(
    "file", [pytest.param(file, marks=[pytest.mark.slow] * (file in LONG)) for file in FILES]
)
def test_bytes_a_page_are_what_was_counted(file: str) -> None:
    (line,) = [line for line in TEXT.splitlines() if line.startswith(f"| {file} | ")]
    told = line.strip("| ").split(" | ")[1:]
    counted_now = row(file)
    if "shadow" in file:
        counted_now[3:] = ["-", "-"]  # neither keeps shadow entries
    assert told == counted_now
