"""``pagecache study``: the worked studies; each has its arguments in its own module."""

import argparse
import sys

from pagecache.cli.program import Command
from pagecache.studies import STUDIES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = parser.add_subparsers(dest="study", metavar="NAME", parser_class=Command)
    for name, (module, text) in STUDIES.items():
        names.add_parser(name, module=module, help=text, description=text)


def run(options: argparse.Namespace) -> int:
    """What there is; a study that is named is run itself."""
    for name, (_, text) in STUDIES.items():
        sys.stdout.write(f"{name:13} {text}\n")
    return 0
