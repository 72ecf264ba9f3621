"""The asv suites keep to the registry, and each of their bodies runs."""

import importlib
import importlib.util
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pagecache import inputs
from pagecache.page import layouts, mapcount
from pagecache.xarray.timed import loops

os.environ["PAGECACHE_BENCHMARKS"] = "all"  # before any suite is loaded
ROOT = Path(__file__).parents[1]
SUITES = (
    "allocation",
    "blocks",
    "get",
    "gfp",
    "holes",
    "insertion",
    "marks",
    "memory",
    "peers",
    "replay",
    "rivals",
    "sharing",
    "struct_page",
    "threads",
    "traces",
    "truncate",
    "xarray",
)
# The kernel says how many huge pages there are; 0 is an answer.
MAY_BE_ZERO = {
    "track_success",
    "track_pages",
    "track_pages_moved",
    "track_failed",
    "track_nodes",
    "track_huge_page_share",
}
HELPERS = (
    "arrays",
    "c_design",  # its bodies run in designs/test_c_design_cost.py
    "common",
    "sweep_cores",  # a program of its own, on two cores
    "large_trace",  # a program of its own, on a trace of gigabytes
    "files",
    "instructions",
    "large_blocks",
    "resident",
    "structures",
)


def load(module: str = "") -> Any:
    """A module of benchmarks/, which is no installed package."""
    if "benchmarks" not in sys.modules:
        path = ROOT / "benchmarks" / "__init__.py"
        spec = importlib.util.spec_from_file_location(
            "benchmarks", path, submodule_search_locations=[str(path.parent)]
        )
        assert spec is not None
        sys.modules["benchmarks"] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"benchmarks.{module}" if module else "benchmarks")


MODULES = [load(module) for module in (*SUITES, *HELPERS)]  # before any test changes a constant
common = load("common")


def bodies(suite: str) -> Iterator[tuple[type, str]]:
    """Each class of a suite with each of its bodies."""
    for value in vars(load(suite)).values():
        if isinstance(value, type) and value.__module__ == f"benchmarks.{suite}":
            names = [name for name in dir(value) if name.startswith(("time_", "track_"))]
            yield from ((value, name) for name in names)


def combinations() -> list[Any]:
    return list(each_combination())


def each_combination() -> Iterator[Any]:
    for suite in SUITES:
        for kind, body in bodies(suite):
            params: Any = kind.params  # type: ignore[attr-defined]
            for chosen in itertools.product(*params):
                name = "-".join([suite, kind.__name__, body, *chosen])
                yield pytest.param(kind, body, chosen, id=name)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same over 4 MiB, except for huge pages of 1 GiB, and few events; blocks of 64 MiB."""
    made = inputs.generate("uniform", 1 << 10)
    for name, source in common.SOURCES.items():
        if name.startswith("2 GiB") and source.forced is None:
            monkeypatch.setitem(common.SOURCES, name, common.Source(lambda: made))
    monkeypatch.setattr(common, "EVENTS", 1000)
    arrays, peers = load("arrays"), load("peers")
    for name, shape in arrays.SHAPES.items():
        monkeypatch.setitem(arrays.SHAPES, name, shape._replace(pages=shape.pages >> 9))
    for name in peers.SIZES:
        monkeypatch.setitem(peers.SIZES, name, 1 << 16)
    for name, value in (("GIB", 1 << 14), ("PAIRS", 100), ("RANGES", 16), ("FREE", 1 << 14)):
        monkeypatch.setattr(load("allocation"), name, value)


@pytest.fixture
def fresh() -> Iterator[None]:
    """Nothing built by the tests before, and nothing left to those after."""
    forget()
    yield
    forget()


def forget() -> None:
    """What the suites keep for a process's life."""
    for module in MODULES:
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()


def test_traces_of_the_suites_come_with_the_package() -> None:
    assert set(common.TRACES) <= set(inputs.bundled())


def test_layouts_and_guards_of_the_suites_are_those_there_are() -> None:
    assert list(load("struct_page").LAYOUTS) == list(layouts.LAYOUTS)
    assert load("struct_page").GUARDS == mapcount.GUARDS


def test_every_module_of_the_benchmarks_is_known_here() -> None:
    modules = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert modules == {*SUITES, *HELPERS, "__init__"}


def set_up(benchmark: Any, chosen: tuple[str, ...]) -> str | None:
    """Why the benchmark cannot run with these parameters, if it cannot."""
    try:
        getattr(benchmark, "setup", lambda *chosen: None)(*chosen)
    except NotImplementedError as reason:
        return str(reason)
    return None


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("kind", "body", "chosen"), combinations())
def test_body_runs_or_says_why_not(kind: Any, body: str, chosen: tuple[str, ...]) -> None:
    benchmark = kind()
    reason = set_up(benchmark, chosen)
    if reason is not None:
        assert reason.startswith(f"{chosen[0]} ")
        return
    result = getattr(benchmark, body)(*chosen)
    assert (result is None) == body.startswith("time_")
    assert result is None or result > 0 or body in MAY_BE_ZERO


def refused(suite: str, kind: str, *chosen: str) -> str:
    benchmark = getattr(load(suite), kind)()
    with pytest.raises(NotImplementedError) as caught:
        benchmark.setup(*chosen)
    return str(caught.value)


@pytest.mark.usefixtures("small")
def test_base_pages_have_no_huge_fault() -> None:
    assert "needs 9 alone" in refused("get", "HugeFault", "base-4k", "2 GiB uniform")


@pytest.mark.usefixtures("small")
def test_forced_order_is_refused_by_a_design_that_has_it_not() -> None:
    reason = refused("get", "Lookup", "thp-slots-head", "sha256sum_400mb at order 4")
    assert reason == "thp-slots-head takes no folios of order 4; it takes 0, 9"


@pytest.mark.usefixtures("small", "fresh")
def test_wrong_answer_is_no_fast_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common.Built, "fill", lambda self: None)
    with pytest.raises(AssertionError, match="answers wrong"):
        common.shared("thp-multi", "2 GiB")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["Populate", "Truncate"])
def test_fill_and_empty_can_be_sampled_again(kind: str) -> None:
    benchmark = getattr(load("insertion"), kind)()
    body = getattr(benchmark, f"time_{kind.lower()}")
    for _ in range(2):
        benchmark.setup("thp-multi", "2 GiB")
        body("thp-multi", "2 GiB")
    full = kind == "Populate"
    assert [index.nodes > 0 for index in benchmark.built.indexes] == [full]


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("design", "nodes"), [("base-4k", 8323), ("hugetlb-huge", 17), ("thp-multi", 131)]
)
def test_tracked_nodes_of_2_gib_are_those_that_arithmetic_gives(design: str, nodes: int) -> None:
    benchmark = load("memory").Memory()
    benchmark.setup(design, "2 GiB")
    assert benchmark.track_nodes(design, "2 GiB") == nodes
    assert benchmark.track_index_bytes(design, "2 GiB") == nodes * 576
    assert benchmark.track_struct_page_bytes(design, "2 GiB") == 2**31 // 4096 * 64


def test_names_and_shapes_of_the_suites_are_those_that_can_be_measured() -> None:
    assert tuple(load("arrays").SHAPES) == load("xarray").SHAPES
    assert tuple(load("structures").STRUCTURES) == load("peers").NAMES


@pytest.mark.usefixtures("small", "fresh")
def test_structure_that_is_missing_is_skipped_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for kind in ("Load", "Iteration", "Filling", "Memory"):
        reason = refused("peers", kind, "judy", "512 Ki")
        assert reason == "judy is not installed; pip install pagecache[peers]"


@pytest.mark.usefixtures("small", "fresh")
def test_wrong_value_of_a_structure_is_no_fast_row() -> None:
    structures = load("structures")
    structure, keys = structures.STRUCTURES["dict"], structures.Keys(np.arange(9, dtype=np.uint64))
    with pytest.raises(AssertionError):
        structure.check(dict.fromkeys(range(9), 7), keys)


@pytest.mark.parametrize("name", load("peers").NAMES)
def test_every_form_of_filling_gives_the_same(name: str) -> None:
    structures = load("structures")
    structure, keys = structures.STRUCTURES[name], structures.Keys(np.arange(99, dtype=np.uint64))
    if set_up(load("peers").Filling(), (name, "512 Ki")):
        pytest.skip(f"{name} is not installed")
    for form in range(len(structure.fills)):
        structure.check(structure.fill(keys, form), keys)


@pytest.mark.parametrize("name", load("arrays").SHAPES)
def test_shapes_hold_what_they_say(name: str) -> None:
    arrays = load("arrays")
    shape = arrays.SHAPES[name]._replace(pages=1 << 14)
    held = arrays.Filled(shape)
    assert len(held.indices) == shape.pages // shape.one_in >> shape.order
    assert list(held.xa) == [(index, index) for index in held.indices.tolist()]
    assert {held.xa.order(index) for index in held.indices.tolist()} == {shape.order}
    for pages in (held.random(1000), held.sequential(20_000)):
        held.check(pages)
    assert sorted(held.shuffled.tolist()) == held.indices.tolist()


def test_array_that_answers_wrong_is_no_fast_row() -> None:
    held = load("arrays").Filled(load("arrays").Shape(1 << 12))
    held.xa.store(77, 1)
    with pytest.raises(AssertionError):
        held.check(held.sequential(1 << 12))


def test_ring_of_dependent_reads_goes_through_every_line() -> None:
    limits = load("arrays").Limits(64 * 100)
    seen = {loops.chase(limits.words, steps) for steps in range(100)}
    assert seen == set(range(0, 800, 8))
    assert loops.chase(limits.words, 100) == 0


def test_process_grows_by_what_an_array_takes() -> None:
    bytes_ = load("resident").resident_bytes("numpy", 1 << 20)
    assert 8 << 20 <= bytes_ < 9 << 20


def test_instructions_without_valgrind_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    instructions = load("instructions")
    monkeypatch.setattr(instructions, "count_instructions", lambda names: None)
    benchmark = instructions.Instructions()
    with pytest.raises(NotImplementedError, match="valgrind is not installed"):
        benchmark.setup(benchmark.setup_cache(), "thp-multi")


CELLS = """
import importlib, inspect, json, math, pkgutil
import benchmarks
cells, twice = {}, []
for module in pkgutil.iter_modules(benchmarks.__path__):
    found = importlib.import_module(f"benchmarks.{module.name}")
    for name, suite in vars(found).items():
        if not inspect.isclass(suite) or name.startswith("_"):
            continue
        bodies = [body for body in dir(suite) if body.startswith(("time_", "track_"))]
        if bodies and suite.__module__ != found.__name__:
            twice.append(f"{module.name}.{name}")
        axes = getattr(suite, "params", ())
        if bodies:
            cells[f"{module.name}.{name}"] = len(bodies) * math.prod(map(len, axes))
print(json.dumps([cells, twice]))
"""


@pytest.mark.parametrize(("grid", "least", "most"), [("", 80, 150), ("all", 1000, 5000)])
def test_asv_measures_few_cells_unless_all_are_asked_for(grid: str, least: int, most: int) -> None:
    """Imported with the package and the repository's root alone; no suite is found twice."""
    environment = {**os.environ, "PAGECACHE_BENCHMARKS": grid}
    done = subprocess.run(
        [sys.executable, "-c", CELLS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    cells, twice = json.loads(done.stdout)
    assert twice == []
    assert least <= sum(cells.values()) <= most, cells


def test_asv_configuration_measures_these_suites() -> None:
    config = json.loads((ROOT / "asv.conf.json").read_text())
    assert ROOT / config["benchmark_dir"] == ROOT / "benchmarks"
    assert set(config["matrix"]["req"]) == {"numpy", "psutil", "rich"}
    assert "--no-deps" in config["build_command"][0]


def test_counted_tables_of_files_are_those_in_the_documentation() -> None:
    page = (ROOT / "docs" / "files.md").read_text()
    assert [table for table in load("files").counted() if table not in page] == []


def test_table_of_large_blocks_is_the_one_in_the_documentation() -> None:
    """Its numbers are counted, so a run today prints what stands there."""
    assert load("large_blocks").table() in (ROOT / "docs" / "large-blocks.md").read_text()
