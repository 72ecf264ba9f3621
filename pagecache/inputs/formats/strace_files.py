"""Who has which files open, and where they stand: what strace's calls do to open descriptions.

A description is what open() makes: its position moves with each read. dup() and fork() give more
descriptors of the same one; threads (CLONE_FILES) share the whole table of descriptors.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pagecache.inputs.formats.strace_lines import Begun, Call

READ, WRITE, MMAP, ADVISE, WILLNEED = range(5)
FORKS = frozenset(("fork", "vfork", "clone", "clone3"))
_NO_FILES = ("/proc/", "/sys/", "/dev/")
_FD = re.compile(r"(\d+|AT_FDCWD)(?:<((?:[^>\\]|\\.)*)>)?", re.ASCII)
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NAMED = re.compile(r"<(/(?:[^>\\]|\\.)*)>")
_SIZE = re.compile(r"\bstx?_size=(\d+)", re.ASCII)
_IOV = re.compile(r"iov_len=(\d+)", re.ASCII)


@dataclass
class Opened:
    """A description: what it is of, and where it stands."""

    path: str
    number: int
    position: int = 0
    append: bool = False

    @property
    def is_file(self) -> bool:
        return not self.path.startswith(_NO_FILES)


@dataclass
class Process:
    """Descriptors (with whether they close on exec), and the directory it is in."""

    table: dict[int, tuple[Opened, bool]] = field(default_factory=dict)
    folder: str = ""


class Access(NamedTuple):
    """What a call does to a file: `asked` bytes at `position`, of which it got `done`."""

    kind: int
    call: Call
    opened: Opened
    position: int
    asked: int
    done: int
    advice: str = ""


class Transfer(NamedTuple):
    """What is asked for: bytes of a descriptor, from a position or from where it stands."""

    reads: bool
    fd: int
    at: int | None
    asked: int


class Descriptors:
    """All processes of a trace.

    Attributes
    ----------
    unseen
        Reads and writes through descriptors that were open before the trace began.
    sizes
        The largest size that a path was seen to have.
    """

    def __init__(self, sizes: dict[str, int]) -> None:
        self.processes: dict[int, Process] = {}
        self.opened = 0
        self.unseen = 0
        self.sizes = sizes

    def follow(self, call: Call, begun: dict[int, Begun]) -> Iterator[Access]:
        """What a call does to files; the tables are changed as it changes them."""
        process = self._process(call.pid, begun)
        does = CALLS.get(call.name)
        if does is not None and call.result >= 0:
            yield from does(self, process, call)

    def _process(self, pid: int, begun: dict[int, Begun]) -> Process:
        """The process; one that is new is the child of the call that is about to return."""
        if pid not in self.processes:
            parents = [one for one in begun.values() if one.name in FORKS and one.pid != pid]
            if parents:
                self._fork(
                    self.processes.setdefault(parents[-1].pid, Process()), pid, parents[-1].text
                )
            else:
                self.processes[pid] = Process()
        return self.processes[pid]

    def _fork(self, parent: Process, child: int, text: str) -> None:
        if child not in self.processes:
            table = parent.table if "CLONE_FILES" in text else dict(parent.table)
            self.processes[child] = Process(table, parent.folder)

    # What each call does.

    def fork(self, process: Process, call: Call) -> Iterator[Access]:
        self._fork(process, call.result, call.text)
        yield from ()

    def exec(self, process: Process, call: Call) -> Iterator[Access]:
        kept = {fd: entry for fd, entry in process.table.items() if not entry[1]}
        process.table = kept
        yield from ()

    def chdir(self, process: Process, call: Call) -> Iterator[Access]:
        process.folder = os.path.normpath(os.path.join(process.folder, _path(call.text)))
        yield from ()

    def open(self, process: Process, call: Call) -> Iterator[Access]:
        named = _NAMED.match(call.behind)
        path = named[1] if named else self._resolved(process, call)
        append, cloexec = "O_APPEND" in call.text, "O_CLOEXEC" in call.text
        process.table[call.result] = (Opened(path, self.opened, append=append), cloexec)
        self.opened += 1
        yield from ()

    def _resolved(self, process: Process, call: Call) -> str:
        path = _path(call.text)
        folder, at = process.folder, _FD.match(call.text)
        if call.name == "openat" and at is not None:
            held = process.table.get(int(at[1])) if at[1].isdecimal() else None
            folder = at[2] or (held[0].path if held else folder)
        return os.path.normpath(os.path.join(folder, path))

    def close(self, process: Process, call: Call) -> Iterator[Access]:
        process.table.pop(int(_first(call.text)), None)
        yield from ()

    def dup(self, process: Process, call: Call) -> Iterator[Access]:
        words = call.text.split(", ")
        held = process.table.get(_fd(words[0]))
        if call.name == "fcntl":
            if words[1] == "F_SETFD" and held is not None:
                process.table[_fd(words[0])] = (held[0], "FD_CLOEXEC" in words[2])
            if not words[1].startswith("F_DUPFD"):
                return
        process.table.pop(call.result, None)
        if held is not None:
            process.table[call.result] = (held[0], "CLOEXEC" in call.text)
        yield from ()

    def seek(self, process: Process, call: Call) -> Iterator[Access]:
        held = process.table.get(_fd(call.text))
        if held is not None:
            held[0].position = call.result
            if call.text.endswith("SEEK_END") and call.text.split(", ")[1] == "0":
                self._has(held[0], call.result)
        yield from ()

    def stat(self, process: Process, call: Call) -> Iterator[Access]:
        size = _SIZE.search(call.text)
        own = call.name == "fstat" or (call.text.split(", ")[1:2] == ['""'])
        held = process.table.get(_fd(call.text)) if own else None
        if held is not None and size is not None:
            self._has(held[0], int(size[1]))
        yield from ()

    def _has(self, opened: Opened, size: int) -> None:
        self.sizes[opened.path] = max(size, self.sizes.get(opened.path, 0))

    def transfer(self, process: Process, call: Call) -> Iterator[Access]:
        """read, write and those that carry a position or vectors."""
        reads = "read" in call.name
        vectors, placed = "v" in call.name.removesuffix("2"), call.name.startswith("p")
        words = call.text.split("], ")[-1].split(", ") if vectors else call.text.rsplit(", ", 2)
        asked = (
            sum(map(int, _IOV.findall(call.text))) if vectors else int(words[-2 if placed else -1])
        )
        offset = int(words[1] if vectors else words[-1]) if placed else None
        wanted = Transfer(reads, _fd(call.text), offset, asked)
        yield from self._moved(process, call, wanted)

    def copy(self, process: Process, call: Call) -> Iterator[Access]:
        """sendfile and copy_file_range, from where the description stands or from a position."""
        words = call.text.split(", ")
        if call.name == "sendfile":
            source, offset, asked = words[1], words[2], words[3]
        else:
            source, offset, asked = words[0], words[1], words[4]
        found = re.match(r"\[(\d+)\]", offset)
        at = int(found[1]) if found else None
        wanted = Transfer(True, _fd(source), at, int(asked))
        yield from self._moved(process, call, wanted)

    def _moved(self, process: Process, call: Call, wanted: Transfer) -> Iterator[Access]:
        if wanted.fd not in process.table:
            self.unseen += 1
            return
        opened = process.table[wanted.fd][0]
        if opened.append and not wanted.reads:
            opened.position = self.sizes.get(opened.path, opened.position)
        position = opened.position if wanted.at is None else wanted.at
        if wanted.at is None:
            opened.position += call.result
        if not opened.is_file:
            return
        if not wanted.reads or 0 < call.result < wanted.asked:
            self._has(opened, position + call.result)
        kind = READ if wanted.reads else WRITE
        yield Access(kind, call, opened, position, wanted.asked, call.result)

    def map(self, process: Process, call: Call) -> Iterator[Access]:
        words = call.text.split(", ")
        held = process.table.get(_fd(words[4])) if len(words) > 5 else None
        if held is not None and held[0].is_file and "MAP_ANON" not in words[3]:
            length, offset = int(words[1], 0), int(words[5], 0)
            yield Access(MMAP, call, held[0], offset, length, length, words[2])

    def advise(self, process: Process, call: Call) -> Iterator[Access]:
        words = call.text.split(", ")
        held = process.table.get(_fd(words[0]))
        if held is None or not held[0].is_file:
            return
        advice = words[3].removeprefix("POSIX_FADV_").lower() if len(words) > 3 else "willneed"
        kind = WILLNEED if advice == "willneed" else ADVISE
        yield Access(kind, call, held[0], int(words[1]), int(words[2]), 0, advice)


def _first(text: str) -> str:
    found = _FD.match(text)
    if found is None:
        raise ValueError(text)
    return found[1]


def _fd(text: str) -> int:
    """The number of a descriptor, ``3`` or ``3</etc/passwd>``; -1 for none."""
    found = _FD.match(text)
    return int(found[1]) if found and found[1].isdecimal() else -1


def _path(text: str) -> str:
    found = _PATH.search(text)
    if found is None:
        raise ValueError(text)
    return found[1]


Does = Callable[[Descriptors, Process, Call], Iterator[Access]]
_TRANSFERS = (
    "read", "write", "pread64", "pwrite64", "readv", "writev", "preadv", "pwritev", "preadv2",
    "pwritev2",
)  # fmt: skip
CALLS: dict[str, Does] = {
    **dict.fromkeys(FORKS, Descriptors.fork),
    **dict.fromkeys(("execve", "execveat"), Descriptors.exec),
    "chdir": Descriptors.chdir,
    **dict.fromkeys(("open", "openat", "openat2", "creat"), Descriptors.open),
    "close": Descriptors.close,
    **dict.fromkeys(("dup", "dup2", "dup3", "fcntl"), Descriptors.dup),
    "lseek": Descriptors.seek,
    **dict.fromkeys(("fstat", "newfstatat", "statx"), Descriptors.stat),
    **dict.fromkeys(_TRANSFERS, Descriptors.transfer),
    **dict.fromkeys(("sendfile", "copy_file_range"), Descriptors.copy),
    "mmap": Descriptors.map,
    **dict.fromkeys(("fadvise64", "readahead"), Descriptors.advise),
}
