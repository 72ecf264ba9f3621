"""``pagecache record -- COMMAND``: a program's page-cache events, and what its files hold."""

import argparse
import sys
from pathlib import Path

from pagecache.live.record import Recording, record
from pagecache.printable import counted, printable
from pagecache.results import check_writable

MOST_NAMED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A program, and where its trace goes."""
    add = parser.add_argument
    add("program", nargs="+", metavar="COMMAND", help="after --, with its arguments")
    add("-o", "--out", metavar="NAME", help="write NAME.filemap.csv.gz (default: the program's)")
    add("--cold", action="append", default=[], metavar="FILE", help="evict this file first")


def run(options: argparse.Namespace) -> int:
    """Record; the program's own exit code, or 128 and the signal that ended it."""
    out = options.out or Path(options.program[0]).name
    for name in (f"{out}.filemap.csv.gz", f"{out}.expected.json"):
        check_writable(name, "--out")
    found = record(options.program, out, options.cold)
    for line in lines(found):
        sys.stderr.write(f"{printable(line)}\n")
    return found.status if found.status >= 0 else 128 - found.status


def lines(found: Recording) -> list[str]:
    """What was recorded, and what must be known about it."""
    texts = [
        f"{found.trace}: {counted(found.events, 'event')} of {counted(found.files, 'file')}, "
        f"{counted(found.lost, 'event')} lost; {counted(found.before, 'folio')} cached before "
        "(time 0, process 0)"
    ]
    if found.lost:
        texts.append(
            f"Warning: {counted(found.lost, 'event was', 'events were')} lost; record less at once"
        )
    if found.silent:
        named = ", ".join(found.silent[:MOST_NAMED])
        texts.append(
            f"Left out: {counted(len(found.silent), 'file')} on tmpfs ({named}), whose additions "
            "the kernel does not trace"
        )
    if found.busy:
        named = ", ".join(found.busy[:MOST_NAMED])
        texts.append(
            f"Not expected of: {counted(len(found.busy), 'file')} ({named}), which others changed "
            "before they could be looked at"
        )
    return texts
