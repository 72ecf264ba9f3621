"""The examples in the docstrings of compiled modules, which pytest does not collect."""

import doctest
import importlib
from pathlib import Path

import pytest

import pagecache

PACKAGE = Path(pagecache.__file__).parent
COMPILED = sorted(
    ".".join(source.relative_to(PACKAGE.parent).with_suffix("").parts)
    for source in PACKAGE.rglob("*.pyx")
)


@pytest.mark.parametrize("name", COMPILED)
def test_examples_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_modules_that_python_uses_have_examples() -> None:
    finder = doctest.DocTestFinder()
    tried = [
        name
        for name in COMPILED
        if any(test.examples for test in finder.find(importlib.import_module(name)))
    ]
    assert {"pagecache.xarray.xarray", "pagecache.mapping.mapping"} < set(tried)
