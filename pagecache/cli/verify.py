"""``pagecache verify TRACE``: replay a trace, and compare with what the kernel held after it."""

import argparse
import sys

from pagecache.live.verify import verify
from pagecache.printable import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A trace, and what is expected."""
    parser.add_argument("trace", metavar="TRACE", help="as record wrote it")
    parser.add_argument(
        "--expected", metavar="FILE", help="default: NAME.expected.json beside the trace"
    )


def run(options: argparse.Namespace) -> int:
    """Say equal, or what differs first; 1 then."""
    found = verify(options.trace, options.expected)
    files = "1 file" if found.files == 1 else f"all {found.files} files"
    text = found.difference or f"equal in {files}"
    sys.stdout.write(f"{printable(f'{options.trace}: {text}')}\n")
    return int(found.difference is not None)
