import errno
import gzip
import io
import os
import socket

import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.inputs import ADD, GET, bundled, bundled_path, opening, read_trace
from pagecache.inputs.runs import pages_of

HEADER = "t_us,pid,ev,dev,ino,index,count,order"
ADD_0 = "0,1,add,8:1,5,0,1,0"


@pytest.fixture
def write(tmp_path):
    def write_lines(*lines, header=HEADER, end="\n", name="t.csv"):
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + end)
        return path

    return write_lines


def final(path):
    folios = read_trace(path).final_folios()
    folios.check()
    return list(zip(folios.index.tolist(), folios.order.tolist(), strict=True))


def test_replay_leaves_what_the_kernel_held(recorded):
    path, expected = recorded
    folios = read_trace(path).final_folios()
    folios.check()
    assert set(folios.files) == set(expected)
    for number, name in enumerate(folios.files):
        held, of_file = expected[name], folios.take(folios.file == number)
        assert (of_file.pages, len(of_file)) == (held["pages"], held["folios"])
        assert of_file.orders() == {int(k): count for k, count in held["orders"].items()}


def test_recorded_draw_is_a_window_of_the_cached_accesses(recorded):
    trace = read_trace(recorded[0])
    source = trace.input()
    file, index = source.draw(np.random.default_rng(1), 5000)
    assert source.folios.holds(file, index).all()
    all_file, all_index = trace.accesses()
    names = np.array(source.folios.files)[file]
    asked = set(zip(np.array(trace.files)[all_file].tolist(), all_index.tolist(), strict=True))
    assert set(zip(names.tolist(), index.tolist(), strict=True)) <= asked


def test_bundled_traces_are_the_three_of_the_package_and_readable():
    files = bundled_path("sha256sum_400mb").parent.glob("*.filemap.csv.gz")
    assert (
        bundled()
        == sorted(path.name.split(".")[0] for path in files)
        == ["lmdb_stat_random", "python_import_numpy", "sha256sum_400mb"]
    )
    assert [read_trace(bundled_path(name)).name for name in bundled()] == bundled()


def test_unknown_bundled_trace_lists_the_known():
    with pytest.raises(InputError, match=r"^--trace: .*known: lmdb_stat_random"):
        bundled_path("nothing")


def test_bundled_trace_is_read_by_its_name_unless_a_file_has_it(write, monkeypatch, tmp_path):
    assert len(read_trace("sha256sum_400mb")) == 13230
    monkeypatch.chdir(tmp_path)
    write(ADD_0, name="sha256sum_400mb")
    assert len(read_trace("sha256sum_400mb")) == 1


@pytest.mark.parametrize("name", ["sha256sum", "sha256sum_400mB"])
def test_name_of_no_bundled_trace_names_the_nearest_and_all(name):
    with pytest.raises(InputError) as caught:
        read_trace(name)
    assert str(caught.value) == (
        f"{name}: no such file, and no bundled trace of that name; did you mean sha256sum_400mb? "
        f"bundled: {', '.join(bundled())}"
    )


def test_recorded_trace_says_what_its_dels_name(recorded):
    """git had its files cached before: their folios leave and were never added."""
    path, _ = recorded
    doubts = read_trace(path).doubts()
    assert len(doubts) == ("git_log_p" in path.name)
    assert all("pages that were not added are removed" in doubt for doubt in doubts)


def test_trace_that_opens_and_cannot_be_read_is_named():
    with pytest.raises(InputError, match=r"^/proc/self/mem: cannot be read \(Input/output error"):
        read_trace("/proc/self/mem")


def test_disk_that_fails_in_the_middle_names_the_file(write, monkeypatch):
    """Of a compressed file too: the failure is the disk's, not the compression's."""

    class Failing(io.FileIO):
        def readinto(self, buffer):
            if self.tell() > 100_000:
                raise OSError(errno.EIO, "Input/output error")
            return super().readinto(buffer)

    rng = np.random.default_rng(2)
    lines = [f"0,1,get,8:1,5,{index},1," for index in rng.integers(1 << 60, size=20_000)]
    plain = write(*lines)
    zipped = plain.with_suffix(".gz")
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    monkeypatch.setattr(
        opening, "open", lambda fd, mode: io.BufferedReader(Failing(fd, mode)), raising=False
    )
    for path in (plain, zipped):
        with pytest.raises(InputError, match=f"^{path}: cannot be read .Input/output error"):
            read_trace(path)


def test_arrays_hold_what_the_lines_say(write):
    path = write("0,7,add,8:1,5,512,512,9", f"31,8,get,8:2,6,{2**64 - 1},1,", ADD_0)
    trace = read_trace(path)
    assert trace.files == ("8:1/5", "8:2/6")
    assert trace.event.tolist() == [ADD, GET, ADD]
    assert trace.index.tolist() == [512, 2**64 - 1, 0]
    assert trace.order.tolist() == [9, -1, 0]
    assert (trace.t_us[1], trace.pid[1], trace.file[1], trace.count[0]) == (31, 8, 1, 512)
    assert trace.index.dtype == trace.count.dtype == np.uint64


def test_columns_may_come_in_another_order_with_others_between(write):
    header = "order,comm,ino,dev,count,index,ev,pid,t_us"
    assert final(write('2,"a, b",5,8:1,4,8,add,1,0', header=header)) == [(8, 2)]


def test_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(f"{HEADER}\r\n{ADD_0}\r\n".encode())
    assert final(path) == [(0, 0)]


def test_gzip_is_known_by_content(tmp_path):
    path = tmp_path / "no-suffix"
    path.write_bytes(gzip.compress(f"{HEADER}\n{ADD_0}\n".encode()))
    assert final(path) == [(0, 0)]


def test_trace_is_named_after_its_file(write):
    assert read_trace(write(ADD_0, name="py-3.11.filemap.csv")).name == "py-3.11"


def test_del_of_what_was_never_added_is_dropped(write):
    path = write("0,1,del,8:1,4,0,1,0", ADD_0, "0,1,del,8:1,5,1,1,0")
    assert final(path) == [(0, 0)]
    assert read_trace(path).final_folios().files == ("8:1/5",)


def test_emptied_file_stays_listed(write):
    folios = read_trace(write(ADD_0, "1,1,del,8:1,5,0,1,0")).final_folios()
    assert (folios.files, len(folios)) == (("8:1/5",), 0)


def test_folio_added_again_is_inserted_last(write):
    events = [("add", 0), ("add", 1), ("del", 0), ("add", 0)]
    assert final(write(*[f"0,1,{ev},8:1,5,{index},1,0" for ev, index in events])) == [
        (1, 0),
        (0, 0),
    ]


def test_del_within_a_folio_leaves_the_fewest_folios(write):
    lines = ["0,1,add,8:1,5,512,512,9", "1,1,del,8:1,5,515,1,0"]
    left = [(512, 1), (514, 0), (516, 2), (520, 3), (528, 4), (544, 5), (576, 6), (640, 7)]
    assert final(write(*lines)) == [*left, (768, 8)]


def test_del_of_a_large_folio_takes_its_pieces(write):
    lines = ["0,1,add,8:1,5,0,1,0", "0,1,add,8:1,5,3,1,0", "0,1,add,8:1,5,4,4,2"]
    assert final(write(*lines, "0,1,del,8:1,5,0,4,2")) == [(4, 2)]


def test_add_takes_the_place_of_what_it_overlaps(write):
    lines = ["0,1,add,8:1,5,1,1,0", "0,1,add,8:1,5,0,4,2", "0,1,add,8:1,5,2,2,1"]
    assert final(write(*lines)) == [(0, 1), (2, 1)]


def test_replay_agrees_with_a_set_of_pages_on_random_overlaps(write):
    rng = np.random.default_rng(11)
    lines, pages = [], set()
    for _ in range(3000):
        order = int(rng.integers(6))
        index, ino = int(rng.integers(128 >> order)) << order, int(rng.integers(2))
        event = ("add", "del")[int(rng.integers(2))]
        lines.append(f"0,1,{event},8:1,{ino},{index},{1 << order},{order}")
        span = {(f"8:1/{ino}", index + k) for k in range(1 << order)}
        pages = pages | span if event == "add" else pages - span
    folios = read_trace(write(*lines)).final_folios()
    folios.check()
    single = folios.limited({0})
    names = np.array(folios.files)[single.file].tolist()
    assert set(zip(names, single.index.tolist(), strict=True)) == pages


def test_accesses_are_expanded_in_order(write):
    lines = [ADD_0, "0,1,get,8:1,5,3,2,", "0,1,map,8:1,6,9,1,", "0,1,fault,8:1,5,0,0,"]
    file, index = read_trace(write(*lines)).accesses()
    assert (file.tolist(), index.tolist()) == ([0, 0, 1], [3, 4, 9])


def test_more_accesses_than_memory_are_refused(write):
    path = write(ADD_0, f"0,1,get,8:1,5,0,{2**63},")
    with pytest.raises(InputError, match=r"page accesses are over 2\*\*31; cut the trace"):
        read_trace(path).accesses()


def test_trace_without_accesses_draws_over_its_cached_pages(write):
    source = read_trace(write("0,1,add,8:1,5,8,8,3")).input()
    _, index = source.draw(np.random.default_rng(1), 500)
    assert set(index.tolist()) == set(range(8, 16))


def test_trace_with_nothing_cached_at_the_end_is_no_input(write):
    for lines in (["0,1,del,8:1,5,0,1,0"], [ADD_0, "1,1,get,8:1,5,0,1,", "2,1,del,8:1,5,0,1,0"]):
        with pytest.raises(InputError, match="nothing is cached at its end"):
            read_trace(write(*lines)).input()


def test_trace_of_accesses_alone_caches_each_page_when_it_is_first_accessed(write):
    lines = [
        "0,1,get,8:1,5,7,2,",
        "1,1,fault,8:1,6,7,1,",
        "2,1,map,8:1,5,6,3,",
        "3,1,get,8:1,9,6,0,",
    ]
    trace = read_trace(write(*lines))
    folios = trace.final_folios()
    folios.check()
    assert folios.files == ("8:1/5", "8:1/6")
    assert list(zip(folios.file.tolist(), folios.index.tolist(), strict=True)) == [
        (0, 7), (0, 8), (1, 7), (0, 6),
    ]  # fmt: skip
    assert folios.orders() == {0: 4}
    (said,) = trace.doubts()
    assert said.endswith("each enters alone, when it is first accessed, and stays.")
    file, index = trace.input().draw(np.random.default_rng(1), 12)
    assert folios.holds(file, index).all()


BAD_LINES = {
    "negative index": ("0,1,add,8:1,5,-4,1,0", "index '-4' is negative"),
    "negative time": ("-1,1,add,8:1,5,4,1,0", "t_us '-1' is negative"),
    "word for index": ("0,1,add,8:1,5,four,1,0", "index 'four' is not a whole number"),
    "empty count": ("0,1,get,8:1,5,4,,", "count '' is not a whole number"),
    "index over 64 bits": (f"0,1,add,8:1,5,{1 << 64},1,0", "index '18446744073709551616' is above"),
    "index of 5000 digits": (f"0,1,get,8:1,5,{'9' * 5000},1,", "index '9+' is above"),
    "pid over 32 bits": (f"0,{1 << 32},add,8:1,5,4,1,0", "pid '4294967296' is above 4294967295"),
    "order above 63": ("0,1,add,8:1,5,0,1,64", "order '64' is not an order of 0 to 63"),
    "negative order": ("0,1,add,8:1,5,0,1,-1", "order '-1' is negative"),
    "no order on add": ("0,1,add,8:1,5,0,1,", "order '' is needed on add and del"),
    "index out of line": ("0,1,del,8:1,5,3,2,1", r"index '3' is not a multiple of 2\*\*1"),
    "unknown event": (
        "0,1,evict,8:1,5,0,1,0",
        "ev 'evict' is not one of add, del, get, fault, map",
    ),
    "too few fields": ("0,1,add,8:1", "4 fields where the header has 8"),
    "too many fields": (ADD_0 + ",9", "9 fields where the header has 8"),
    "blank line": ("", "0 fields where the header has 8"),
    "huge field": ("0,1,add,8:1," + "x" * 200_000 + ",0,1,0", "not CSV"),
}


@pytest.mark.parametrize("name", BAD_LINES)
@pytest.mark.parametrize("before", [2, 5000])
def test_bad_line_is_named(write, name, before):
    line, message = BAD_LINES[name]
    path = write(*[ADD_0] * before, line, ADD_0)
    with pytest.raises(InputError, match=f"^{path}:{before + 2}: {message}.*; .") as caught:
        read_trace(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [1, 7])
@pytest.mark.parametrize("before", [0, 2, 5000])
def test_trace_that_ends_in_mid_line_names_that_line(write, cut, before):
    path = write(*[ADD_0] * before, ADD_0[:-cut], end="")
    with pytest.raises(InputError, match=f"^{path}:{before + 2}: the file ends in mid-line; "):
        read_trace(path)


@pytest.mark.parametrize("column", HEADER.split(","))
def test_missing_column_is_named(write, column):
    path = write(header=",".join(name for name in HEADER.split(",") if name != column))
    with pytest.raises(InputError, match=f"^{path}:1: column {column} is missing"):
        read_trace(path)


def test_header_alone_is_no_trace(write):
    with pytest.raises(InputError, match=":2: no event follows the header"):
        read_trace(write())
    with pytest.raises(InputError, match=":1: the file ends in mid-line"):
        read_trace(write(end=""))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (bytes(range(256)) * 1000, "not a trace of a known format; known: filemap-csv"),
        (b"\x7fELF\x02\x01" + bytes(100_000), "not a trace of a known format"),
        (b"name,value\n1,2\n", "not a trace of a known format"),
        (b"\x1f\x8b", "the gzip data break off or are damaged"),
        (b"\x1f\x8b\x08\x00 this is no deflate stream", "the gzip data break off or are damaged"),
    ],
)
def test_what_is_no_trace_is_said_so(tmp_path, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}:1: .*{message}"):
        read_trace(path)


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damaged_gzip_is_said_so(tmp_path, damage):
    rng = np.random.default_rng(2)
    lines = [f"0,1,get,8:1,5,{index},1," for index in rng.integers(1 << 40, size=20_000)]
    whole = bytearray(gzip.compress("\n".join([HEADER, *lines, ""]).encode()))
    data = whole[: len(whole) // 2] if damage == "cut" else whole[:-8] + bytes(8)  # a wrong CRC
    path = tmp_path / "t.csv.gz"
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"^{path}:\d+: the gzip data break off or are damaged"):
        read_trace(path)


def test_directory_fifo_socket_and_device_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        cases = {tmp_path: "directory", tmp_path / "fifo": "FIFO", tmp_path / "socket": "socket"}
        for path, kind in (cases | {"/dev/zero": "character device"}).items():
            with pytest.raises(InputError, match=f"^{path}: it is a {kind}; name a regular file"):
                read_trace(path)


def test_missing_file_is_said_so(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.csv: no such file; check the path"):
        read_trace(tmp_path / "nothing.csv")


def test_unreadable_file_is_said_so(write, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = write(ADD_0)
    monkeypatch.setattr(os, "open", refuse)  # root may read everything
    with pytest.raises(InputError, match=f"^{path}: permission denied; make it readable"):
        read_trace(path)


def test_runs_near_the_end_of_the_index_stay_unsigned():
    assert pages_of(np.array([[2**64 - 2, 2]], np.uint64)).tolist() == [2**64 - 2, 2**64 - 1]
