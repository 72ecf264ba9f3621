"""The example of a design in C: as a shared object, and compiled into a module of ours.

Both rows are the same C functions; the loop makes one indirect call an event to either.  So they
take the same time, and all but the same instructions.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pagecache import designs
from pagecache.designs import Design

from . import instructions
from .common import SOURCES, Benchmark, Built

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "sorted_array.c"
INSIDE, SHARED = "compiled in", "shared object"

BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

source, *folders = sys.argv[1:]
options = {"extra_compile_args": ["-O3", "-fvisibility=hidden"], "include_dirs": folders}
setup(
    script_args=["-q", "build_ext", "--inplace"],
    ext_modules=cythonize(
        [Extension("c_inside", [source], **options)],
        include_path=folders,
        language_level=3,
        compiler_directives={"boundscheck": False, "wraparound": False, "initializedcheck": False},
    ),
)
"""

DESIGN = """
from c_inside import Inside
from pagecache.designs import Design

design = Design("inside", Inside, "thp", "One sorted array a file.", ".", (*range(12), 13))
"""


def build(folder: Path) -> None:
    """Build both into a folder, where a distribution names the one that is compiled in."""
    source = folder / "c_inside.pyx"
    source.write_text((ROOT / "benchmarks" / "c_inside.pyx").read_text())
    package = str(Path(designs.include()).parents[1])
    folders = [package, designs.include(), str(EXAMPLE.parent)]
    run([sys.executable, "-c", BUILD, source.name, *folders], folder)
    out = str(folder / "sorted_array.so")
    run(["cc", "-O3", "-shared", "-fPIC", "-I", designs.include(), "-o", out, str(EXAMPLE)], folder)
    (folder / "c_inside_design.py").write_text(DESIGN)
    info = folder / "c_inside-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: c_inside\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pagecache.designs]\ninside = c_inside_design:design\n")


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-1000:]}")


def need_compilers() -> None:
    """NotImplementedError, with the remedy, without a C compiler or Cython."""
    if shutil.which("cc") is None or importlib.util.find_spec("Cython") is None:
        raise NotImplementedError("a C compiler and Cython build this; pip install Cython")


class Shared(Benchmark):
    """Does a design cost the same in a shared object as in the package?"""

    params: Any = ((INSIDE, SHARED),)
    param_names = ("where",)

    def setup_cache(self) -> str:
        need_compilers()
        folder = Path(tempfile.mkdtemp(prefix="c-design-"))
        build(folder)
        return str(folder)

    def setup(self, folder: str, where: str) -> None:
        self.built = Built(design(Path(folder), where), SOURCES["2 GiB uniform"])

    def time_get(self, folder: str, where: str) -> None:
        self.built.batch.get(self.built.file, self.built.index)

    def time_index_load(self, folder: str, where: str) -> None:
        self.built.batch.load(self.built.file, self.built.index)

    def time_populate_and_truncate(self, folder: str, where: str) -> None:
        self.built.empty()
        self.built.fill()


def design(folder: Path, where: str) -> Design:
    """One of the two designs, in this process."""
    if where == SHARED:
        return designs.find(str(folder / "sorted_array.so"))
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    found: Design = importlib.import_module("c_inside_design").design
    return found


class Counted(Benchmark):
    """Does it take the same instructions?"""

    params: Any = ((INSIDE, SHARED),)
    param_names = ("where",)
    unit = "instructions"

    def setup_cache(self) -> instructions.Counts:
        need_compilers()
        if not shutil.which("valgrind"):
            raise NotImplementedError("valgrind is not installed; apt install valgrind")
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder))
            return count(Path(folder))

    def setup(self, counts: instructions.Counts, where: str) -> None:
        pass

    def track_instructions_get(self, counts: instructions.Counts, where: str) -> float:
        return counts[where, "get"]

    def track_instructions_populate(self, counts: instructions.Counts, where: str) -> float:
        return counts[where, "populate"]


def count(folder: Path) -> instructions.Counts:
    """Instructions an event of both, by place and loop."""
    shared = str(folder / "sorted_array.so")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), before)))
    try:
        counts = instructions.count_instructions(("inside", shared)) or {}
    finally:
        os.environ["PYTHONPATH"] = before or ""
    places = {"inside": INSIDE, shared: SHARED}
    return {(places[name], loop): each for (name, loop), each in counts.items()}
