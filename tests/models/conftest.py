"""The checker of tools/check_models, and its searches: all that the chosen tests need, at once."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
MODULES = ("batch", "catalogue", "main", "orders", "page", "search", "story")


@pytest.fixture(scope="session")
def checker() -> Iterator[dict[str, Any]]:
    """The modules of the tool, which is no installed package."""
    sys.path.append(str(TOOLS))
    try:
        yield {name: importlib.import_module(f"check_models.{name}") for name in MODULES}
    finally:
        sys.path.remove(str(TOOLS))


@pytest.fixture(scope="session")
def spin(checker: dict[str, Any]) -> Any:
    """The module that searches, where there is a spin to search with."""
    if lacking := checker["search"].lacking():
        pytest.skip(lacking)
    return checker["search"]


@pytest.fixture(scope="session")
def searched(
    request: pytest.FixtureRequest, checker: dict[str, Any], spin: Any
) -> Iterator[dict[str, Any]]:
    """What the searches of the chosen tests come to, by the name of their run."""
    chosen = {
        item.callspec.params.get("run")
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    }
    catalogue = checker["catalogue"]
    runs = [run for run in [*catalogue.proofs(), *catalogue.faults()] if run.name in chosen]
    batch = checker["batch"].Batch(runs)
    try:
        yield batch
    finally:
        batch.close()


@pytest.fixture(scope="session")
def explorer(checker: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Relacy's program, compiled once."""
    if lacking := checker["orders"].lacking():
        pytest.skip(lacking)
    program: Path = checker["orders"].compiled(tmp_path_factory.mktemp("relacy"))
    return program
