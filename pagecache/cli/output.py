"""Where results go besides the table: a file, or standard output."""

import argparse
import sys
from collections.abc import Sequence
from typing import IO

from pagecache.report.screen import Screen
from pagecache.results import Results, to_json
from pagecache.writing import check_writable, write_text

STDOUT = "-"
HELP = "write the results there too (-: to standard output, and the table to standard error)"


TOO_SLOW = 3


def percent(text: str) -> float:
    """A share as it is written: 3% is 0.03."""
    try:
        share = float(text.removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not text.endswith("%") or not 0 <= share < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no share in percent; give 3%")
    return share


def gate(
    failed: Sequence[str], limit: float, file: IO[str], what: str = "nothing is slower"
) -> int:
    """Say what a gate found; the exit code, 3 if anything is too slow."""
    from pagecache.report.gate import verdict_of  # noqa: PLC0415 - for gates alone

    screen = Screen(file)
    for text in verdict_of(list(failed), limit, what):
        screen.text(text)
    return TOO_SLOW if failed else 0


def check_out(out: str | None) -> None:
    """InputError unless the results can be written there; before anything is measured."""
    if out not in (None, STDOUT):
        check_writable(out)


def table_file(out: str | None) -> IO[str]:
    """Where the table goes."""
    return sys.stderr if out == STDOUT else sys.stdout


def put(results: Results, out: str | None) -> None:
    """Write the results as JSON, if they were asked for."""
    if out is not None:
        put_text(to_json(results), out)


def put_text(text: str, out: str | None) -> None:
    """Write what is JSON already, if it was asked for."""
    if out == STDOUT:
        sys.stdout.write(text)
    elif out is not None:
        write_text(text, out)
