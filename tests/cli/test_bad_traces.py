"""`compare --trace` with what is no trace, or a damaged one: one line with place and remedy."""

import bz2
import gzip
import lzma
import os
import random
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.inputs import read_trace, trace
from pagecache.inputs.traces import known

from .conftest import HEADER

FTRACE = Path(__file__).parents[1] / "data" / "formats" / "ftrace_6.18.txt.gz"
LONG = 100 << 20

CSV = (HEADER + "".join(f"{k},1,add,8:1,5,{k},1,0\n" for k in range(1000))).encode()
EVENTS = gzip.decompress(FTRACE.read_bytes())
LINES = EVENTS.splitlines(keepends=True)[:2000]
GZIP, XZ, BZIP2 = gzip.compress(CSV), lzma.compress(CSV), bz2.compress(CSV)
NUMBERS = b"".join(b"%d %d\n" % (k, 7 * k) for k in range(1000))
BAD = b"".join(b"garbage\n" if k % 50 == 30 else line for k, line in enumerate(LINES))

UNKNOWN = ":1: this is not a trace of a known format; known: filemap-csv, "
BROKEN = " data break off or are damaged; copy the file again"
# Its bytes, and how the line begins after the path.
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ":1: the file is empty; record the trace again"),
    "header alone": (HEADER.encode(), ":2: no event follows the header; record the trace again"),
    "line of text": (b"hello\n", UNKNOWN),
    "line feed": (b"\n", UNKNOWN),
    "spaces": (b"   \n \n", UNKNOWN),
    "random bytes": (random.Random(1).randbytes(5000), UNKNOWN),
    "zeros": (bytes(100_000), UNKNOWN),
    "program": (b"\x7fELF\2\1\1" + bytes(9) + random.Random(2).randbytes(5000), UNKNOWN),
    "UTF-16": (CSV.decode().encode("utf-16"), UNKNOWN),
    "bare numbers": (NUMBERS, UNKNOWN),
    "gzip of nothing": (gzip.compress(b""), ":1: the file is empty; record the trace again"),
    "gzip cut in its header": (GZIP[:5], ":1: the gzip" + BROKEN),
    "gzip cut in half": (GZIP[: len(GZIP) // 2], ":1: the gzip" + BROKEN),
    "gzip without its end": (GZIP[:-4], ":1: the gzip" + BROKEN),
    "gzip with other bytes": (GZIP[:40] + b"x" * 40 + GZIP[80:], ":1: the gzip" + BROKEN),
    "gzip of a cut trace": (gzip.compress(EVENTS[:5000]), ":46: 1 of 46 lines cannot be read as "),
    "xz cut in its header": (XZ[:7], ":1: the xz" + BROKEN),
    "xz cut in half": (XZ[: len(XZ) // 2], ":1: the xz" + BROKEN),
    "xz with other bytes": (XZ[:30] + b"xxxx" + XZ[34:], ":1: the xz" + BROKEN),
    "bzip2 cut in half": (BZIP2[: len(BZIP2) // 2], ":1: the bzip2" + BROKEN),
    "bad line": (
        CSV.replace(b"\n9,1,add", b"\n9 1 add", 1),
        ":11: 6 fields where the header has 8",
    ),
    "2 % bad lines": (BAD, ":31: 40 of 2,000 lines cannot be read as ftrace (line 31: 'garbage'; "),
    "NUL in a field": (CSV.replace(b"\n9,", b"\n\x009,", 1), ":11: t_us '\\x009' is not a whole "),
    "line of NULs": (CSV + bytes(50) + b"\n", ":1002: 1 fields where the header has 8; fix or "),
    "end of NULs": (
        b"".join(LINES[:50]) + bytes(99),
        ":51: 1 of 51 lines cannot be read as ftrace",
    ),
    "no text": (CSV.replace(b"\n9,", b"\n\xe99,", 1), ":11: t_us '"),
}
WRONG = (*(name for name in known().split(", ")), "nope", "arc:0", "ftrace:512")
ONE_READER = {"ftrace", "trace-cmd", "perf"}  # of the kernel's events, whoever printed them
ANY_BYTES = {"u32", "vscsi", "oracleGeneral"}  # whose records every number could be


@pytest.mark.parametrize("name", FILES)
def test_file_that_is_no_trace_is_refused(
    refused: Callable[..., str], tmp_path: Path, name: str
) -> None:
    content, told = FILES[name]
    path = tmp_path / "input"
    path.write_bytes(content)
    line = refused("compare", "--trace", path)
    assert line.startswith(f"{path}{told}")
    assert "; " in line


@pytest.mark.parametrize("form", WRONG)
@pytest.mark.parametrize("name", ["empty", "random bytes", "ftrace", "csv"])
def test_file_of_another_format_is_refused(
    refused: Callable[..., str], tmp_path: Path, form: str, name: str
) -> None:
    path = tmp_path / "input"
    path.write_bytes({"ftrace": b"".join(LINES), "csv": CSV}.get(name, FILES.get(name, (b"",))[0]))
    if form in ANY_BYTES and name != "empty":
        pytest.skip("any bytes are a record")
    if (form, name) == ("filemap-csv", "csv") or (form in ONE_READER and name == "ftrace"):
        pytest.skip("it is no other format")
    line = refused("compare", "--trace", path, "--format", form)
    assert line.startswith((f"{path}:", "--format: "))
    assert "; " in line


@pytest.mark.parametrize(
    ("begins", "form", "told"),
    [
        (b"", None, UNKNOWN),
        (b"", "arc", ":1: the line is above 1 MiB; "),
        (CSV, None, ":1002: the line is above 1 MiB; "),
        (CSV, "ftrace", ":1002: the line is above 1 MiB; "),
    ],
)
def test_line_of_100_mb_is_refused(
    refused: Callable[..., str], tmp_path: Path, begins: bytes, form: str | None, told: str
) -> None:
    path = tmp_path / "input"
    path.write_bytes(begins)
    os.truncate(path, len(begins) + LONG)
    line = refused("compare", "--trace", path, *(("--format", form) if form else ()))
    assert line.startswith(f"{path}{told}")


def test_packed_line_of_100_mb_takes_little_memory(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "input"
    path.write_bytes(gzip.compress(CSV) + 100 * gzip.compress(bytes(1 << 20)))
    tracemalloc.start()
    try:
        line = refused("compare", "--trace", path)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()
    assert line.startswith(f"{path}:1002: the line is above 1 MiB; ")


@pytest.mark.parametrize("content", [CSV, EVENTS[:200_000].rpartition(b"\n")[0] + b"\n"])
def test_line_ends_of_other_systems_are_read_alike(tmp_path: Path, content: bytes) -> None:
    path, other = tmp_path / "input", tmp_path / "other"
    path.write_bytes(content)
    other.write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    one, two = read_trace(path), read_trace(other)
    assert len(one) > 500
    for column in ("t_us", "pid", "event", "file", "index", "count", "order"):
        assert np.array_equal(getattr(one, column), getattr(two, column))
    assert one.files == two.files


@pytest.fixture
def closed() -> Iterator[Path]:
    """A trace that may not be read, in a folder that may, while nobody here is root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "input"
        path.write_bytes(CSV)
        path.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)


def test_trace_that_may_not_be_read_is_refused(closed: Path) -> None:
    with pytest.raises(InputError, match="permission denied; make it readable for this user"):
        read_trace(closed)


def test_more_accesses_than_memory_holds_are_refused(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "input"
    path.write_text(f"{HEADER}0,1,get,8:1,5,0,1000,\n")
    monkeypatch.setattr(trace, "MEMORY", 1999 * trace.ACCESS_BYTES)
    told = f"{path}: 1e+03 page accesses would take over half of the memory; cut the trace"
    assert refused("compare", "--trace", path) == told
