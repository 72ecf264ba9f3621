"""``pagecache study descriptors``: struct pages of slabs and huge pages, and two ways to less.

Counted for slabs as the running kernel has them (/proc/slabinfo, for root), or for those given.
"""

import argparse
import sys
from collections.abc import Iterator

from pagecache.errors import InputError
from pagecache.inputs.sizes import format_size
from pagecache.live.slab import SLABINFO
from pagecache.page.descriptors import PAGE_SIZE, STRUCT_PAGE_BYTES, descriptor_bytes, vmemmap_pages
from pagecache.studies.columns import aligned

HUGE_ORDERS = (9, 18)
EXAMPLE = {4: 9941}  # slabs of four pages each, in Wilcox's example of 2022


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--slabs",
        metavar="NxPAGES,...",
        help="slabs by their pages, such as 9941x4; the running kernel's, if readable, by default",
    )


def run(options: argparse.Namespace) -> int:
    slabs, source = slabs_of(options.slabs)
    sys.stdout.write(
        f"Slabs: {source}\n\n{aligned([*slab_rows(slabs)])}\n\n"
        f"Struct pages of a huge page:\n\n{aligned([*huge_rows()])}\n\n"
        "memory descriptors: a word of 8 bytes for each page, and 64 bytes for each slab.\n"
    )
    return 0


def slabs_of(text: str | None) -> tuple[dict[int, int], str]:
    """Slabs by their pages, and where that is from."""
    if text is not None:
        return dict(map(parsed, text.split(","))), "as given"
    try:
        return slabs_in(SLABINFO.read_text(encoding="ascii")), f"those in {SLABINFO}"
    except OSError:
        return EXAMPLE, f"the example of 2022, since {SLABINFO} cannot be read; --slabs, or root"


def parsed(text: str) -> tuple[int, int]:
    """Pages of a slab and how many such slabs, of ``9941x4``."""
    count, _, pages = text.partition("x")
    if not (count.isdecimal() and pages.isdecimal() and int(pages)):
        raise InputError(f"--slabs: {text!r} is not a number of slabs by pages; write 9941x4")
    return int(pages), int(count)


def slabs_in(text: str) -> dict[int, int]:
    """Slabs of all caches by their pages, of the text of /proc/slabinfo."""
    found: dict[int, int] = {}
    for line in text.splitlines():
        fields = line.split()
        if "slabdata" in fields and not line.startswith("#"):
            pages, slabs = int(fields[5]), int(fields[fields.index("slabdata") + 2])
            found[pages] = found.get(pages, 0) + slabs
    return dict(sorted(found.items()))


def slab_rows(slabs: dict[int, int]) -> Iterator[tuple[str, ...]]:
    yield "pages each", "slabs", "memory", "struct pages", "memory descriptors"
    for pages, count in slabs.items():
        today, then = count * pages * STRUCT_PAGE_BYTES, descriptor_bytes(count, pages)
        memory = format_size(count * pages * PAGE_SIZE)
        yield f"{pages}", f"{count:,}", memory, f"{today:,} bytes", f"{then:,} bytes"


def huge_rows() -> Iterator[tuple[str, ...]]:
    yield "huge page", "pages of struct pages", "kept by the vmemmap optimisation"
    for order in HUGE_ORDERS:
        yield format_size(PAGE_SIZE << order), f"{vmemmap_pages(order):,}", "1"
