"""``pagecache record -- COMMAND``: a program's page-cache events, and what its files hold.

Without the right to the kernel's events, what strace sees of its reads, writes and mappings.
"""

import argparse
import sys
from pathlib import Path

from pagecache.comparing import compare
from pagecache.live.record import Recording, record
from pagecache.live.record_strace import Straced, record_strace, why_not_traced
from pagecache.printable import counted, printable
from pagecache.report.render import print_results
from pagecache.writing import check_writable

MOST_NAMED = 3
WAYS = ("tracefs", "strace")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A program, and where its trace goes."""
    add = parser.add_argument
    add("program", nargs="+", metavar="COMMAND", help="after --, with its arguments")
    add("-o", "--out", metavar="NAME", help="write NAME.filemap.csv.gz (default: the program's)")
    add("--cold", action="append", default=[], metavar="FILE", help="evict this file first")
    add(
        "--way",
        choices=WAYS,
        metavar="WAY",
        help=f"{', '.join(WAYS)} (default: the first that is allowed)",
    )
    add("--compare", action="store_true", help="compare designs on what was recorded, at once")


def run(options: argparse.Namespace) -> int:
    """Record; the program's own exit code, or 128 and the signal that ended it."""
    out = options.out or Path(options.program[0]).name
    for name in (f"{out}.filemap.csv.gz", f"{out}.expected.json", f"{out}.strace.txt"):
        check_writable(name, "--out")
    missing = None if options.way else why_not_traced()
    found: Recording | Straced
    if options.way == "strace" or missing:
        found = record_strace(options.program, out, options.cold)
        told = seen_lines(found, missing)
    else:
        found = record(options.program, out, options.cold)
        told = lines(found)
    for line in told:
        sys.stderr.write(f"{printable(line)}\n")
    if options.compare:
        print_results(compare(trace=found.trace), sys.stdout)
    return found.status if found.status >= 0 else 128 - found.status


def seen_lines(found: Straced, missing: str | None) -> list[str]:
    """What strace saw, and what it cannot see."""
    texts = [
        f"{found.trace}: {counted(found.accesses, 'access', 'accesses')} to "
        f"{counted(found.files, 'file')}, as strace saw them; what the cache did is not in it"
    ]
    if missing:
        texts.append(f"Not recorded: the kernel's events: {missing}")
    return [*texts, *found.notes]


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
