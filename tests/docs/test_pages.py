"""Every example of the documentation runs: Python, sessions, and the commands of the guides."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from pagecache.cli.program import run as main

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
GUIDES = [ROOT / "docs" / "tutorial.md", ROOT / "docs" / "how-to.md"]
# Their examples need files or a compiler, and have tests of their own beside what they are about.
ELSEWHERE = {"your-design-in-c.md", "your-workload.md", "structures.md"}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The examples of one language, in order."""
    text = page.read_text("utf-8")
    return [found[2] for found in BLOCK.finditer(text) if found[1] == language]


def having(language: str, pages: list[Path] = PAGES) -> list[Path]:
    told = language == "python"
    return [
        page for page in pages if blocks(page, language) and (told or page.name not in ELSEWHERE)
    ]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


GRID = """
designs = ["thp-multi"]
sizes = ["1M"]
alloc = ["fallback"]
blocks = ["4K"]
fragment = ["none"]
seeds = [0]
"""


def prepare(page: Path) -> None:
    """What an example finds in its directory: a table that a command above it has made."""
    if page.stem == "sweep":
        for module in ("pandas", "pyarrow"):
            pytest.importorskip(module, reason="the extra `data` is not installed")
        Path("grid.toml").write_text(GRID)
        assert main(["sweep", "grid.toml", "-o", "out"]) == 0


@pytest.mark.parametrize("page", having("python"), ids=name)
def test_python_runs(page: Path) -> None:
    prepare(page)
    names: dict[str, object] = {"__name__": "__main__"}
    for number, block in enumerate(blocks(page, "python"), 1):
        exec(compile(block, f"{name(page)}, example {number}", "exec"), names)


@pytest.mark.parametrize("page", having("pycon"), ids=name)
def test_sessions_answer_as_they_show(page: Path) -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    test = parser.get_doctest("\n".join(blocks(page, "pycon")), {}, name(page), name(page), 0)
    assert test.examples
    said: list[str] = []
    runner.run(test, out=said.append)
    assert not runner.failures, "".join(said)


@pytest.mark.parametrize("page", having("console"), ids=name)
def test_commands_print_what_is_shown(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks(page, "console"):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = session.partition("\n")
            assert main(shlex.split(command)[1:]) == 0
            assert capsys.readouterr().out.strip() == shown.strip()


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_commands_of_the_guides_run(page: Path, elsewhere: Path) -> None:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    assert len(lines) >= 4
    plots = any("--plot" in line for line in lines)
    if plots:
        pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    for line in lines:
        words = shlex.split(line, comments=True)
        assert words[0] == "pagecache"
        assert main(words[1:]) == 0, line
    written = {path.name for path in elsewhere.iterdir()}
    assert {"out.json", "page"} <= written


def test_every_page_stands_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    listed = re.findall(r"([\w/-]+\.md)", text)
    assert sorted(listed) == [page.relative_to(ROOT / "docs").as_posix() for page in PAGES]
