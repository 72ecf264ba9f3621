"""Readahead of what a trace recorded: the same as of the program in words, and near the kernel."""

import json
from pathlib import Path

import numpy as np
import pytest

import pagecache as pc
from pagecache.cli import main
from pagecache.inputs import ADD, read_program, read_trace

STRACE = """openat(AT_FDCWD, "/a", O_RDONLY) = 3
fstat(3, {st_mode=S_IFREG|0644, st_size=3145728, ...}) = 0
"""


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.strace"
    path.write_text(STRACE + 768 * 'read(3, "x"..., 4096) = 4096\n')
    return path


@pytest.mark.parametrize("kernel", ["6.6", "6.8", "6.18"])
def test_recorded_calls_get_the_folios_of_the_program_in_words(calls: Path, kernel: str) -> None:
    told, recorded = pc.readahead(kernel), pc.readahead(kernel, trace=calls)
    assert recorded.same_as(told)
    assert recorded.pages_used == told.pages_used == 768
    assert recorded.files == (("/a", 0, 768),)
    assert recorded.to_dict()["files"] == (("/a", 0, 768),)


def test_descriptions_have_states_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "two"
    rounds = "".join(
        f'pread64({fd}, "x"..., 4096, {k * 4096 + start}) = 4096\n'
        for k in range(256)
        for fd, start in ((3, 0), (4, 4 << 20))
    )
    second = 'openat(AT_FDCWD, "/a", O_RDONLY) = 4\n'
    path.write_text(STRACE.replace("3145728", "8388608") + second + rounds)
    apart = pc.readahead("6.18", "pairfd 256 4096 0 4M", "8M")
    assert pc.readahead("6.18", trace=path).same_as(apart)
    assert not pc.readahead("6.18", "pair 256 4096 0 4M", "8M").same_as(apart)


def test_advice_and_touches_reach_the_file(tmp_path: Path) -> None:
    path = tmp_path / "advised"
    advice = 'fadvise64(3, 0, 0, POSIX_FADV_RANDOM) = 0\npread64(3, "x"..., 4096, 40960) = 4096\n'
    path.write_text(STRACE + advice + "readahead(3, 0, 8192) = 0\n")
    assert pc.readahead(trace=path).folios == [(0, 0), (1, 0), (10, 0)]
    path = tmp_path / "faults"
    path.write_text(
        "t_us,pid,ev,dev,ino,index,count,order\n0,1,fault,8:1,5,100,1,\n1,1,get,8:1,5,0,999,\n"
    )
    touched = pc.readahead("6.18", "mmap; touch 100; read 0 4091904", 999 * 4096)
    assert pc.readahead("6.18", trace=path).folios == touched.folios


def test_files_stand_side_by_side(tmp_path: Path, calls: Path) -> None:
    other = calls.read_text().replace("/a", "/b").replace("3145728", "3000000")
    path = tmp_path / "both"
    path.write_text(calls.read_text() + "close(3) = 0\n" + other)
    both, one = pc.readahead("6.8", trace=path), pc.readahead("6.8", trace=path, file="/b")
    assert both.files == (("/a", 0, 768), ("/b", 768, 733)) or both.files[0][0] == "/a"
    start = both.files[1][1]
    assert [(index + start, order) for index, order in one.folios] == both.folios[
        -len(one.folios) :
    ]
    assert both.pages_used == 768 + one.pages_used
    assert both.requests[-1] == (one.requests[-1][0] + start, one.requests[-1][1])
    assert sum(both.allocated.values()) == sum(pc.readahead("6.8").allocated.values()) + sum(
        one.allocated.values()
    )


def test_size_may_be_given(calls: Path) -> None:
    assert pc.readahead(trace=calls, size="1M").pages == 256


def test_recorded_reads_get_the_recorded_folios() -> None:
    """Each that the kernel added; sha256sum doubles the 8192 KiB of the device by its advice."""
    name = "254:0/2220172"
    trace, use = read_trace("sha256sum_400mb"), read_program("sha256sum_400mb")
    rows = np.flatnonzero((trace.event == ADD) & (trace.file == trace.files.index(name)))
    kernel = sorted(zip(trace.index[rows].tolist(), trace.order[rows].tolist(), strict=True))
    found = pc.readahead("6.18", trace=use, file=name, readahead_kb=16384, max_io_kb=4096)
    assert len(kernel) == 313
    assert found.folios == kernel


def test_command_reads_a_trace(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["readahead", "--kernel", "6.6,6.8", "--trace", str(calls), "--json", "-"]
    assert main(command) == 0
    captured = capsys.readouterr()
    fields = json.loads(captured.out)
    assert fields["trace"] == str(calls)
    assert fields["kernels"][1]["by_order"] == {"2": 54, "3": 23, "4": 23}
    assert fields["kernels"][1]["files"] == [["/a", 0, 768]]
    assert captured.err.splitlines()[2].split()[:4] == ["6.8", "100", "0", "54"]


def test_command_says_what_limits_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "calls"
    two = STRACE + 'openat(AT_FDCWD, "/b", O_RDONLY) = 4\nread(4, "x"..., 99) = 99\n'
    path.write_text(two + 'read(3, "x"..., 4096) = 4096\nread(0, "x", 1) = 1\n')
    assert main(["readahead", "--kernel", "6.8", "--trace", str(path)]) == 0
    flat = " ".join(capsys.readouterr().out.split())
    assert "of the files: the order" in flat
    assert "Note: 2 files, each after the other, first those of which most is read (/a, /b)" in flat
    assert "1 reads and writes went through descriptors that were not opened in it" in flat


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--trace", "TRACE", "--accesses", "read 0 1"], "do not go together"),
        (["--trace", "TRACE", "--file", "/c"], "reads no '/c'"),
        (["--file", "/a"], "give a trace"),
        (["--format", "strace"], "--format: it says how to read a --trace"),
        (["--trace", "/nowhere"], "no such file"),
    ],
)
def test_bad_input_is_one_line(
    calls: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(calls) if word == "TRACE" else word for word in arguments]
    assert main(["readahead", *given]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
