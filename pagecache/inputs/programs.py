"""What programs did to files, as readahead sees it: reads, touches and advice, by open description.

strace tells it byte for byte. The kernel's own events tell pages, and whose; there each process
stands for a description, and a read that the kernel served in several steps is put together again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError, did_you_mean
from pagecache.inputs.event import FAULT, GET
from pagecache.inputs.formats.source import Progress, Source
from pagecache.inputs.formats.strace import Strace
from pagecache.inputs.formats.strace_files import ADVISE, MMAP, READ, WILLNEED, WRITE, Access
from pagecache.inputs.opening import reading
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE
from pagecache.inputs.trace import Trace
from pagecache.inputs.traces import find_trace, format_named, format_of, known, read_trace

READS, TOUCHES, NEEDS, NORMAL, RANDOM, SEQUENTIAL = range(6)
_ADVICE = {"normal": NORMAL, "random": RANDOM, "sequential": SEQUENTIAL}
_Step = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class FileUse:
    """What was done to one file, in order of time.

    Attributes
    ----------
    name
        The file's.
    size
        Its bytes, or where the last access ends if nothing tells them.
    steps : int64 array of shape (n, 4)
        What (READS, TOUCHES, NEEDS or an advice), the number of the description, the position and
        the bytes asked for; of touches the page in place of the position.
    """

    name: str
    size: int
    steps: NDArray[np.int64]

    @property
    def read(self) -> int:
        """Bytes that were read, those behind the file's end left out; of touches a page each."""
        position, asked = self.steps[self.steps[:, 0] == READS, 2:].T
        reads = np.clip(self.size - position, 0, asked).sum()
        return int(reads) + PAGE_SIZE * int((self.steps[:, 0] == TOUCHES).sum())


@dataclass(frozen=True, eq=False)
class ProgramUse:
    """All files that programs read, those first of which most was read; and what was left out.

    Examples
    --------
    >>> use = read_program("sha256sum_400mb")
    >>> use.files[0].name, use.files[0].size >> 20
    ('254:0/2220172', 400)
    """

    path: str
    files: tuple[FileUse, ...]
    notes: tuple[str, ...] = ()

    def only(self, name: str | None) -> "ProgramUse":
        """The file of that name alone, or all without one; InputError if there is no such file."""
        if name is None:
            return self
        found = tuple(file for file in self.files if file.name == name)
        if not found:
            names = [file.name for file in self.files]
            most = ", ".join(names[:3])
            hint = did_you_mean(name, names)
            raise InputError(
                f"--file: {self.path} reads no {name!r}; {hint}most is read of: {most}"
            )
        return ProgramUse(self.path, found, self.notes)


def read_program(
    path: str | Path, *, format: str | None = None, progress: Progress | None = None
) -> ProgramUse:
    """What a trace's programs read, in any of `pagecache.inputs.formats`.

    Parameters and errors are those of `read_trace`; and InputError if nothing is read.
    """
    name = find_trace(path)
    with reading(name) as file:
        source = Source(name, file, progress)
        form = format_of(source) if format is None else format_named(format)
        found = _of_calls(form, source) if isinstance(form, Strace) else None
    if found is None:
        found = _of_events(read_trace(path, format=format, progress=progress))
    if not found.files:
        raise InputError(f"{name}: nothing in it reads a file; record a program that does")
    return found


@dataclass
class _Steps:
    """The steps of each file as they come."""

    steps: dict[str, list[_Step]] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, step: _Step, end: int) -> None:
        self.steps.setdefault(name, []).append(step)
        self.ends[name] = max(self.ends.get(name, 0), end)

    def use(self, path: str, notes: Iterable[str]) -> ProgramUse:
        made = (
            FileUse(name, self.ends[name], np.array(steps, np.int64))
            for name, steps in self.steps.items()
            if self.ends[name]
        )
        files = sorted((use for use in made if use.read), key=lambda use: (-use.read, use.name))
        return ProgramUse(path, tuple(files), tuple(notes))


def _of_calls(form: Strace, source: Source) -> ProgramUse:
    found, left_out = _Steps(), {MMAP: 0, WRITE: 0}
    sizes: dict[str, int] = {}
    for _, accesses in form.accesses(source, sizes):
        for access in accesses:
            if access.kind in left_out:
                left_out[access.kind] += 1
            else:
                found.add(access.opened.path, _step(access), access.position + access.done)
    for name in found.ends.keys() & sizes.keys():
        found.ends[name] = max(found.ends[name], sizes[name])
    notes = source.settle(form.name, known())
    if left_out[MMAP]:
        told = "mappings are left out, since strace does not see which pages are touched."
        notes += (f"{source.path}: {left_out[MMAP]:,} {told}",)
    if left_out[WRITE]:
        notes += (
            f"{source.path}: {left_out[WRITE]:,} writes are left out; nothing is read ahead.",
        )
    return found.use(source.path, notes)


def _step(access: Access) -> _Step:
    kinds = {READ: READS, WILLNEED: NEEDS, ADVISE: _ADVICE.get(access.advice, NORMAL)}
    return kinds[access.kind], access.opened.number, access.position, access.asked


def _of_events(trace: Trace) -> ProgramUse:
    found = _Steps()
    ends = _ends(trace)
    last: dict[tuple[int, int], tuple[int, int]] = {}
    rows = np.flatnonzero((trace.event == GET) | (trace.event == FAULT))
    columns = (trace.event, trace.file, trace.pid, trace.index, trace.count)
    for event, file, pid, index, count in zip(*(c[rows].tolist() for c in columns), strict=True):
        name, end = trace.files[file], ends[file]
        if event == FAULT:
            found.add(name, (TOUCHES, pid, index, PAGE_SIZE), end)
            continue
        first, after = last.get((file, pid), (0, 0))
        last[file, pid] = index, index + count
        if after != index + count or index <= first:  # else what the same read had not got yet
            step = (READS, pid, index << PAGE_SHIFT, count << PAGE_SHIFT)
            found.add(name, step, end)
    if not len(rows):
        told = (
            "no event says what was read; record mm_filemap_get_pages (Linux 6.12) too, or strace"
        )
        raise InputError(f"{trace.path}: {told}")
    return found.use(trace.path, trace.notes)


def _ends(trace: Trace) -> list[int]:
    """Where the last page of each file ends that an event names, in bytes."""
    after = np.zeros(len(trace.files), np.uint64)
    np.maximum.at(after, trace.file, trace.index + trace.count)
    return [int(pages) << PAGE_SHIFT for pages in after]
