"""Somebody else's structure: a sorted array, built against the installed package and registered.

It has what the contract requires and nothing more, so all else is the contract's own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pagecache as pc

HERE = Path(__file__).parent

DESIGN = """
from pagecache.designs import Design
from sorted_array import SortedArray

design = Design(
    "sorted-array", SortedArray, "thp", "One sorted array a file.", "No marks.", (*range(12), 13)
)
"""

BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

names = ("sorted_array", "planted")
modules = [Extension(name, [f"{name}.pyx"], extra_compile_args=["-O1"]) for name in names]
setup(
    script_args=["build_ext", "--inplace"],
    ext_modules=cythonize(modules, include_path=sys.argv[1:], language_level=3),
)
"""

pytestmark = pytest.mark.slow


def run(folder: Path, *command: str, cwd: Path | None = None) -> str:
    """What a command prints on an interpreter that finds what is in `folder`."""
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, *command],
        cwd=folder if cwd is None else cwd,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the structure built, its design named in a distribution's entry points."""
    folder = tmp_path_factory.mktemp("plugin")
    for name in ("sorted_array.pyx", "planted.pyx"):
        (folder / name).write_text((HERE / name).read_text())
    (folder / "sorted_array_design.py").write_text(DESIGN)
    run(folder, "-c", BUILD, str(Path(pc.__file__).parents[1]))
    info = folder / "sorted_array-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sorted_array\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[pagecache.designs]\nsorted-array = sorted_array_design:design\n"
    )
    return folder


def compare(plugin: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    out = plugin / "out.json"
    command = ["-m", "pagecache", "compare", "--json", str(out), "--processes", "1"]
    table = run(plugin, *command, "--rounds", "1", *arguments)
    return json.loads(out.read_text()), table


def test_structure_that_is_no_tree_passes_the_contract(plugin: Path) -> None:
    tests = ["-m", "pytest", "-q", "-k", "sorted-array", str(HERE / "test_contract.py")]
    said = run(plugin, *tests, "-p", "no:cacheprovider", cwd=HERE.parents[1])
    assert " passed" in said
    assert "declares no marks" in said  # and is skipped for that reason, loudly


def test_structure_is_compared_and_lacks_what_it_does_not_declare(plugin: Path) -> None:
    events = "get,populate,scan"
    asked = ("--designs", "thp-multi,sorted-array", "--size", "64M", "--events", events)
    found, table = compare(plugin, *asked)
    rows = {(row["design"], row["event"]): row for row in found["results"]}
    assert rows["sorted-array", "get"]["ns_per_event"] is not None
    assert rows["sorted-array", "scan"]["left_out"] == "it has no marks to scan"
    assert rows["sorted-array", "scan"]["ns_per_event"] is None
    assert rows["thp-multi", "scan"]["ns_per_event"] is not None
    assert rows["sorted-array", "get"]["index_bytes"] == 32 * 24  # room for 32 folios
    line = next(line for line in table.splitlines() if line.startswith("sorted-array"))
    assert line.split()[-1] == "-"


@pytest.mark.parametrize("events", ["get,read-128k,fault-around,huge-fault,truncate", "index-load"])
def test_structure_is_compared_on_a_trace(plugin: Path, events: str) -> None:
    trace = str(pc.inputs.bundled_path("python_import_numpy"))
    asked = ("--designs", "sorted-array,base-4k", "--trace", trace, "--events", events)
    found, _ = compare(plugin, *asked)
    ours = [row for row in found["results"] if row["design"] == "sorted-array"]
    rows = [row for row in ours if row["order"] is None]
    timed = {row["event"] for row in rows if row["ns_per_event"]}
    assert timed == set(events.split(",")) - {"huge-fault"}  # its folios are small


def test_trace_is_replayed_as_into_the_xarray(plugin: Path) -> None:
    script = """
import json, pagecache as pc
path = pc.inputs.bundled_path("python_import_numpy")
one, other = (pc.replay(path, design=name) for name in ("sorted-array", "thp-multi"))
print(json.dumps([*map(one.total, ("pages", "folios", "nodes")), other.total("pages")]))
"""
    pages, folios, nodes, its_pages = json.loads(run(plugin, "-c", script))
    assert pages == its_pages > 0
    assert folios > 0
    assert nodes > 0


PLANTED = """
import json, numpy as np, planted
from pagecache.page.frames import Frames

def frames():
    made = Frames(8)
    made.make_folios(np.uint64([3, 5]), np.uint8([0, 0]))
    return made

one, other = frames(), frames()
index = planted.Fickle(other, 3, 5)
print(json.dumps([
    planted.folio_got(one, 3, 5), one.refcount(3), one.refcount(5),
    index.frame(0), index.asked, other.refcount(3), other.refcount(5),
]))
"""


def test_lookup_looks_again_after_it_took_a_reference(plugin: Path) -> None:
    got, *references, frame, asked, first, second = json.loads(run(plugin, "-c", PLANTED))
    assert got == 5  # what lies there now, not what was referenced first
    assert references == [1, 2]  # that one is put; the caller holds the other
    assert frame == 5
    assert asked == 4  # load, look again: changed; load, look again: as before
    assert (first, second) == (2, 2)  # one of their own and one of the cache's
