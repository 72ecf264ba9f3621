"""Traces on their way to workers: taken where they lie if the bytes are right, else sent."""

from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.sweep.shipping import located, of_file


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text("some events")
    return path


def test_file_with_the_right_bytes_is_taken_where_it_lies(trace: Path) -> None:
    assert located(of_file(str(trace)), {}) == str(trace)


def test_bytes_that_came_along_are_taken_where_the_file_is_another(trace: Path) -> None:
    shipped = of_file(str(trace))
    contents = {shipped.sha256: trace.read_bytes()}
    trace.write_text("other events")
    path = located(shipped, contents)
    assert path != str(trace)
    assert Path(path).read_text() == "some events"
    assert located(shipped, contents) == path
    trace.unlink()
    assert located(shipped, contents) == path


@pytest.mark.parametrize("content", [None, "other events"])
def test_trace_that_is_neither_here_nor_sent_is_refused(trace: Path, content: str | None) -> None:
    shipped = of_file(str(trace))
    trace.unlink()
    if content:
        trace.write_text(content)
    with pytest.raises(InputError, match="put it on a filesystem that they share"):
        located(shipped, {})
