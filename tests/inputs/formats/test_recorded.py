"""What tools printed on a running 6.18: every line is read, and the expected counts come out."""

import json
from pathlib import Path

import pytest

import pagecache as pc
from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, read_program, read_trace
from pagecache.inputs.formats import FORMATS
from pagecache.inputs.formats.source import Source

FORMATS_DIR = Path(__file__).parents[2] / "data" / "formats"


def form_of(path: Path) -> str:
    with path.open("rb") as file:
        head = Source(str(path), file).head()
    (found,) = [form.name for form in FORMATS if form.recognises(head)]
    return found


@pytest.mark.parametrize(
    ("name", "form", "files"), [("ftrace_6.18", "ftrace", 33), ("perf_script", "perf", 84)]
)
def test_events_leave_what_was_expected(name: str, form: str, files: int) -> None:
    path = FORMATS_DIR / f"{name}.txt.gz"
    assert form_of(path) == form
    trace = read_trace(path)
    assert trace.notes == ()
    expected = json.loads((FORMATS_DIR / f"{name}.expected.json").read_text())
    folios = trace.final_folios()
    assert len(expected) == len(folios.files) == files
    for number, file in enumerate(folios.files):
        held = folios.take(folios.file == number)
        orders = {str(order): count for order, count in held.orders().items()}
        found = {"pages": held.pages, "folios": len(held), "orders": orders}
        assert found == expected[file], file
    for file, content in pc.replay(path).files.items():
        assert {key: content[key] for key in ("pages", "folios", "orders")} == expected[file]  # type: ignore[literal-required]


def test_every_line_of_strace_is_read() -> None:
    path = FORMATS_DIR / "strace.txt.gz"
    assert form_of(path) == "strace"
    trace = read_trace(path)
    assert not any("cannot be read" in note for note in trace.notes)
    use = read_program(path)
    ends = {file.name: file.size for file in use.files}
    assert ends["setup.py"] == 4552
    assert all(file.size >= int(file.steps[:, 2].max()) for file in use.files)
    library = trace.files.index("/lib/x86_64-linux-gnu/libc.so.6")
    reached = (trace.index + trace.count)[trace.file == library].max()
    assert reached * PAGE_SIZE >= 1974096


@pytest.mark.parametrize("name", ["fincore", "vmtouch"])
def test_residency_of_files_of_which_nothing_is_cached_says_so(name: str) -> None:
    path = FORMATS_DIR / f"{name}.txt.gz"
    assert form_of(path) == name
    with pytest.raises(InputError, match="nothing in it is cached or accessed"):
        read_trace(path)


def test_buddyinfo_and_pagetypeinfo_of_one_moment_are_the_same_memory() -> None:
    paths = [FORMATS_DIR / f"{name}.txt.gz" for name in ("buddyinfo", "pagetypeinfo")]
    one, other = (pc.Memory.from_buddyinfo(path, seed=1).buddyinfo() for path in paths)
    assert one == other
    assert one[10] == 2855
