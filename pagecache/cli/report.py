"""write one HTML page from results that --json wrote"""

import argparse
from pathlib import Path

from pagecache.report.page.writer import write_page
from pagecache.results import read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("results", metavar="RESULT.json", nargs="+")
    add("-o", dest="folder", metavar="DIR", required=True, help="where index.html is written")
    add("--title", default="What a page-cache design costs", metavar="TEXT")


def run(options: argparse.Namespace) -> int:
    runs = [(Path(path).stem, read_results(path)) for path in options.results]
    print(write_page(runs, options.folder, options.title))
    return 0
