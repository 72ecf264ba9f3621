"""Recording a program without any rights: what it reads, writes and maps, seen by strace."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pagecache.errors import InputError
from pagecache.inputs import read_trace
from pagecache.live.record import evict
from pagecache.live.tracing import Tracing
from pagecache.live.walk import Walker
from pagecache.writing import check_writable, replacing


@dataclass(frozen=True)
class Straced:
    """What was written, and what must be known about it.

    Attributes
    ----------
    trace : str
        The file of strace's output.
    status : int
        The program's exit code.
    accesses, files : int
        Reads, writes and mappings, and the files that they are of.
    notes : list of str
        What strace cannot see of them.
    """

    trace: str
    status: int
    accesses: int
    files: int
    notes: list[str]


def why_not_traced() -> str | None:
    """Why the kernel's own events cannot be recorded; None if they can.  Nothing is left behind."""
    try:
        with Walker(), tempfile.TemporaryFile() as text, Tracing(text):
            return None
    except InputError as error:
        return str(error)


def record_strace(
    command: Sequence[str], out: str | Path, cold: Iterable[str | Path] = ()
) -> Straced:
    """Run a program under strace and write ``OUT.strace.txt``.

    Raises
    ------
    InputError
        strace is not installed, may not trace, or cannot start the program.
    """
    tracer = shutil.which("strace")
    if tracer is None:
        raise InputError("strace is not installed; install it, or run as root with tracefs")
    if shutil.which(command[0]) is None:
        raise InputError(f"{command[0]}: it cannot be run; name a program")
    for path in cold:
        evict(path)
    trace = f"{out}.strace.txt"
    check_writable(trace, "record")
    with replacing(Path(os.path.realpath(trace))) as beside:
        wanted = ["-f", "-y", "-e", "trace=desc,process,chdir", "-o", beside, "--", *command]
        status = waited([tracer, *wanted])
        if status and not Path(beside).stat().st_size:
            raise InputError("strace may not trace here; allow ptrace, or run as root with tracefs")
        try:
            found = read_trace(beside)  # before it takes its place: a disk may have been full
        except InputError as error:
            raise InputError(str(error).replace(beside, trace)) from None
    notes = [note.replace(beside, trace) for note in found.notes]
    return Straced(trace, status, len(found), len(found.files), notes)


def waited(command: Sequence[str]) -> int:
    """The exit code of a program; it is killed with us."""
    child = subprocess.Popen(command)
    try:
        return child.wait()
    except BaseException:
        child.terminate()
        child.wait()
        raise
