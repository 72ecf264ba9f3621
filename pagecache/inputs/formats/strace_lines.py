"""Lines of strace as calls that have returned: who, when, what, with which arguments and result.

    7377  12:00:01.000002 pread64(3</etc/passwd>, "root"..., 4096, 0) = 512 <0.000007>

The number of the process stands there with -f (in brackets on a terminal), times with -t, -tt,
-ttt or -r. A call that another process interrupts is printed in two parts, which are joined here.
"""

import re
from typing import NamedTuple

_LINE = re.compile(
    r"(?:\[pid +(?P<at>\d+)\] +|(?P<pid>\d+) +)?"
    r"(?:(?P<clock>\d\d:\d\d:\d\d(?:\.\d+)?) +|(?P<epoch>\d{9,}\.\d+) +| *(?P<step>\d+\.\d{6}) +)?"
    r"(?P<rest>(?:\w+\(|<\.\.\. |\+\+\+ |--- ).*)",
    re.ASCII,
)
_DONE = re.compile(r"(.*)\) += (-?\d+|0x[0-9a-f]+|\?)(?=[ <]|$)(.*)", re.ASCII | re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>,? ?(.*)", re.ASCII)
_UNFINISHED = " <unfinished ...>"
_MESSAGE = "strace: "


class Call(NamedTuple):
    """A call: its arguments as printed, its result, and what stands behind that."""

    pid: int
    t_us: int
    name: str
    text: str
    result: int
    behind: str


class Begun(NamedTuple):
    """A call that has not returned yet."""

    pid: int
    t_us: int
    name: str
    text: str


class Lines:
    """Joins the parts of calls.

    Attributes
    ----------
    begun
        The calls that have not returned, by process, in the order in which they began.
    """

    def __init__(self) -> None:
        self.begun: dict[int, Begun] = {}
        self._clock = 0

    def read(self, line: str) -> Call | None:
        """The call that a line ends; None if it ends none.  ValueError: no line of strace."""
        found = _LINE.fullmatch(line.rstrip("\r"))
        if found is None:
            if not line.strip() or line.startswith(_MESSAGE):
                return None
            raise ValueError(line)
        pid, t_us = int(found["at"] or found["pid"] or 0), self._time(found)
        rest = found["rest"]
        if rest.startswith(("+++", "---")):
            return None
        if rest.startswith("<"):
            return self._resumed(pid, rest)
        name, _, text = rest.partition("(")
        if text.endswith(_UNFINISHED):
            self.begun.pop(pid, None)
            self.begun[pid] = Begun(pid, t_us, name, text.removesuffix(_UNFINISHED))
            return None
        return _call(Begun(pid, t_us, name, ""), text)

    def _resumed(self, pid: int, rest: str) -> Call | None:
        found = _RESUMED.fullmatch(rest)
        if found is None:
            raise ValueError(rest)
        begun = self.begun.pop(pid, None)
        if begun is None or begun.name != found[1]:
            return None  # it began before the trace did
        return _call(begun, found[2])

    def _time(self, found: "re.Match[str]") -> int:
        if found["clock"]:
            hours, minutes, seconds = found["clock"].split(":")
            return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1_000_000)
        if found["epoch"]:
            seconds, _, part = found["epoch"].partition(".")
            return int(seconds) * 1_000_000 + int(part[:6].ljust(6, "0"))
        self._clock += round(float(found["step"] or 0) * 1_000_000)
        return self._clock


def _call(begun: Begun, text: str) -> Call | None:
    """The call that ends with this text; None for one that has not returned a number."""
    joint = ", " if begun.text and text and not text.startswith(")") else ""
    found = _DONE.fullmatch(begun.text.rstrip(", ") + joint + text)
    if found is None:
        raise ValueError(text)
    if found[2] == "?":
        return None
    return Call(begun.pid, begun.t_us, begun.name, found[1], int(found[2], 0), found[3])
