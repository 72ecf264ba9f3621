"""The seven recorded traces, wherever they lie, and what the kernel held after each."""

import json
from pathlib import Path

import pytest

from pagecache.inputs import bundled, bundled_path

DATA = Path(__file__).parents[1] / "data" / "traces"


def trace_path(name: str) -> Path:
    if name in bundled():
        return bundled_path(name)
    return DATA / f"{name}.filemap.csv.gz"


@pytest.fixture(params=sorted(path.name.split(".")[0] for path in DATA.glob("*.expected.json")))
def recorded(request):
    """(path of a trace, what each file's index holds after it)."""
    expected = json.loads((DATA / f"{request.param}.expected.json").read_text())
    return trace_path(request.param), expected
