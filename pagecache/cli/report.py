"""write one HTML page from results that --json wrote, from a sweep, or from asv's results"""

import argparse
from pathlib import Path

from pagecache.errors import InputError
from pagecache.report.history.page import write_history
from pagecache.report.page.pivot import is_sweep, write_pivots
from pagecache.report.page.writer import write_page
from pagecache.results import read_results

TITLE = "What a page-cache design costs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("results", metavar="RESULT.json|SWEEP_DIR", nargs="*")
    add("--asv", metavar="DIR", help="benchmarks over commits, from .asv/results")
    add("-o", dest="folder", metavar="DIR", help="where index.html goes (of a sweep: SWEEP_DIR)")
    add("--title", metavar="TEXT", help="of the page")


def run(options: argparse.Namespace) -> int:
    if bool(options.results) == bool(options.asv):
        raise InputError("report: it takes results, a sweep, or --asv DIR; name one kind of them")
    title = options.title or ("Benchmarks over commits" if options.asv else TITLE)
    sweeps = [path for path in options.results if is_sweep(path)]
    if sweeps and len(options.results) > 1:
        raise InputError(f"{sweeps[0]}: a sweep has a page of its own; give it alone")
    if sweeps:
        print(write_pivots(sweeps[0], options.folder or sweeps[0], title))
        return 0
    if options.folder is None:
        raise InputError("-o: it is missing; name a folder for index.html")
    if options.asv:
        print(write_history(options.asv, options.folder, title))
        return 0
    runs = [(Path(path).stem, read_results(path)) for path in options.results]
    print(write_page(runs, options.folder, title))
    return 0
