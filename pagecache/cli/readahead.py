"""``pagecache readahead``: which folios an access pattern gets, kernel beside kernel."""

import argparse
import json
from dataclasses import replace
from typing import Any

from pagecache import __version__
from pagecache.cli.output import HELP, check_out, put_text, table_file
from pagecache.errors import InputError
from pagecache.inputs import read_program
from pagecache.inputs.trace import trace_name
from pagecache.mapping.readahead.folios import SEQUENTIAL, ReadFolios, readahead
from pagecache.mapping.readahead.kernels import NEWEST, RELEASES, alike
from pagecache.mapping.readahead.rules import rules_of
from pagecache.report.figures.strip import draw_strip
from pagecache.report.figures.style import check_plot, styled, write_figure
from pagecache.report.readahead import print_readahead

FORMAT = 1
KERNELS = f"""releases from {RELEASES[0]} to {NEWEST}, with commas between, or all of them (the
default); 6.8+end_aligned and 6.18-scans_lag move a switch"""
ACCESSES = f"""steps with ";" between: read POS BYTES [xN STEP], pages P..., pair N BYTES POS...,
pairfd N BYTES POS..., mmap [seq|rand|huge|exec], touch P... [xN STEP], fadvise ..., madvise
willneed OFF LEN (default: {SEQUENTIAL})"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--kernel", default="all", metavar="A,B|all", help=KERNELS)
    add("--accesses", metavar="PROGRAM", help=ACCESSES)
    add("--trace", metavar="TRACE", help="what strace or ftrace recorded, in place of accesses")
    add("--format", metavar="NAME", help="of a trace that is not recognised")
    add("--file", metavar="NAME", help="of the trace, this file alone")
    add("--size", help="of the file (default 3M, or what the trace says of it)")
    add("--readahead-kb", type=int, default=128, metavar="KB", help="read_ahead_kb (default 128)")
    add("--max-io-kb", type=int, default=1280, metavar="KB", help="largest transfer (default 1280)")
    add("--min-order", type=int, default=0, metavar="N", help="of folios (default 0)")
    add("--max-order", type=int, default=9, metavar="N", help="0: no large folios (default 9)")
    add("--exec-order", type=int, default=0, metavar="N", help="of code; 4 on arm64 (default 0)")
    add("--json", metavar="OUT|-", help=HELP)
    add("--plot", metavar="OUT.png|svg", help="draw the folios over the file (needs matplotlib)")


def run(options: argparse.Namespace) -> int:
    """Run the program under each rule set, print and write."""
    limits = {
        name: getattr(options, name)
        for name in ("readahead_kb", "max_io_kb", "min_order", "max_order", "exec_order")
    }
    check_out(options.json)
    if options.plot:
        check_plot(options.plot)
    if options.kernel != "all":
        names(options.kernel)
    source, notes = question(options)
    asked = source | limits
    found = every_release(asked) if options.kernel == "all" else [
        readahead(rules=rules_of(name), **asked) for name in names(options.kernel)
    ]  # fmt: skip
    said = {name: value for name, value in source.items() if value is not None} | limits
    if "trace" in said:
        said["trace"] = said["trace"].path
    try:
        print_readahead(found, table_file(options.json), notes)
    finally:  # even if the reader of the table is gone
        put_text(json.dumps(to_fields(found, said)) + "\n", options.json)
        if options.plot:
            plot(found, f"{title_of(said)}; read_ahead_kb {said['readahead_kb']}", options.plot)
    return 0


def question(options: argparse.Namespace) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What is read, by a program or in a trace, as `readahead` takes it; and what to say of it."""
    if options.trace is None:
        if options.format is not None:
            raise InputError("--format: it says how to read a --trace; give one")
        accesses = SEQUENTIAL if options.accesses is None else options.accesses
        size = "3M" if options.size is None else options.size
        return {"accesses": accesses, "size": size, "file": options.file}, ()
    use = read_program(options.trace, format=options.format)
    asked = {"trace": use, "file": options.file, "accesses": options.accesses, "size": options.size}
    return asked, use.notes


def title_of(said: dict[str, Any]) -> str:
    """What was read: a trace's name and the file, or the program and the size."""
    trace = [trace_name(said["trace"])] if "trace" in said else [said["accesses"], said["size"]]
    return ", ".join([*trace, *([said["file"]] if "file" in said else [])])


def plot(found: list[ReadFolios], title: str, path: str) -> None:
    """A strip of folios for each rule set."""
    strips = {each.name: each.folios for each in found}
    about = f"pagecache {__version__}; Linux's rules of readahead, the same on every machine"
    with styled():
        write_figure(draw_strip(strips, title, about), path)


def names(text: str) -> list[str]:
    """The rule sets that ``--kernel`` names."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise InputError("--kernel names no release; write 6.6,6.8,6.18")
    return found


def every_release(asked: dict[str, Any]) -> list[ReadFolios]:
    """The program under each release; those that have the same rules run once."""
    found: list[ReadFolios] = []
    for group in alike():
        first = readahead(group[0], **asked)
        found += [replace(first, rules=rules_of(kernel)) for kernel in group]
    return found


def to_fields(found: list[ReadFolios], asked: dict[str, Any]) -> dict[str, Any]:
    """What JSON holds: the question, and an answer for each rule set."""
    return {"format": FORMAT, "kind": "readahead", **asked, "kernels": [f.to_dict() for f in found]}
