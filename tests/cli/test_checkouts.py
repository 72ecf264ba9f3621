"""Python that strips asserts and docstrings, sources that are not built, and no compiler."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import pagecache as pc
from pagecache.cli.program import COMMANDS

ROOT = Path(pc.__file__).parents[1]
VECTORS = Path(__file__).parents[1] / "data"
QUICK = ["--rounds", "1", "--processes", "1"]
EVERY_COMMAND = [
    ["compare", "--size", "2M", *QUICK, "--events", "get", "--json", "out.json"],
    ["compare", "--holes", "no-entry", "--size", "1M", *QUICK, "--events", "fill"],
    ["show", "out.json"],
    ["designs"],
    ["explain", "0x1234", "--design", "base-4k"],
    ["sweep", "grid.toml", "--dry-run"],
    ["traces"],
    ["readahead", "--kernel", "6.6"],
    ["live", "record.jsonl"],
    ["conformance", "record.jsonl"],
    ["verify", str(VECTORS / "traces" / "git_log_p.filemap.csv.gz")],
    ["study"],
    ["study", "attack", "--width", "4"],
    ["study", "layouts"],
    ["study", "scopes"],
    ["study", "sizes"],
]
if find_spec("matplotlib"):  # an extra
    EVERY_COMMAND.append(["report", "out.json", "-o", "page"])
RECORD = """{"flags": "", "chunk_shift": 6}
{"op": "store", "i": 64, "order": 6, "e": "v7", "r": "-"}
{"op": "load", "i": 100, "r": "v7", "order": 6}
"""
ALL_AT_ONCE = f"""
import contextlib, io
from pagecache.cli.program import COMMANDS, run
for arguments in {EVERY_COMMAND!r}:
    print(run(arguments))
for name in ["", *COMMANDS]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        run([*name.split(), "--help"])
    assert_said = COMMANDS.get(name, "What a page-cache design costs")
    print(0 if " ".join(said.getvalue().split()).find(assert_said) > 0 else name)
"""


def run(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_has_its_smoke_test() -> None:
    """Except for `record`, which wants tracefs, and `report` without its extra."""
    left = set(COMMANDS) - {name for name, *_ in EVERY_COMMAND}
    assert left <= {"record", "report"}


def test_every_command_works_without_asserts_and_docstrings(tmp_path: Path) -> None:
    """Workers take PYTHONOPTIMIZE from their environment."""
    (tmp_path / "record.jsonl").write_text(RECORD)
    (tmp_path / "grid.toml").write_text('sizes = ["2M"]\n')
    ran = run("-c", ALL_AT_ONCE, cwd=tmp_path, PYTHONOPTIMIZE="2")
    assert (ran.returncode, ran.stderr) == (0, "")
    codes = [line for line in ran.stdout.splitlines() if line in {"0", "1", "2", *COMMANDS}]
    assert codes == ["0"] * (len(EVERY_COMMAND) + 1 + len(COMMANDS))


@pytest.fixture
def unbuilt(tmp_path: Path) -> Path:
    """The sources alone, as a checkout has them."""
    shutil.copytree(
        ROOT / "pagecache",
        tmp_path / "pagecache",
        ignore=shutil.ignore_patterns("*.so", "*.c", "__pycache__", "data"),
    )
    return tmp_path


@pytest.mark.parametrize("code", ["import pagecache", "from pagecache import XArray"])
def test_checkout_that_is_not_built_says_what_to_do_in_one_line(unbuilt: Path, code: str) -> None:
    ran = run("-c", code, cwd=unbuilt)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == (
        f"ImportError: {unbuilt / 'pagecache'} is a source checkout that is not built; run "
        f"'pip install -e .' in {unbuilt}, or change to another directory to use an installed one"
    )
    ran = run("-m", "pagecache", "--version", cwd=unbuilt)
    assert "is a source checkout that is not built" in ran.stderr.splitlines()[-1]


@pytest.mark.skipif(not (ROOT / "setup.py").exists(), reason="the sources are not beside the tests")
@pytest.mark.parametrize("compiler", [None, "no-such-compiler -g"])
def test_build_without_a_compiler_says_that_one_is_missing(
    unbuilt: Path, compiler: str | None
) -> None:
    shutil.copy(ROOT / "setup.py", unbuilt)
    bin_ = unbuilt / "bin"
    bin_.mkdir()
    (bin_ / "python3").symlink_to(sys.executable)
    given = {} if compiler is None else {"CC": compiler}
    ran = run("setup.py", "-q", "build_ext", "--inplace", cwd=unbuilt, PATH=str(bin_), **given)
    assert ran.returncode != 0
    assert ran.stderr.splitlines()[-1].endswith(
        "is not installed, and pagecache needs a C compiler; install one "
        "(apt install gcc, dnf install gcc, apk add gcc musl-dev) and run this again"
    )
    assert "Traceback" not in ran.stderr
