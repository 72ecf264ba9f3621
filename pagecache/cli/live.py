"""``pagecache live``: what the running kernel's page cache holds, beside the models."""

import argparse

from pagecache.cli.output import HELP, check_out, put_text, table_file
from pagecache.errors import InputError, unknown
from pagecache.live.look import WAYS, look, look_everywhere
from pagecache.report.live import differing, print_answers, print_machine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, or the whole machine."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="files to look at; nothing in them is changed")
    add("--all", action="store_true", dest="everything", help="every cached file (needs root)")
    add("--way", metavar="WAY", help=f"{', '.join(WAYS)} (default: the first that is allowed)")
    add("--json", metavar="OUT|-", help=HELP)


def run(options: argparse.Namespace) -> int:
    """Look, print and write; 1 if a model differs from the kernel."""
    check(options)
    check_out(options.json)
    answers = look_everywhere() if options.everything else look(options.files, options.way)
    show = print_machine if options.everything else print_answers
    try:
        show(answers, table_file(options.json))
    finally:  # even if the reader of the table is gone
        put_text(answers.to_json(), options.json)
    return int(bool(differing(answers.results)))


def check(options: argparse.Namespace) -> None:
    """InputError unless the arguments go together."""
    if options.everything == bool(options.files):
        raise InputError("live: name files, or give --all for every cached file")
    if options.everything and options.way not in {None, "walk"}:
        raise InputError(f"--way {options.way}: --all needs a walk; leave --way out")
    if options.way is not None and options.way not in WAYS:
        raise InputError(f"--way: {unknown('way', options.way, WAYS)}")
