"""Cells in columns of spaces."""

from collections.abc import Sequence


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """The lines with each column as wide as its widest cell.

    Examples
    --------
    >>> print(aligned([["guard", "made"], ["none", "65536"]]))
    guard  made
    none   65536
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "\n".join(padded)
