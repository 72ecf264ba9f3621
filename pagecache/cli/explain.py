"""``pagecache explain``: the walk of one lookup, node by node and slot by slot."""

import argparse
import json
from typing import Any

from pagecache.cli.output import HELP, check_out, put_text, table_file
from pagecache.errors import InputError
from pagecache.explaining import MEANWHILE, explain
from pagecache.mapping.mapping import HOLES
from pagecache.writing import check_writable, write_text


def number(text: str) -> int:
    """An index as Python writes it: 4660 or 0x1234."""
    try:
        return int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no index; give 4660 or 0x1234") from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("index", type=number, metavar="INDEX", help="the page that is looked up: 4660 or 0x1234")
    add("--design", default="thp-multi", metavar="NAME", help="see: pagecache designs")
    add("--order", type=int, metavar="N", help="of the folios (default: the largest it takes)")
    add("--size", metavar="64M", help="cache a whole file (default: the folio of INDEX alone)")
    add("--huge-page", default="2M", metavar="2M|1G", help="size of a huge page (default 2M)")
    add("--holes", metavar="P", help=f"put INDEX into a hole that was read: {', '.join(HOLES)}")
    add("--meanwhile", metavar="WHAT", help=f"a writer under the reader: {', '.join(MEANWHILE)}")
    add("--svg", metavar="OUT.svg", help="draw it there")
    add("--json", metavar="OUT|-", help=HELP)


def run(options: argparse.Namespace) -> int:
    """Walk, print and write."""
    given: dict[str, Any] = vars(options).copy()
    out, svg = given.pop("json"), given.pop("svg")
    for name in ("command", "run"):
        del given[name]
    check_out(out)
    if svg:
        if not svg.endswith(".svg"):
            raise InputError(f"--svg: {svg} does not end in .svg; name one that does")
        check_writable(svg, "--svg")
    found = explain(**given)
    try:
        table_file(out).write(f"{found}\n")
    finally:  # even if the reader of the text is gone
        put_text(json.dumps(found.to_dict()) + "\n", out)
        if svg:
            write_text(found._repr_svg_() + "\n", svg, "--svg")
    return 0
