"""``pagecache conformance``: recorded XArray behaviour, replayed."""

import argparse
import sys

from pagecache.conformance import Replay, find_xarray, replay_record
from pagecache.printable import printable


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
    make = find_xarray(options.design)
    differ = False
    for path in options.records:
        replay = replay_record(path, make)
        for line in lines(replay):
            sys.stdout.write(f"{printable(line)}\n")
        differ = differ or replay.difference is not None
    return int(differ)


def lines(replay: Replay) -> list[str]:
    """One line, or two where a tree is shown."""
    if replay.difference is None:
        return [str(replay)]
    return [replay.difference.sentence, f"tree: {replay.difference.tree}"]
