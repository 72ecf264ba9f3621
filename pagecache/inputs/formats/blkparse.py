"""Reader of blkparse's text, as it prints blktrace's records unless told otherwise.

      8,32   7        1     0.000000000  2923  Q   R 272208 + 2 [direct_io_read_]
    device  cpu  sequence  seconds        pid  action, kind, first sector + sectors, task

A request passes through several actions, each a line. It is counted once: where it is queued (Q),
or, in a trace without, where it is issued (D) or completed (C). The summary at the end is left out,
and so are discards, which name no data.
"""

import re

from pagecache.inputs.formats.requests import SECTOR, ReadLine, Request, RequestLines

_LINE = re.compile(
    r" *(\d+),(\d+) +(\d+) +(\d+) +(\d+)\.(\d{9}) +(\d+) +([A-Z]{1,2}) +([A-Z]+)(?: +(.*))?\r?",
    re.ASCII,
)
_SPAN = re.compile(r"(\d+) \+ (\d+)(?: .*)?", re.ASCII)
_SUMMARY = re.compile(r"(CPU\d+|Total) \(.*\):")
ACTIONS = "QDC"


class Blkparse(RequestLines):
    """See the module."""

    name = "blkparse"

    def recognises(self, head: bytes) -> bool:
        """By one of the first lines."""
        return any(map(_LINE.fullmatch, _text(head)[:10]))

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line, which knows what action counts."""
        found = {match[8] for match in map(_LINE.fullmatch, _text(head)) if match}
        return _Reader(next((action for action in ACTIONS if action in found), ACTIONS[0]))


def _text(head: bytes) -> list[str]:
    return head.decode("utf-8", "replace").split("\n")


class _Reader:
    def __init__(self, action: str) -> None:
        self.action, self.ended = action, False

    def __call__(self, line: str) -> Request | None:
        """One line; None for what is not the action that counts, or has no data."""
        self.ended = self.ended or _SUMMARY.match(line) is not None
        if self.ended:
            return None
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(line)
        major, minor, _, _, seconds, nanos, pid, action, kind, rest = found.groups()
        span = _SPAN.fullmatch(rest or "")
        if action != self.action or span is None or "D" in kind:
            return None
        t_us = int(seconds) * 1_000_000 + int(nanos) // 1000
        first, sectors = int(span[1]) * SECTOR, int(span[2]) * SECTOR
        return Request(f"{int(major)}:{int(minor)}", first, sectors, t_us, int(pid))
