"""The designs as a list for people."""

import sys
import textwrap
from typing import IO

from pagecache import designs
from pagecache.designs import Design

WIDTH = 100
GIB_ORDER = 18


def print_catalogue(file: IO[str] | None = None) -> None:
    """Each design in a sentence, its limits, and what it goes with."""
    file = sys.stdout if file is None else file
    for name in designs.names():
        file.write(entry(designs.find(name)) + "\n")
    file.write(
        "Policies of frames: pages (order 0 only), compound (the order or nothing), fallback (the\n"
        "order, then smaller), min-order (never below the block size), huge-pool (reserved\n"
        "beforehand). Order 18 is above the buddy allocator's largest block.\n"
    )


def entry(design: Design) -> str:
    """One design, in a few lines.

    Examples
    --------
    >>> print(entry(designs.find("base-4k")))
    base-4k
        One entry a 4 KiB page: an ordinary file without large folios. Takes folios of order 0
        only. Goes with: pages, compound, fallback, min-order.
    """
    text = f"{design.summary} {design.limits} Goes with: {', '.join(design.policies)}."
    body = textwrap.fill(text, WIDTH - 8, initial_indent="    ", subsequent_indent="    ")
    return f"{design.name}\n{body}"
