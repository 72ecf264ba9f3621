"""Where results go besides the table: a file, or standard output."""

import sys
from typing import IO

from pagecache.results import Results, check_writable, to_json, write_text

STDOUT = "-"
HELP = "write the results there too (-: to standard output, and the table to standard error)"


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
