"""What Linux's own code took, and the rule that our times are held to.

A row is a structure, an operation and a fill.  Linux's ratios to its XArray, round by round, have a
median, a lowest and a highest; its ns stand beside those of a bare walk on the same machine.
"""

import csv
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).resolve().parents[2] / "tests" / "data" / "structures-times.csv"
WALKER = "bare walker (tools/walker.c)"
ALLOWED = 1.25  # times Linux's ns of the row, both divided by the machine's bare walk

NAMES = {
    "radix": "radix tree 4.19",
    "maple": "maple tree 6.16, RCU mode",
    "maple without RCU mode": "maple tree 6.16, no RCU mode",
    "pctrie": "FreeBSD pctrie (our code from the rules)",
    "page hash": "page hash of Linux 2.4 (our code from the rules)",
}
# What the walk of the row is beside: a random load, an ascending one, an ascending store.
BESIDE = {
    "store ascending": "store ascending",
    "store random order": "load random (unchained)",
    "load random (unchained)": "load random (unchained)",
    "load random (chained)": "load random (unchained)",
    "load ascending": "load ascending",
    "iterate": "load ascending",
    "erase random order": "load random (unchained)",
    "erase ascending": "store ascending",
}
OPERATIONS = tuple(BESIDE)


class Recorded(NamedTuple):
    """A row of Linux: ns an operation, and its ratios to the XArray of the same rounds."""

    ns: float
    ratio: float
    lowest: float
    highest: float


Rows = dict[tuple[str, str, str], Recorded]  # by structure, operation and fill


def read(path: Path = DATA) -> Rows:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return {
        (name, operation, fill): Recorded(float(ns), *(float(x or "nan") for x in ratios))
        for name, operation, fill, ns, *ratios, _ in rows
    }


def walk_ns(rows: Rows, operation: str, fill: str) -> float | None:
    """What the bare walk took beside a row; None where it was not measured."""
    found = rows.get((WALKER, BESIDE[operation], fill.replace("order 9", "order 0")))
    return found.ns if found else None


def verdict(row: Recorded, ratio: float, walks: float, linux_walks: float | None) -> str:
    """How our row stands: ratios to the XArrays, and both ns in bare walks of their machines.

    Examples
    --------
    >>> row = Recorded(ns=290.0, ratio=5.9, lowest=5.5, highest=7.8)
    >>> [verdict(row, ratio, walks, 60.0) for ratio, walks in ((5.6, 90), (9.0, 70), (9.0, 90))]
    ['within', 'within', 'slower']
    >>> verdict(row, 3.1, 30, 60.0), verdict(row, 7.0, 30, None)
    ('faster', 'within')
    """
    if ratio < row.lowest:
        return "faster"
    if ratio <= row.highest:
        return "within"
    allowed = linux_walks is not None and walks <= ALLOWED * linux_walks
    return "within" if allowed else "slower"
