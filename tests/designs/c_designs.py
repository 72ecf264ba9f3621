"""Shared objects built from C for a test: the worked example, and what was made of it."""

import atexit
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

from pagecache import designs

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "sorted_array.c"
LINE = re.compile(r"^ \*\t(cc .*)$", re.MULTILINE)  # how the example says that it is built


BEARS_CRASHES = pytest.mark.skipif(
    "asan" in os.environ.get("LD_PRELOAD", ""), reason="asan ends a process that crashes itself"
)


def cc_line() -> str:
    found = LINE.search(EXAMPLE.read_text())
    assert found is not None
    return found[1]


def build(source: Path, out: Path, *options: str) -> str:
    """Build a shared object with the options of the example's own line; its path."""
    line = cc_line().split()
    line[line.index("include")] = designs.include()
    line[line.index("examples/sorted_array.c")] = str(source)
    line[line.index("sorted_array.so")] = str(out)
    ran = subprocess.run([*line, *options], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return str(out)


@cache
def built_example() -> str | None:
    """The path of the example, built; None without a compiler."""
    if shutil.which("cc") is None or not EXAMPLE.exists():
        return None
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return build(EXAMPLE, Path(folder) / "sorted_array.so", "-Wall", "-Wextra", "-Werror")


def altered(folder: Path, name: str, old: str, new: str) -> str:
    """The example with one place changed, built; its path."""
    text = EXAMPLE.read_text()
    assert text.count(old) == 1, old
    source = folder / f"{name}.c"
    source.write_text(text.replace(old, new))
    return build(source, folder / f"{name}.so")
