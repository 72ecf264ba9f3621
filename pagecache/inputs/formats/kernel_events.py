"""Readers of the kernel's filemap events as three tools print them, old forms and new.

A line each: what is added to the page cache and deleted from it, and from Linux 6.12 on what is
read and faulted. `kernel_lines` reads the lines; the formats differ in how they are recognised.
Other events, comments and call chains are passed over.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.kernel_lines import parse_lines
from pagecache.inputs.formats.pieces import DTYPES, Pieces
from pagecache.inputs.formats.source import Source
from pagecache.inputs.trace import Trace

_ORDER = ("t_us", "pid", "event", "file", "index", "count", "order", "line")
_NAME = rb"\w+: "
_TIME = rb"\d+\.\d{6,9}: +"
_FTRACE = re.compile(rb"^ *.+-\d+ +(\( *[\d-]+\) )?\[\d+\] [^ ]{4,8} +" + _TIME + _NAME, re.M)
_TRACE_CMD = re.compile(rb"^ *.+-\d+ +\[\d+\] +" + _TIME + _NAME, re.M)
_PERF = re.compile(rb"^ *.+ +(\d+/)?\d+ +\[\d+\] +" + _TIME + rb"\w+:" + _NAME, re.M)


class Parsed(NamedTuple):
    """What a block of whole lines says.

    Attributes
    ----------
    columns : dict of arrays
        t_us, pid, event, file, index, count, order and line of each event.
    lines, lost : int
        How many lines there are, and events that they say were lost.
    bad : list of (int, bytes)
        Lines that cannot be read, with their numbers.
    """

    columns: dict[str, NDArray[Any]]
    lines: int
    lost: int
    bad: list[tuple[int, bytes]]


def parse(block: bytes, numbers: dict[Any, int], line: int = 1) -> Parsed:
    """The events of whole lines, the first of which has the number `line`.

    Files are numbered in `numbers` by (device, inode), a device being major << 32 | minor.

    Raises
    ------
    ValueError
        The last line is not whole.

    Examples
    --------
    >>> line = b"git-7 [001] ..... 12.000345: mm_filemap_fault: dev=254:0 ino=2a3 ofs=8192\\n"
    >>> numbers = {}
    >>> found = parse(line, numbers)
    >>> found.columns["index"].tolist(), found.columns["pid"].tolist(), list(numbers)
    ([2], [7], [(1090921693184, 675)])
    """
    if block and not block.endswith(b"\n"):
        raise ValueError("the last line has no line feed")  # there would be no room for it
    room = block.count(b"\n")
    columns = tuple(np.empty(room, DTYPES[name]) for name in _ORDER)
    rows, lines, lost, bad = parse_lines(block, numbers, columns, line)
    named = zip(_ORDER, columns, strict=True)
    return Parsed({name: column[:rows] for name, column in named}, lines, lost, bad)


class KernelEvents(Format):
    """What the three have in common."""

    holds = "adds and dels of folios, reads and faults"

    def read(self, source: Source) -> Iterator[Trace]:
        """The events of each block."""
        pieces, lost = Pieces(source), 0
        for block in source.blocks(whole=False):
            parsed = parse(block, pieces.numbers, source.done + 1)
            source.done += parsed.lines
            lost += parsed.lost
            for line, text in parsed.bad:
                source.unreadable(line, text)
            pieces.name_new()
            if len(parsed.columns["line"]):
                yield pieces.trace(**parsed.columns)
        if lost:
            source.notes.append(f"{source.path}: {lost:,} events were lost when it was recorded.")


class Ftrace(KernelEvents):
    """`trace` or `trace_pipe` of tracefs."""

    name = "ftrace"

    def recognises(self, head: bytes) -> bool:
        """By its comments, or a line with flags between processor and time."""
        return head.startswith(b"# tracer:") or _FTRACE.search(head) is not None


class TraceCmd(KernelEvents):
    """`trace-cmd report`."""

    name = "trace-cmd"

    def recognises(self, head: bytes) -> bool:
        """By its first line, or lines without flags; with them they are ftrace's."""
        if head.startswith((b"cpus=", b"version = ")):
            return True
        return _TRACE_CMD.search(head) is not None and _FTRACE.search(head) is None


class PerfScript(KernelEvents):
    """`perf script` of tracepoints."""

    name = "perf"

    def recognises(self, head: bytes) -> bool:
        """By a line whose event is named after its subsystem."""
        return _PERF.search(head) is not None
