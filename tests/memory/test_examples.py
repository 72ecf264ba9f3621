"""The examples in the docstrings of compiled modules, which pytest does not collect."""

import doctest
import importlib

import pytest

MODULES = [
    "pagecache.memory.ageing",
    "pagecache.memory.buddy",
    "pagecache.memory.fragment",
    "pagecache.memory.loading",
    "pagecache.memory.moves",
    "pagecache.supply.huge_pool",
    "pagecache.supply.supply",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried > 0
    assert failed == 0
