"""docs/your-workload.md: its table is that of the readers, and its examples do what they show."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from pagecache.cli import main
from pagecache.inputs.formats import FORMATS

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs" / "your-workload.md"
CONSOLE = re.compile(r"```console\n\$ pagecache (.*)\n((?:.*\n)*?)```")


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def table() -> str:
    rows = ["| format | it holds | found by |", "|---|---|---|"]
    for form in FORMATS:
        found = f"`--format {form.name}`" if form.bare else "its content"
        if form.unit is not None:
            found += f"; a position counts {form.unit} bytes, or what `{form.name}:BYTES` says"
        rows.append(f"| {form.name} | {form.holds} | {found} |")
    return "\n".join(rows)


def test_table_is_that_of_the_readers() -> None:
    assert table() in DOCS.read_text(encoding="utf-8")


def test_commands_print_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shown = CONSOLE.findall(DOCS.read_text(encoding="utf-8"))
    assert len(shown) == 2
    for command, output in shown:
        main(shlex.split(command))
        printed = capsys.readouterr()
        assert printed.out + printed.err == output


def test_examples_run() -> None:
    failed, tried = doctest.testfile(str(DOCS), module_relative=False)
    assert (failed, tried > 8) == (0, True)
