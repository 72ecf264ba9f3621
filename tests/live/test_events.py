"""Lines of the kernel's trace, from its formats' description."""

import pytest

from pagecache.live import events
from pagecache.live.events import END, Event, read_events

FILE = (254, 0, 0x2A3)


def line(pid: int, text: str, comm: str = "git", flags: str = ".....") -> bytes:
    return f"{comm:>16}-{pid:<7} [001] {flags}   12.000345: {text}\n".encode()


ADD = "mm_filemap_add_to_page_cache: dev 254:0 ino 2a3 pfn=0x1f ofs=8388608 order=9"
OLD = "mm_filemap_delete_from_page_cache: dev 254:0 ino 2a3 page=00000000c0ffee pfn=31 ofs=4096"


def test_changes_of_either_form() -> None:
    found = read_events([line(7, ADD), line(7, OLD, flags="d..1")], 7)
    assert found.events == [
        Event(12_000_345, 7, "add", FILE, 2048, 512, 9),
        Event(12_000_345, 7, "del", FILE, 1, 1, 0),
    ]
    assert (found.files, found.bad_lines) == ({FILE}, 0)


def test_accesses_cover_the_pages_of_their_range() -> None:
    texts = [
        "mm_filemap_get_pages: dev=254:0 ino=2a3 ofs=4096-12287",
        "mm_filemap_map_pages: dev=254:0 ino=2a3 ofs=0-65535",
        "mm_filemap_fault: dev=254:0 ino=2a3 ofs=12288",
    ]
    found = read_events([line(7, text) for text in texts], 7)
    places = [(event.ev, event.index, event.count, event.order) for event in found.events]
    assert places == [("get", 1, 2, None), ("map", 0, 16, None), ("fault", 3, 1, None)]


def test_files_of_the_program_and_its_children_are_kept_whoever_changes_them() -> None:
    other = ADD.replace("2a3", "bad")
    fork = "sched_process_fork: comm=a pid=1 b pid={} child_comm=a child_pid={}"
    lines = [
        line(99, OLD, comm="kswapd0"),  # before the program comes to the file
        line(7, fork.format(7, 8)),
        line(50, fork.format(50, 51)),
        line(8, ADD, comm="odd-12 [3] name"),
        line(51, other),
    ]
    found = read_events(lines, 7)
    assert [(event.pid, event.ev) for event in found.events] == [(99, "del"), (8, "add")]
    assert found.files == {FILE}


def test_what_changes_after_the_end_is_apart() -> None:
    mark = "tracing_mark_write: " + END.decode()
    get = "mm_filemap_get_pages: dev=254:0 ino=aaa ofs=0-4095"
    lines = [line(7, ADD), line(1, "tracing_mark_write: other"), line(7, ADD), line(1, mark)]
    found = read_events([*lines, line(7, OLD.replace("2a3", "bad")), line(7, get)], 7)
    assert (len(found.events), found.files) == (2, {FILE})
    assert (found.late, found.bad_lines) == ({(254, 0, 0xBAD)}, 0)


def test_lines_that_cannot_be_read_are_counted() -> None:
    lines = [b"# tracer: nop\n", b"CPU:1 [LOST 5 EVENTS]\n", b"\n", b"nonsense\n"]
    lines += [line(7, "mm_filemap_add_to_page_cache: dev 254"), line(7, "other: dev=254:0")]
    assert read_events(lines, 7).bad_lines == 2


def test_blocks_are_cut_at_what_is_told_and_at_their_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_LINES", 2)
    lines = [line(7, ADD.replace("8388608", str(k << 21))) for k in range(5)]
    lines[3:3] = [line(1, "tracing_mark_write: here")]
    cut = list(events.blocks(lines))
    assert [block.count(b"\n") for block, _ in cut] == [2, 1, 2, 0]
    assert [told for _, told in cut] == [b"", b"here", b"", b""]
    lines[-1] = lines[-1].rstrip(b"\n")
    assert [event.index for event in read_events(lines, 7).events] == [k << 9 for k in range(5)]
