"""``pagecache traces``: the traces that come with the package, and the formats that are read."""

import argparse

from pagecache.report.catalogue import print_traces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    print_traces()
    return 0
