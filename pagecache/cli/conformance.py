"""replay recorded XArray behaviour and show the first difference"""

import argparse
import sys

from pagecache.conformance import replay_record, xarrays
from pagecache.designs import unknown
from pagecache.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Records, and whose XArray to hold against them."""
    parser.add_argument("records", nargs="+", metavar="VECTORS", help="records as JSON lines")
    parser.add_argument(
        "--design",
        default="pagecache",
        metavar="NAME",
        help="an XArray of the entry-point group pagecache.xarrays (default: our own)",
    )


def run(options: argparse.Namespace) -> int:
    """A line a record; 1 if one of them differs."""
    known = xarrays()
    if options.design not in known:
        raise InputError(f"--design: {unknown('XArray', options.design, known)}")
    differ = False
    for path in options.records:
        replay = replay_record(path, known[options.design])
        sys.stdout.write(f"{replay}\n")
        differ = differ or replay.difference is not None
    return int(differ)
