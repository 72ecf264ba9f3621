"""Lines of the kernel's trace as rows of a filemap trace, and whose files they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

PAGE = 4096
END = b"pagecache: the program has ended"
_LINE = re.compile(rb".*-(\d+) +\[\d+\] \S+ +(\d+)\.(\d{6}): (\w+): (.*)")
_CHANGE = re.compile(rb"dev (\d+):(\d+) ino (\w+) .*ofs=(\d+)(?: order=(\d+))?")
_ACCESS = re.compile(rb"dev=(\d+):(\d+) ino=(\w+) ofs=(\d+)(?:-(\d+))?")
_FORK = re.compile(rb"comm=.* pid=(\d+) child_comm=.* child_pid=(\d+)")
_CHANGES = {b"mm_filemap_add_to_page_cache": "add", b"mm_filemap_delete_from_page_cache": "del"}
_ACCESSES = {
    b"mm_filemap_get_pages": "get",
    b"mm_filemap_fault": "fault",
    b"mm_filemap_map_pages": "map",
}

FileId = tuple[int, int, int]  # major, minor, inode


@dataclass(frozen=True)
class Event:
    """A row: `count` pages from `index` on; the order is None except for adds and dels."""

    t_us: int
    pid: int
    ev: str
    file: FileId
    index: int
    count: int
    order: int | None


@dataclass
class Recorded:
    """The events of the files that one process and its children touched.

    `late` has all files of the machine that changed after the end.
    """

    events: list[Event] = field(default_factory=list)
    files: set[FileId] = field(default_factory=set)
    late: set[FileId] = field(default_factory=set)
    bad_lines: int = 0


def read_events(lines: Iterable[bytes], pid: int) -> Recorded:
    """Keep what concerns the files of `pid` and of all that it forks, whoever did it.

    Events after a marker that says `END` are no part of it.
    """
    found, pids, ended = Recorded(), {pid}, False
    events: list[Event] = []
    for line in lines:
        read = _LINE.match(line)
        if read is None:
            found.bad_lines += not line.startswith((b"#", b"CPU:")) and bool(line.strip())
            continue
        who, seconds, micros, name, text = read.groups()
        if name == b"sched_process_fork":
            fork = _FORK.match(text)
            if fork and int(fork[1]) in pids:
                pids.add(int(fork[2]))
            continue
        if name == b"tracing_mark_write":
            ended = ended or text.strip() == END
            continue
        event = _event(int(seconds) * 1_000_000 + int(micros), int(who), name, text)
        if event is None:
            found.bad_lines += 1
            continue
        if ended:
            found.late |= {event.file} if event.order is not None else set()
            continue
        events.append(event)
        if event.pid in pids:
            found.files.add(event.file)
    found.events = [event for event in events if event.file in found.files]
    return found


def _event(t_us: int, pid: int, name: bytes, text: bytes) -> Event | None:
    if name in _CHANGES:
        read = _CHANGE.match(text)
        if read is None:
            return None
        order = int(read[5] or 0)
        index = int(read[4]) // PAGE
        return Event(t_us, pid, _CHANGES[name], _file(read), index, 1 << order, order)
    read = _ACCESS.match(text) if name in _ACCESSES else None
    if read is None:
        return None
    first, last = int(read[4]), int(read[5] or read[4])
    count = max(last // PAGE - first // PAGE + 1, 1)
    return Event(t_us, pid, _ACCESSES[name], _file(read), first // PAGE, count, None)


def _file(read: "re.Match[bytes]") -> FileId:
    return int(read[1]), int(read[2]), int(read[3], 16)
