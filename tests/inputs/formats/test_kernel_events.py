"""Lines of ftrace, trace-cmd and perf: which are events, which say nothing, which are damaged."""

from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import Trace, read_trace

GOOD = (
    "cat-9     [000] d..1.   100.000007: mm_filemap_add_to_page_cache: dev 8:1 ino 1f ofs=0 order=0"
)
BEFORE = "a-1     [000] d..1.   1.000000: "
ADD = BEFORE + "mm_filemap_add_to_page_cache: "


def trace_of(tmp_path: Path, *lines: str) -> Trace:
    path = tmp_path / "trace"
    path.write_text("\n".join(["# tracer: nop", *lines, ""]))
    return read_trace(path)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (ADD + "dev 8:1 ino 1f page=00000000deadbeef pfn=1234 ofs=8192", (0, 2, 1, 0)),
        (ADD + "dev 8:1 ino 0x1f pfn=0x1f ofs=16777216 order=9", (0, 4096, 512, 9)),
        (ADD + "dev 8:1 ino 1f pfn=0x1f ofs=0 order=0 later=yes", (0, 0, 1, 0)),
        (ADD + "dev 8:1 ino 1f ofs=0 order=0\r", (0, 0, 1, 0)),
        (ADD + "dev 8:1 ino 1f ofs=18446744073709547520 order=0", (0, (1 << 52) - 1, 1, 0)),
        (BEFORE + "mm_filemap_get_pages: dev=8:1 ino=1f ofs=4096-12287", (2, 1, 2, -1)),
        (BEFORE + "mm_filemap_map_pages: dev=8:1 ino=1f ofs=0-65535", (4, 0, 16, -1)),
        (BEFORE + "mm_filemap_fault: dev=8:1 ino=1f ofs=8192", (3, 2, 1, -1)),
    ],
)
def test_lines_that_are_events(tmp_path: Path, line: str, event: tuple[int, int, int, int]) -> None:
    trace = trace_of(tmp_path, line)
    assert trace.files == ("8:1/31",)
    columns = (trace.event, trace.index, trace.count, trace.order)
    assert tuple(int(column[0]) for column in columns) == event


@pytest.mark.parametrize(
    ("before", "pid", "t_us"),
    [
        ("a-1 [000] d..1. 1.000002: ", 1, 2),
        ("kworker/u8:2-[x-77   [001] .N.1.  1.000002: ", 77, 2),
        ("<...>-4194304 [100] ...... 1.000002: ", 4194304, 2),
        ("git log-12   (   34) [001] d..1. 1.000002: ", 12, 2),
        ("git log-12   (-------) [001] d..1. 1.000002: ", 12, 2),
        ("  my 7 [2] prog-12 [001] 1.000002: ", 12, 2),
        ("  my prog    12 [001] 1.000002999: filemap:", 12, 2),
        ("  my prog    12/34 [001] 1.000002999: filemap:", 34, 2),
    ],
)
def test_what_stands_before_an_event(tmp_path: Path, before: str, pid: int, t_us: int) -> None:
    line = before + "mm_filemap_fault: dev=8:1 ino=1f ofs=8192"
    trace = trace_of(tmp_path, GOOD.replace("100.000007", "1.000000"), line)
    assert (int(trace.pid[1]), int(trace.t_us[1])) == (pid, t_us)


@pytest.mark.parametrize(
    "line",
    [
        "# a comment",
        "",
        "\tffffffff81234567 some_function+0x1 ([kernel.kallsyms])",
        BEFORE + "sched_switch: prev_comm=x prev_pid=1",
        BEFORE + "file_check_and_advance_wb_err: file=0 dev=8:1 ino=0x1f old=0x0 new=0x0",
        BEFORE + "some_function <-its_caller",
    ],
)
def test_lines_that_say_nothing_of_the_cache(tmp_path: Path, line: str) -> None:
    trace = trace_of(tmp_path, GOOD, line)
    assert len(trace) == 1
    assert trace.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "dev 8:1 ino 1f ofs=100 order=0",  # no whole page
        "dev 8:1 ino 1f ofs=4096 order=1",  # not aligned
        "dev 8:1 ino 1f ofs=0 order=64",
        "dev 8:1 ino 1f ofs=0 order=52",  # beyond 2**64 bytes
        "dev 8:1 ino 1f ofs=0 ord",
        "dev 8:1 ino 1f",
        "ino 1f ofs=0",
        "dev 8 ino 1f ofs=0",
        "dev 8:1 ino xyz ofs=0",
        "dev 8:1 ino 11111111111111111 ofs=0",
        "dev 8:1 ino 1f ofs=99999999999999999999",
        "dev 8:1 ino 1f ofs=",
    ],
)
def test_damaged_lines_are_unreadable(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        InputError, match=r"trace:3: 1 of 3 lines cannot be read as ftrace \(line 3: "
    ):
        trace_of(tmp_path, GOOD, ADD + text)


@pytest.mark.parametrize(
    "line", ["what is this?", "a-1 [000] d..1. soon: event: x", "a-1 [0", "[]["]
)
def test_lines_that_are_no_trace_are_unreadable(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError, match="1 of 3 lines cannot be read as ftrace"):
        trace_of(tmp_path, GOOD, line)


def test_range_that_runs_backwards_is_unreadable(tmp_path: Path) -> None:
    line = BEFORE + "mm_filemap_get_pages: dev=8:1 ino=1f ofs=8192-4095"
    with pytest.raises(InputError, match="1 of 3 lines cannot be read"):
        trace_of(tmp_path, GOOD, line)


def test_lost_events_are_added_up_and_said(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, "CPU:1 [LOST 12 EVENTS]", GOOD, "CPU:0 [30 EVENTS DROPPED]")
    (said,) = trace.notes
    assert said.endswith(": 42 events were lost when it was recorded.")


def test_files_of_two_devices_are_apart(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, GOOD, GOOD.replace("8:1", "8:2"), GOOD, GOOD.replace("1f", "f1"))
    assert trace.files == ("8:1/31", "8:2/31", "8:1/241")
    assert trace.file.tolist() == [0, 1, 0, 2]
