"""what the running kernel's page cache holds, beside the models"""

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, or the whole machine."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="files to look at; nothing in them is changed")
    add("--all", action="store_true", dest="everything", help="every cached file (needs root)")
    add("--way", metavar="WAY", help="walk, kpageflags or residency (default: the first allowed)")
    add("--json", metavar="OUT", help="write the results there too; - is standard output")


def run(options: argparse.Namespace) -> int:
    """Look, print and write; 1 if a model differs from the kernel."""
    from pagecache.live.look import look, look_everywhere  # noqa: PLC0415
    from pagecache.report.live import differing, print_answers, print_machine  # noqa: PLC0415
    from pagecache.results import check_writable, write_text  # noqa: PLC0415

    check(options)
    to_screen = options.json == "-"
    if options.json is not None and not to_screen:
        check_writable(options.json)
    answers = look_everywhere() if options.everything else look(options.files, options.way)
    if to_screen:
        sys.stdout.write(answers.to_json())
        return int(bool(differing(answers.results)))
    (print_machine if options.everything else print_answers)(answers)
    if options.json is not None:
        write_text(answers.to_json(), options.json)
    return int(bool(differing(answers.results)))


def check(options: argparse.Namespace) -> None:
    """InputError unless the arguments go together."""
    from pagecache.designs import unknown  # noqa: PLC0415
    from pagecache.errors import InputError  # noqa: PLC0415
    from pagecache.live.look import WAYS  # noqa: PLC0415

    if options.everything == bool(options.files):
        raise InputError("live: name files, or give --all for every cached file")
    if options.everything and options.way not in {None, "walk"}:
        raise InputError(f"--way {options.way}: --all needs a walk; leave --way out")
    if options.way is not None and options.way not in WAYS:
        raise InputError(f"--way: {unknown('way', options.way, WAYS)}")
