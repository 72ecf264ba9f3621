"""``pagecache study memory``: what an index takes, from files of 64 MiB to 16 TiB."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagecache.designs import find, names
from pagecache.designs.design import Design
from pagecache.errors import InputError
from pagecache.inputs.sizes import PAGE_SHIFT, format_size
from pagecache.measure.machine import describe
from pagecache.measure.need import design_bytes, design_folios, folio_order
from pagecache.page.frames import Frames
from pagecache.report.figures.memory import plot_memory
from pagecache.report.figures.style import check_plot
from pagecache.studies.columns import aligned

HUGE_ORDER = 9
SIZES = tuple(1 << shift for shift in range(26, 45, 2))  # 64 MiB to 16 TiB
MOST_BYTES = 64 << 20  # of an index that is built
MOST_FOLIOS = 1 << 18


@dataclass(frozen=True)
class Taken:
    """What designs of one layout take for a file: built and counted, or computed."""

    designs: tuple[str, ...]
    size: int
    bytes: int
    built: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--designs", metavar="A,B", help="see: pagecache designs (default: all)")
    add("--plot", metavar="OUT.png|svg", help="draw it (needs matplotlib)")


def run(options: argparse.Namespace) -> int:
    if options.plot:
        check_plot(options.plot)
    asked = options.designs.split(",") if options.designs else without_struct_pages()
    found = together(list(table([find(name.strip()) for name in asked])))
    sys.stdout.write(f"{aligned([*rows(found)])}\n\n")
    sys.stdout.write("Bytes of nodes; * is computed, all others were built and counted.\n")
    if options.plot:
        about = describe()
        plot_memory(
            [(", ".join(each.designs), each.size, each.bytes, each.built) for each in found],
            f"pagecache {about['versions']['pagecache']}, Linux {about['kernel']}, "
            f"{about['machine']}; files filled from 0 with folios as large as the design takes, "
            "up to 2 MiB",
            options.plot,
        )
    return 0


def without_struct_pages() -> list[str]:
    """The designs that index a file of any size: the others keep their keys in its struct pages."""
    return [name for name in names() if not find(name).needs_struct_pages]


def table(designs: Sequence[Design]) -> Iterator[Taken]:
    """What each takes at each size; sizes that can be neither built nor computed are left out."""
    for design in designs:
        if HUGE_ORDER not in design.orders and design.huge_files:
            raise InputError(f"--designs: {design.name} has no pages of 2 MiB; leave it out")
        for size in SIZES:
            pages = size >> PAGE_SHIFT
            if can_build(design, pages):
                yield Taken((design.name,), size, built_bytes(design, pages), built=True)
            elif design.nodes_foreseen:
                computed = design_bytes(design, pages, HUGE_ORDER)
                yield Taken((design.name,), size, computed, built=False)


def can_build(design: Design, pages: int) -> bool:
    """Whether it takes seconds and little memory."""
    small = design_bytes(design, pages, HUGE_ORDER) <= MOST_BYTES
    return small and design_folios(design, pages, HUGE_ORDER) <= MOST_FOLIOS


def built_bytes(design: Design, pages: int) -> int:
    """Fill an index and count its bytes."""
    order = folio_order(design, HUGE_ORDER)
    index = design.make(Frames(pages, backed=False), huge_order=HUGE_ORDER)
    for first in range(0, pages, 1 << order):
        index.insert_folio(first, order, first)
    return index.index_bytes


def together(found: Sequence[Taken]) -> list[Taken]:
    """Designs that take the same at every size share their rows."""
    curves: dict[str, dict[int, tuple[int, bool]]] = {}
    for each in found:
        curves.setdefault(each.designs[0], {})[each.size] = each.bytes, each.built
    groups: dict[tuple[tuple[int, tuple[int, bool]], ...], list[str]] = {}
    for name, curve in curves.items():
        groups.setdefault(tuple(curve.items()), []).append(name)
    return [
        Taken(tuple(members), size, held, built)
        for curve, members in groups.items()
        for size, (held, built) in curve
    ]


def rows(found: Sequence[Taken]) -> Iterator[tuple[str, ...]]:
    """A row for each size, a column for each group of designs."""
    groups = list(dict.fromkeys(each.designs for each in found))
    held = {(each.designs, each.size): each for each in found}
    yield "file", *(" ".join(group) if len(group) == 1 else f"{group[0]} +" for group in groups)
    for size in SIZES:
        cells = (cell(held.get((group, size))) for group in groups)
        yield format_size(size), *cells


def cell(taken: Taken | None) -> str:
    if taken is None:
        return "-"
    return f"{format_size(taken.bytes)}{'' if taken.built else '*'}"
