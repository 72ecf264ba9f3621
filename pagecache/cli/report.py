"""write one HTML page from results that --json wrote, or from a sweep"""

import argparse
from pathlib import Path

from pagecache.errors import InputError
from pagecache.report.page.pivot import is_sweep, write_pivots
from pagecache.report.page.writer import write_page
from pagecache.results import read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("results", metavar="RESULT.json|SWEEP_DIR", nargs="+")
    add("-o", dest="folder", metavar="DIR", help="where index.html goes (of a sweep: SWEEP_DIR)")
    add("--title", default="What a page-cache design costs", metavar="TEXT")


def run(options: argparse.Namespace) -> int:
    sweeps = [path for path in options.results if is_sweep(path)]
    if sweeps and len(options.results) > 1:
        raise InputError(f"{sweeps[0]}: a sweep has a page of its own; give it alone")
    if sweeps:
        print(write_pivots(sweeps[0], options.folder or sweeps[0], options.title))
        return 0
    if options.folder is None:
        raise InputError("-o: it is missing; name a folder for index.html")
    runs = [(Path(path).stem, read_results(path)) for path in options.results]
    print(write_page(runs, options.folder, options.title))
    return 0
