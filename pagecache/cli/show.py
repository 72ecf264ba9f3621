"""``pagecache show``: results that --json wrote, again or beside others."""

import argparse

from pagecache.report.render import print_results
from pagecache.report.versus import print_versus
from pagecache.results import read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("result", metavar="RESULT.json")
    add("other", metavar="OTHER.json", nargs="?", help="show what changed from RESULT to OTHER")
    add("--across-machines", action="store_true", help="compare even if the machines differ")


def run(options: argparse.Namespace) -> int:
    results = read_results(options.result)
    if options.other is None:
        print_results(results)
    else:
        other = read_results(options.other)
        print_versus(results, other, across_machines=options.across_machines)
    return 0
