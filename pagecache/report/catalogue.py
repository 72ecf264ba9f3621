"""The designs and the traces as lists for people."""

import sys
import textwrap
from typing import IO

from pagecache import designs
from pagecache.designs import Design
from pagecache.designs.matrix import USUAL, mapping_choices
from pagecache.inputs import BUNDLED, Trace, format_size, read_trace
from pagecache.inputs.formats import FORMATS
from pagecache.inputs.formats.source import COMPRESSIONS
from pagecache.page.protocols import PROTOCOLS
from pagecache.printable import counted

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
    file.write(textwrap.fill(protocols(), WIDTH - 8, break_on_hyphens=False) + "\n")


def protocols() -> str:
    """How lookups keep a folio, and which designs each protocol goes with, in a paragraph."""
    each = "; ".join(f"{known.name} ({known.summary})" for known in PROTOCOLS.values())
    found = list(map(designs.find, designs.names()))
    least = "; ".join(
        f"{known.name} goes with folios of order {known.least_order} or more"
        for known in PROTOCOLS.values()
        if known.least_order
    )
    beside = ", ".join(design.name for design in found if "concurrent" in design.provides)
    alone = ", ".join(design.name for design in found if not design.on_xarray)
    return (
        f"References, of compare --threads: {each}. {least}. With {alone}: {USUAL} alone. "
        f"Beside a writer: {beside}."
    )


def entry(design: Design) -> str:
    """One design, in a few lines.

    Examples
    --------
    >>> print(entry(designs.find("base-4k")))
    base-4k
        One entry a 4 KiB page: an ordinary file without large folios. Takes folios of order 0
        only. Goes with: pages, compound, fallback, min-order. Mappings: entries pointers;
        zero-entries in blocks of 4K; files of any but hugetlbfs.
    """
    text = f"{design.summary} {design.limits} Goes with: {', '.join(design.policies)}."
    text = f"{text} {mapping_choices(design)}"
    return f"{design.name}\n{indented(text)}"


def print_traces(file: IO[str] | None = None) -> None:
    """Each bundled trace with what it holds, and the formats that are read."""
    file = sys.stdout if file is None else file
    for name, program in BUNDLED.items():
        file.write(f"{name}\n{indented(f'{program}. {held(read_trace(name))}')}\n")
    forms, bare = (
        "; ".join(f"{form.name} ({form.holds})" for form in FORMATS if form.bare == bare)
        for bare in (False, True)
    )
    squeezed = ", ".join(name for _, name, _ in COMPRESSIONS)
    text = (
        f"Use one with: pagecache compare --trace NAME. A file is read in any of these formats, "
        f"known by its content, compressed ({squeezed}) or not: {forms}. "
        f"Of bare numbers, with --format NAME: {bare}."
    )
    file.write(textwrap.fill(text, WIDTH - 8, break_on_hyphens=False) + "\n")


def held(trace: Trace) -> str:
    """What a trace holds, in a sentence."""
    folios = trace.final_folios()
    cached = f"{format_size(folios.bytes)} cached at its end in {counted(len(folios), 'folio')}"
    orders = f"of order {min(folios.orders())} to {max(folios.orders())}"
    return (
        f"{counted(len(trace), 'event')} of {counted(len(trace.files), 'file')}; {cached} {orders}."
    )


def indented(text: str) -> str:
    """A paragraph under a name."""
    filled = textwrap.fill(text, WIDTH - 12, break_on_hyphens=False)
    return textwrap.indent(filled, "    ")
