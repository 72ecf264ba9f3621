"""``pagecache designs``: what each is, what it cannot do, and what goes with what."""

import argparse

from pagecache.report.catalogue import print_catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    print_catalogue()
    return 0
