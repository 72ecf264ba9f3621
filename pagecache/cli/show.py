"""``pagecache show``: results again or beside others, and evidence derived again."""

import argparse
import sys

from pagecache.errors import InputError
from pagecache.printable import printable
from pagecache.report.evidence.check import first_difference
from pagecache.report.render import print_results
from pagecache.report.versus import print_versus
from pagecache.results import read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("result", metavar="RESULT.json|DIR")
    add("other", metavar="OTHER.json", nargs="?", help="show what changed from RESULT to OTHER")
    add("--across-machines", action="store_true", help="compare even if the machines differ")
    add("--verify", action="store_true", help="derive what --evidence wrote to DIR from its rounds")


def run(options: argparse.Namespace) -> int:
    """Print; with --verify 1 if a number does not follow from the rounds."""
    if options.verify:
        return verify(options)
    results = read_results(options.result)
    if options.other is None:
        print_results(results)
    else:
        other = read_results(options.other)
        print_versus(results, other, across_machines=options.across_machines)
    return 0


def verify(options: argparse.Namespace) -> int:
    """One line: that all follows from the rounds, or what does not."""
    if options.other is not None or options.across_machines:
        raise InputError("--verify: it takes one folder that --evidence wrote, and nothing else")
    differs = first_difference(options.result)
    said = differs or f"{options.result}: every number follows from the rounds"
    sys.stdout.write(f"{printable(said)}\n")
    return int(differs is not None)
