"""docs/your-design-in-c.md is followed as it is written: its commands, in a folder of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pagecache import designs

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "your-design-in-c.md").read_text()
COMMANDS = re.findall(r"^\$ (.*)$", TEXT, re.MULTILINE)

pytestmark = pytest.mark.slow


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a checkout has, with the commands of this environment in PATH."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler is installed")
    for name in ("examples", "tests", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "include").symlink_to(designs.include())
    (tmp_path / "mine.c").write_text((ROOT / "examples" / "sorted_array.c").read_text())
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name, module in (("pagecache", "-m pagecache"), ("pytest", "-m pytest"), ("python3", "")):
        script = bin_ / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {module} "$@"\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    return tmp_path


def said(command: str, folder: Path) -> str:
    ran = subprocess.run(
        ["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, ""), f"{command}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


def test_commands_do_what_the_text_says(checkout: Path) -> None:
    build, compare, build_mine, explain, contract = COMMANDS
    assert said(build, checkout) == ""
    table = said(f"{compare} --rounds 1 --processes 1", checkout)
    (row,) = re.findall(
        r"^\./sorted_array\.so +1 +0\.750 .*$", table, re.MULTILINE
    )  # KiB of 32 folios
    assert "left out" not in table
    assert len(row.split()) > 5
    assert said(build_mine, checkout) == ""
    assert (checkout / "mine.so").exists()
    drawn = re.search(r"\$ pagecache explain[^\n]*\n(.*?)```", TEXT, re.DOTALL)
    assert drawn is not None
    assert said(explain, checkout) == drawn[1]
    assert re.search(r"\d+ passed", said(contract, checkout))


def test_verbs_that_the_text_names_are_those_of_the_header() -> None:
    header = Path(designs.include(), "pagecache_design.h").read_text()
    verbs = re.findall(r"\(\*(\w+)\)\(", header)
    section = TEXT.partition("## What to write")[2].partition("## Is it right?")[0]
    for verb in verbs:
        assert verb in ("check", "load") or f"`{verb}`" in section, verb
