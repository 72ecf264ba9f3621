"""docs/readahead.md shows what the commands print, and the tables say what the switches do."""

import doctest
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from pagecache.cli import main
from pagecache.mapping.readahead.kernels import CHANGES, FIRST, MEANING, Switch

DOCS = Path(__file__).parents[3] / "docs" / "readahead.md"
CONSOLE = re.compile(r"```console\n\$ pagecache (.*)\n((?:.*\n)*?)```")


def cell(value: Switch) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def change_rows() -> list[str]:
    rows = []
    for change in CHANGES[1:]:
        moved = ", ".join(f"`{name}`: {cell(value)}" for name, value in change.switches.items())
        rows.append(f"| {change.since} | {change.title} | {moved} |")
    return rows


def switch_rows() -> list[str]:
    return [f"| `{name}` | {cell(value)} | {MEANING[name]} |" for name, value in FIRST.items()]


@pytest.mark.parametrize("rows", [change_rows, switch_rows])
def test_tables_are_those_of_the_code(rows: Callable[[], list[str]]) -> None:
    assert "\n".join(rows()) in DOCS.read_text(encoding="utf-8")


def test_commands_print_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shown = CONSOLE.findall(DOCS.read_text(encoding="utf-8"))
    assert len(shown) == 4
    for command, output in shown:
        assert main(shlex.split(command)) == 0
        assert capsys.readouterr().out == output


def test_examples_run() -> None:
    failed, tried = doctest.testfile(str(DOCS), module_relative=False)
    assert (failed, tried > 5) == (0, True)
