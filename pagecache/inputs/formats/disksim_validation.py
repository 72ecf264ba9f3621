"""Reader of the traces that DiskSim was validated with: requests of real drives.

R Hit 265552 2 14901.000000 4757.708232
read or write, whether the drive's cache had it, sector, sectors, time to answer and gap in us
"""

import re

from pagecache.inputs.formats.requests import SECTOR, ReadLine, Request, RequestLines

_LINE = re.compile(r"([RW]) (?:Hit|Miss) (\d+) (\d+) (\d+\.\d+) (\d+\.\d+)\s*", re.ASCII)


class DiskSimValidation(RequestLines):
    """See the module."""

    name = "disksim-validation"

    def recognises(self, head: bytes) -> bool:
        """By its first line, or its second."""
        lines = head.decode("ascii", "replace").split("\n")[:2]
        return any(map(_LINE.fullmatch, lines))

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line, which adds up the gaps."""
        return _Reader()


class _Reader:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self, line: str) -> Request:
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(line)
        self.now += float(found[5])
        return Request("drive", int(found[2]) * SECTOR, int(found[3]) * SECTOR, int(self.now))
