"""Hypothesis profiles, and the seven recorded traces with what the kernel held after each.

HYPOTHESIS_PROFILE is dev (the default), ci, small for slow builds, or mutants: where a failure
is expected, nobody reads a shrunk example.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from pagecache.inputs import bundled, bundled_path

from .here import workers_here

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("small", max_examples=20, derandomize=True, deadline=None)
settings.register_profile(
    "mutants",
    max_examples=50,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

TRACES = Path(__file__).parent / "data" / "traces"


def trace_path(name: str) -> Path:
    """A recorded trace, wherever it lies: three come with the package."""
    return bundled_path(name) if name in bundled() else TRACES / f"{name}.filemap.csv.gz"


@pytest.fixture
def in_process() -> Iterator[None]:
    """Workers are no processes of their own, which half a second each would go into."""
    with workers_here():
        yield


@pytest.fixture(params=sorted(path.name.split(".")[0] for path in TRACES.glob("*.expected.json")))
def recorded(request: pytest.FixtureRequest) -> tuple[Path, dict[str, Any]]:
    """(path of a trace, what each file's index holds after it)."""
    expected = json.loads((TRACES / f"{request.param}.expected.json").read_text())
    return trace_path(request.param), expected
