"""``pagecache live``: what the running kernel's page cache holds, beside the models."""

import argparse
import sys
from typing import Any

from pagecache.cli.output import HELP, check_out, put_text, table_file
from pagecache.errors import InputError, unknown
from pagecache.inputs.sizes import parse_size
from pagecache.live.answers import describe, json_lines, models_refused
from pagecache.live.look import WAYS, look, look_everywhere
from pagecache.report.live import differing, print_answers, print_machine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, or the whole machine."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="files to look at; nothing in them is changed")
    add("--all", action="store_true", dest="everything", help="every cached file (needs root)")
    add("--way", metavar="WAY", help=f"{', '.join(WAYS)} (default: the first that is allowed)")
    add("--experiment", action="store_true", help="time tmpfs and hugetlbfs beside the models")
    add("--size", metavar="SIZE", help="of the experiment's files (default 256M)")
    add("--rounds", type=int, metavar="N", help="of the experiment (default 5)")
    add("--seed", type=int, default=0, metavar="N", help="of its positions and orders (default 0)")
    add("--json", metavar="OUT|-", help=HELP)


def run(options: argparse.Namespace) -> int:
    """Look, print and write; 1 if a model differs from the kernel."""
    check(options)
    check_out(options.json)
    if options.experiment:
        return run_experiment(options)
    answers = look_everywhere() if options.everything else look(options.files, options.way)
    show = print_machine if options.everything else print_answers
    try:
        show(answers, table_file(options.json))
    finally:  # even if the reader of the table is gone
        if options.json is not None:  # it takes as long as the look itself
            put_text(answers.to_json(), options.json)
    return int(bool(differing(answers.results)))


def run_experiment(options: argparse.Namespace) -> int:
    """Time the kernel and the models; 1 if nodes differ."""
    from pagecache.comparing import check_seed  # noqa: PLC0415 - heavy, all three
    from pagecache.live.experiment import check_size, experiment, rows  # noqa: PLC0415
    from pagecache.report.experiment import print_experiment  # noqa: PLC0415

    size = parse_size(options.size or "256M")
    rounds = 5 if options.rounds is None else options.rounds
    if rounds < 1:
        raise InputError(f"--rounds: {rounds} rounds measure nothing; give 1 or more")
    check_size(size)
    check_seed(options.seed)
    refused = models_refused()
    if refused is not None:
        raise InputError(f"--experiment: {refused}")

    def on_round(number: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\rround {number} of {rounds} ")

    found = rows(experiment(size, rounds=rounds, seed=options.seed, on_round=on_round))
    meta = describe("experiment", size=size, rounds=rounds, seed=options.seed)
    print_experiment(found, meta, table_file(options.json))
    put_text(json_lines(meta, found), options.json)
    return int(any(differs(row) for row in found))


def differs(row: dict[str, Any]) -> bool:
    """Whether the kernel has other nodes than the model."""
    return row["nodes"] is not None and row["nodes"] != row["predicted_nodes"]


def check(options: argparse.Namespace) -> None:
    """InputError unless the arguments go together."""
    if (options.everything, bool(options.files), options.experiment).count(True) != 1:
        raise InputError("live: name files, or give --all for every cached file, or --experiment")
    if not options.experiment and (options.size is not None or options.rounds is not None):
        raise InputError("--size and --rounds go with --experiment; leave them out")
    if (options.everything or options.experiment) and options.way not in {None, "walk"}:
        raise InputError(f"--way {options.way}: is for files that are named; leave it out")
    if options.way is not None and options.way not in WAYS:
        raise InputError(f"--way: {unknown('way', options.way, WAYS)}")
