"""Reader of system calls as CSV, a line each: what strace saw, with positions rebuilt.

seq,t_us,pid,op,file,offset,length,extra
3,164,18519,read,1,0,832,            op: the call's name; file: a number; offset, length: bytes

Reads, writes and mappings are accesses; opens, truncations and the like are passed over.
"""

from collections.abc import Iterator

from pagecache.inputs.event import GET, MAP
from pagecache.inputs.formats.format import Format
from pagecache.inputs.formats.pieces import MOST_PAGES, Pieces, pages_of_bytes
from pagecache.inputs.formats.requests import MOST_PIDS
from pagecache.inputs.formats.source import Source
from pagecache.inputs.trace import Trace

HEADER = "seq,t_us,pid,op,file,offset,length,extra"
ACCESSES = {"read": GET, "pread": GET, "write": GET, "pwrite": GET, "mmap": MAP}
_Row = tuple[int, int, int, int, int, int, int]


class StraceCsv(Format):
    """See the module."""

    name = "strace-csv"
    holds = "reads, writes and mappings of a program"

    def recognises(self, head: bytes) -> bool:
        """By its header."""
        return head.partition(b"\n")[0].strip().decode("utf-8-sig", "replace") == HEADER

    def read(self, source: Source) -> Iterator[Trace]:
        """The accesses of each block."""
        pieces, mapped = Pieces(source), 0
        for lines in source.lines(whole=False):
            rows = list(_rows(pieces, lines))
            source.done += len(lines)
            mapped += sum(row[0] == MAP for row in rows)
            if rows:
                names = ("event", "file", "index", "count", "t_us", "pid", "line")
                yield pieces.trace(**dict(zip(names, zip(*rows, strict=True), strict=True)))
        if mapped:
            source.notes.append(
                f"{source.path}: {mapped:,} mappings are taken for accesses to all of their pages; "
                "strace does not see which are touched."
            )


def _rows(pieces: Pieces, lines: list[str]) -> Iterator[_Row]:
    """The rows of lines that access something; those that cannot be read are counted."""
    source = pieces.source
    for number, line in enumerate(lines, source.done + 1):
        if line.strip() in ("", HEADER):
            continue
        try:
            row = _row(pieces, line, number)
        except (ValueError, OverflowError):
            source.unreadable(number, line)
            continue
        if row[3]:
            yield row


def _row(pieces: Pieces, line: str, number: int) -> _Row:
    """Event, file, first page, pages, time, process and line; no pages for other than accesses."""
    _, time, process, op, file, offset, length, _ = line.split(",", 7)
    t_us, pid = int(time), int(process)
    index, count = pages_of_bytes(int(offset), int(length))
    if not (0 <= t_us < MOST_PAGES and 0 <= pid < MOST_PIDS):
        raise ValueError(line)
    if op not in ACCESSES:
        return GET, 0, index, 0, t_us, pid, number
    return ACCESSES[op], pieces.number(f"file {int(file)}"), index, count, t_us, pid, number
