"""A design in a shared object costs what the same C costs in a module of ours."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ..test_benchmarks import load

suite = load("c_design")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        suite.need_compilers()
    except NotImplementedError as reason:
        pytest.skip(str(reason))
    folder = tmp_path_factory.mktemp("c-design")
    suite.build(folder)
    return folder


@pytest.mark.parametrize("where", [suite.INSIDE, suite.SHARED])
def test_bodies_run_and_both_answer_right(
    folder: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    common: Any = load("common")
    made = common.generate("uniform", 1 << 10)
    monkeypatch.setitem(common.SOURCES, "2 GiB uniform", common.Source(lambda: made))
    benchmark = suite.Shared()
    benchmark.setup(str(folder), where)
    for body in ("get", "index_load", "populate_and_truncate"):
        getattr(benchmark, f"time_{body}")(str(folder), where)
    benchmark.built.check()
    module = type(benchmark.built.indexes[0]).__module__
    assert (module == "c_inside") == (where == suite.INSIDE)


def test_instructions_of_both_differ_by_less_than_3_per_cent(folder: Path) -> None:
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed")
    counts = suite.count(folder)
    for event in ("get", "index-load", "populate"):
        inside, shared = (counts[where, event] for where in (suite.INSIDE, suite.SHARED))
        assert 10 < inside < 1000
        assert shared == pytest.approx(inside, rel=0.03), event
