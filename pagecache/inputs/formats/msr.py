"""Reader of the block traces of MSR Cambridge, as SNIA has them: CSV without a header.

128166372003061629,usr,0,Read,7014609920,24576,41286
time (100 ns from 1601), host, disk, what, first byte, bytes, time to answer
"""

import re

from pagecache.inputs.formats.requests import ReadLine, Request, RequestLines

_LINE = re.compile(rb"\d+,[^,\n]*,\d+,(Read|Write),\d+,\d+,\d+\r?\n")


class Msr(RequestLines):
    """See the module."""

    name = "msr"

    def recognises(self, head: bytes) -> bool:
        """By a first or second line of seven fields, the fourth Read or Write."""
        lines = head.splitlines(keepends=True)[:2]
        return any(_LINE.fullmatch(line) for line in lines)

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line."""
        return request


def request(line: str) -> Request | None:
    """One line; None for a header.

    Examples
    --------
    >>> request("128166372003061629,usr,0,Read,8192,4096,41286")
    Request(file='usr.0', position=8192, length=4096, t_us=12816637200306162, pid=0)
    """
    time, host, disk, what, first, length, answer = line.split(",")
    if what.strip().lower() == "type":
        return None
    if what not in ("Read", "Write"):
        raise ValueError(line)
    int(answer)
    return Request(f"{host}.{int(disk)}", int(first), int(length), int(time) // 10)
