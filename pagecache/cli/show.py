"""``pagecache show``: results that --json wrote, again or beside others."""

import argparse
import sys

from pagecache.cli.output import gate, percent
from pagecache.errors import InputError
from pagecache.report.gate import counted_more, slower_than_before
from pagecache.report.render import print_results
from pagecache.report.versus import print_versus
from pagecache.results import read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("result", metavar="RESULT.json")
    add("other", metavar="OTHER.json", nargs="?", help="show what changed from RESULT to OTHER")
    add("--across-machines", action="store_true", help="compare even if the machines differ")
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
