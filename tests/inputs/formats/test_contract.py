"""What is asked of every format of traces; a format without a sample fails here."""

import bz2
import gzip
import lzma
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pagecache.errors import InputError
from pagecache.inputs import Trace, read_trace
from pagecache.inputs.event import EVENTS
from pagecache.inputs.formats import FORMATS, Format, source

from .samples import SAMPLES, Sample

DTYPES = {
    "t_us": np.uint64,
    "pid": np.uint32,
    "event": np.uint8,
    "file": np.uint32,
    "index": np.uint64,
    "count": np.uint64,
    "order": np.int8,
    "line": np.uint32,
}


def zstd(data: bytes) -> bytes:
    compressed: bytes = pytest.importorskip("zstandard").compress(data)
    return compressed


every_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def sample_of(form: Format) -> Sample:
    return SAMPLES[form.name]


def read(form: Format, path: Path) -> Trace:
    """As a user reads it: recognised, or if it cannot be, asked for by name."""
    return read_trace(path, format=form.name if form.bare else None)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def events_of(trace: Trace) -> list[tuple[str, str, int, int, int, int]]:
    names = {number: name for name, number in EVENTS.items()}
    assert trace.line is not None
    columns = (trace.event, trace.file, trace.index, trace.count, trace.order, trace.line)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(names[event], trace.files[file], *rest) for event, file, *rest in rows]


def test_every_format_has_a_sample_and_a_name_of_its_own() -> None:
    names = [form.name for form in FORMATS]
    assert sorted(names) == sorted(SAMPLES)
    assert len(set(names)) == len(names)
    assert all(form.holds for form in FORMATS)


@every_format
def test_sample_is_recognised_by_its_format_alone(form: Format) -> None:
    head = sample_of(form).text[: source.HEAD]
    found = [other.name for other in FORMATS if other.recognises(head)]
    assert found == ([] if form.bare else [form.name])


@every_format
@pytest.mark.parametrize(
    "head", [b"", b"\n", b"\x7fELF\x02\x01", bytes(range(256)), b"a,b\n1,2\n", b"1 2\n" * 99]
)
def test_what_is_no_trace_is_not_recognised(form: Format, head: bytes) -> None:
    assert not form.recognises(head)


@every_format
def test_sample_says_what_it_says(form: Format, tmp_path: Path) -> None:
    trace = read(form, written(tmp_path / "sample", sample_of(form).text))
    assert events_of(trace) == sample_of(form).events


@every_format
def test_arrays_are_of_their_types_and_of_one_length(form: Format, tmp_path: Path) -> None:
    trace = read(form, written(tmp_path / "sample", sample_of(form).text))
    arrays = {name: getattr(trace, name) for name in DTYPES}
    assert {name: array.dtype.type for name, array in arrays.items()} == DTYPES
    assert {array.shape for array in arrays.values()} == {(len(trace),)}
    assert isinstance(trace.files, tuple)


@every_format
@pytest.mark.parametrize("squeeze", [gzip.compress, lzma.compress, bz2.compress, zstd])
def test_compressed_is_the_same(
    form: Format, tmp_path: Path, squeeze: Callable[[bytes], bytes]
) -> None:
    text = sample_of(form).text
    trace = read(form, written(tmp_path / "no-suffix", squeeze(text)))
    assert events_of(trace) == sample_of(form).events
    with pytest.raises(InputError, match=r":\d+: the \w+ data break off or are damaged; copy"):
        read(form, written(tmp_path / "cut", squeeze(text)[:-9]))


@every_format
@pytest.mark.parametrize("block", [1, 7, 64])
def test_small_blocks_give_the_same(
    form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """What streams must not depend on where a block happens to end."""
    monkeypatch.setattr(source, "BLOCK", block)
    trace = read(form, written(tmp_path / "sample", sample_of(form).text))
    assert events_of(trace) == sample_of(form).events


@every_format
def test_file_that_breaks_off_is_refused_or_said(form: Format, tmp_path: Path) -> None:
    sample = sample_of(form)
    path = written(tmp_path / "cut", sample.text[:-3])
    line = len(sample.text) // sample.records if sample.records else sample.text.count(b"\n")
    try:
        said = " ".join(read(form, path).notes)
    except InputError as error:
        said = str(error)
        assert re.match(rf"{re.escape(str(path))}:\d+: .*; .", said)
    assert f":{line}: " in said or f"line {line}: " in said
    assert not sample.strict or "mid-line" in said


@every_format
def test_few_unreadable_lines_are_counted_and_shown(form: Format, tmp_path: Path) -> None:
    sample = sample_of(form)
    if sample.strict or form.name in ("fincore", "vmtouch"):
        pytest.skip("a line is a file, or none may be left out")
    if sample.records:
        pytest.skip("any bytes are a record")
    bad = b"\xff{ what is this?\n"
    text = sample.body + 4 * bad + sample.body * 300
    trace = read(form, written(tmp_path / "some", text))
    (said,) = [note for note in trace.notes if "cannot be read" in note]
    lines = text.count(b"\n")
    assert f": 4 of {lines:,} lines cannot be read as {form.name} (" in said
    first = sample.body.count(b"\n") + 1
    shown = [f"line {first + k}: " in said for k in range(4)]
    assert shown == [True, True, True, False]
    assert said.endswith("; ...); they are left out.")
    assert said in trace.doubts()


@every_format
def test_many_unreadable_lines_are_an_error_that_names_the_formats(
    form: Format, tmp_path: Path
) -> None:
    if sample_of(form).records or sample_of(form).strict or form.name == "vmtouch":
        pytest.skip("any bytes are a record; or the first line decides; or lines are names")
    lines = sample_of(form).text.splitlines(keepends=True)
    path = written(tmp_path / "bad", b"".join([*lines[:5], b"what is this?\n", *lines[5:]]))
    with pytest.raises(
        InputError, match=r"over 1 %; give a trace of filemap-csv, ftrace"
    ) as caught:
        read(form, path)
    number = min(len(lines), 5) + 1
    assert str(caught.value).startswith(f"{path}:{number}: 1 of ")


@every_format
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_file_is_one_line_or_still_a_trace(
    form: Format, tmp_path: Path, data: st.DataObject
) -> None:
    text = bytearray(sample_of(form).text)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))  # all of it may be gone by now
        text[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    path = written(tmp_path / "damaged", bytes(text))
    told, trace = "", None
    try:
        trace = read(form, path)
    except InputError as error:
        told = str(error)
    if trace is None:
        assert re.fullmatch(rf"{re.escape(str(path))}(:\d+)?: .*; .+", told)
    else:
        trace.check().final_folios().check()
