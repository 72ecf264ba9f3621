"""Recording what a program does to the page cache, and what its files hold in the end."""

import gzip
import io
import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs.opening import open_regular
from pagecache.live.events import END, Event, FileId, Recorded, read_events
from pagecache.live.filesystem import TMPFS
from pagecache.live.inodes import cached_inodes
from pagecache.live.look import MINOR_BITS
from pagecache.live.tracing import Tracing
from pagecache.live.walk import Walk, Walker
from pagecache.writing import write_bytes, write_text

COLUMNS = "t_us,pid,ev,dev,ino,index,count,order"
Content = dict[str, Any]


@dataclass(frozen=True)
class Recording:
    """What was written, and what must be known about it.

    Attributes
    ----------
    trace, expected : str
        Files: the events, and what the kernel's indexes held right after them.
    status : int
        The program's exit code.
    events, files, lost, before : int
        Rows, files, events that the buffer had no room for, and folios that were cached before.
    silent : list of str
        Files on tmpfs, whose additions the kernel does not trace.
    busy : list of str
        Files that others changed before they were looked at: nothing is expected of them.
    """

    trace: str
    expected: str
    status: int
    events: int
    files: int
    lost: int
    before: int
    silent: list[str]
    busy: list[str]


@dataclass(frozen=True)
class Held:
    """What one file holds: folios as (index, order)."""

    folios: list[tuple[int, int]]
    nodes: int = 0
    shadows: bool = False

    def content(self) -> Content:
        """As expectations hold it."""
        orders = Counter(order for _, order in self.folios)
        return {
            "pages": sum(count << order for order, count in orders.items()),
            "folios": len(self.folios),
            "nodes": self.nodes,
            "orders": {str(order): orders[order] for order in sorted(orders)},
            "shadows": self.shadows,
        }


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All cached files of the machine at one time, by their order in a walk."""

    files: list[FileId]
    magics: NDArray[np.uint64]
    walk: Walk

    @property
    def silent(self) -> set[FileId]:
        """Files on tmpfs."""
        return {self.files[k] for k in np.flatnonzero(self.magics == TMPFS)}

    @property
    def moving(self) -> set[FileId]:
        """Files that changed under every walk."""
        return {self.files[k] for k in np.flatnonzero(~self.walk.steady)}

    def of(self, wanted: set[FileId]) -> dict[FileId, Held]:
        """What those of `wanted` hold of which anything is cached."""
        folios, walk = self.walk.folios, self.walk
        shadowed = set(np.unique(walk.shadows.root).tolist())
        found = {}
        for number in [k for k, file in enumerate(self.files) if file in wanted]:
            rows = np.flatnonzero(folios.root == number)
            pairs = zip(folios.index[rows].tolist(), folios.order[rows].tolist(), strict=True)
            nodes = int(walk.nodes[number])
            found[self.files[number]] = Held(sorted(pairs), nodes, number in shadowed)
        return found


def record(command: Sequence[str], out: str | Path, cold: Iterable[str | Path] = ()) -> Recording:
    """Run a program and write ``OUT.filemap.csv.gz`` and ``OUT.expected.json``.

    Needs root. Files that the program or its children touched are kept, with all that happened to
    them meanwhile; what was cached of them before stands first, at time 0 and of process 0.

    Raises
    ------
    InputError
        tracefs or the walk is not allowed, or the program cannot be started.
    """
    for path in cold:
        evict(path)
    with Walker() as walker, tempfile.TemporaryFile() as text, Tracing(text) as tracing:
        before = snapshot(walker)
        try:
            child = subprocess.Popen(list(command))
        except OSError as error:
            raise InputError(f"{command[0]}: {error.strerror}; name a program") from None
        try:
            status = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        tracing.mark(END)
        after = snapshot(walker)
        tracing.stop()
        text.seek(0)
        found = read_events(text, child.pid)
        lost = tracing.lost
    return _write(out, found, (before, after), status, lost)


def evict(path: str | Path) -> None:
    """Write a file's dirty pages back and drop what is cached of it."""
    fd = open_regular(path)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def snapshot(walker: Walker) -> Snapshot:
    """What every index of the machine holds now."""
    inodes = cached_inodes(walker.offsets).records
    walk = walker.mappings(inodes["mapping"])
    columns = (inodes["device"].tolist(), inodes["number"].tolist())
    minor = (1 << MINOR_BITS) - 1
    files = [(d >> MINOR_BITS, d & minor, number) for d, number in zip(*columns, strict=True)]
    return Snapshot(files, inodes["magic"], walk)


def _write(
    out: str | Path, found: Recorded, looks: tuple[Snapshot, Snapshot], status: int, lost: int
) -> Recording:
    before, after = looks
    silent = found.files & (before.silent | after.silent)
    files = found.files - silent
    events = [event for event in found.events if event.file in files]
    old = [
        Event(0, 0, "add", file, index, 1 << order, order)
        for file, held in sorted(before.of(files).items(), key=lambda item: item[0])
        for index, order in held.folios
    ]
    trace, expected = f"{out}.filemap.csv.gz", f"{out}.expected.json"
    text = "\n".join([COLUMNS, *_rows(old, events), ""])
    write_bytes(_compressed(text), trace, "record")
    added = {event.file for event in (*old, *events) if event.ev == "add"}
    left, busy = after.of(added), added & (found.late | after.moving)
    contents = {name_of(file): left.get(file, Held([])).content() for file in sorted(added - busy)}
    write_text(json.dumps(contents, indent=1) + "\n", expected, "record")
    rows = len(old) + len(events)
    named = [sorted(map(name_of, some)) for some in (silent, busy)]
    return Recording(trace, expected, status, rows, len(files), lost, len(old), *named)


def _compressed(text: str) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(text.encode())
    return packed.getvalue()


def _rows(old: list[Event], events: list[Event]) -> Iterator[str]:
    start = events[0].t_us if events else 0
    for event in old:
        yield _row(event, 0)
    for event in events:
        yield _row(event, event.t_us - start)


def _row(event: Event, t_us: int) -> str:
    major, minor, inode = event.file
    order = "" if event.order is None else event.order
    return (
        f"{t_us},{event.pid},{event.ev},{major}:{minor},{inode},{event.index},{event.count},{order}"
    )


def name_of(file: FileId) -> str:
    """As traces name files: ``254:0/2269290``."""
    return f"{file[0]}:{file[1]}/{file[2]}"
