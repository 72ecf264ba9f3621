"""``pagecache show``: results again or beside others, and evidence derived again."""

import argparse
import sys

from pagecache.cli.output import gate, percent
from pagecache.errors import InputError
from pagecache.printable import printable
from pagecache.report.evidence.check import first_difference
from pagecache.report.gate import counted_more, slower_than_before
from pagecache.report.render import print_results
from pagecache.report.versus import print_versus
from pagecache.results import read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("result", metavar="RESULT.json|DIR")
    add("other", metavar="OTHER.json", nargs="?", help="show what changed from RESULT to OTHER")
    add("--across-machines", action="store_true", help="compare even if the machines differ")
    add("--verify", action="store_true", help="derive what --evidence wrote to DIR from its rounds")
    add(
        "--counts",
        action="store_true",
        help="compare what was counted alone, of unlike machines too (compare --counts)",
    )
    add(
        "--fail-above",
        type=percent,
        metavar="3%%",
        help="end with 3 if OTHER is slower than RESULT by more, with all of its interval",
    )


def run(options: argparse.Namespace) -> int:
    """Print; with --verify 1 if a number does not follow from the rounds."""
    if options.verify:
        return verify(options)
    results = read_results(options.result)
    if options.other is None:
        if options.fail_above is not None:
            raise InputError("--fail-above: it compares two results; name a second one")
        print_results(results)
        return 0
    other, limit = read_results(options.other), options.fail_above
    if options.counts:
        failed = counted_more(results, other, limit or 0.0)
        return gate(failed, limit or 0.0, sys.stdout, "nothing is counted more often")
    print_versus(results, other, across_machines=options.across_machines)
    if limit is None:
        return 0
    return gate(slower_than_before(results, other, limit), limit, sys.stdout)


def verify(options: argparse.Namespace) -> int:
    """One line: that all follows from the rounds, or what does not."""
    if options.other is not None or options.across_machines or options.fail_above:
        raise InputError("--verify: it takes one folder that --evidence wrote, and nothing else")
    differs = first_difference(options.result)
    said = differs or f"{options.result}: every number follows from the rounds"
    sys.stdout.write(f"{printable(said)}\n")
    return int(differs is not None)
