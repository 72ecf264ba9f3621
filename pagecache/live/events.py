"""Lines of the kernel's trace as rows of a filemap trace, and whose files they are.

The page cache's events are read as any ftrace file is (`inputs.formats.kernel_events`), in blocks
that end where a process forks or a mark is written: who belongs to the program changes there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pagecache.inputs.event import DEL, EVENTS
from pagecache.inputs.formats.kernel_events import parse

END = b"pagecache: the program has ended"
MOST_LINES = 1 << 16  # of a block
_TOLD = re.compile(rb".*: (sched_process_fork|tracing_mark_write): (.*)")
_FORK = re.compile(rb"comm=.* pid=(\d+) child_comm=.* child_pid=(\d+)")
_NAMES = {number: name for name, number in EVENTS.items()}
_MINOR = (1 << 32) - 1

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
    numbers: dict[tuple[int, int], int] = {}
    events: list[Event] = []
    for block, told in blocks(lines):
        read = list(events_of(block, numbers, found))
        if ended:
            found.late |= {event.file for event in read if event.order is not None}
        else:
            events += read
            found.files |= {event.file for event in read if event.pid in pids}
        ended = ended or told.strip() == END
        fork = _FORK.match(told)
        if fork and int(fork[1]) in pids:
            pids.add(int(fork[2]))
    found.events = [event for event in events if event.file in found.files]
    return found


def blocks(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Lines of the page cache's events together, and what the line says that ends them."""
    block: list[bytes] = []
    for line in lines:
        told = _TOLD.match(line)
        if told is None:
            block.append(line if line.endswith(b"\n") else line + b"\n")
        if told is not None or len(block) == MOST_LINES:
            yield b"".join(block), told[2] if told else b""
            block = []
    yield b"".join(block), b""


def events_of(
    block: bytes, numbers: dict[tuple[int, int], int], found: Recorded
) -> Iterator[Event]:
    """The events of a block; lines that cannot be read are counted."""
    parsed = parse(block, numbers)
    found.bad_lines += len(parsed.bad)
    files = [(device >> 32, device & _MINOR, inode) for device, inode in numbers]
    names = ("t_us", "pid", "event", "file", "index", "count", "order")
    rows = zip(*(parsed.columns[name].tolist() for name in names), strict=True)
    for t_us, pid, event, file, index, count, order in rows:
        change = event <= DEL
        yield Event(t_us, pid, _NAMES[event], files[file], index, count, order if change else None)
