"""The array that most tests here start from, in two sizes of node."""

from collections.abc import Iterator

import pytest

import pagecache as pc


@pytest.fixture(params=[6, 3], ids=["64-slots", "8-slots"])
def chunk_shift(request: pytest.FixtureRequest) -> int:
    """Nodes as in Linux, and nodes so small that corners come early."""
    return int(request.param)


@pytest.fixture
def xa(chunk_shift: int) -> Iterator[pc.XArray]:
    """An empty array; afterwards its tree must be sound and give back every node."""
    array = pc.XArray(chunk_shift=chunk_shift)
    yield array
    array.check()
    array.destroy()
    assert array.empty
    assert array.nodes == 0
