"""The tables of docs/files.md: ``python -m benchmarks.files [FILE...]``

Everything in them is counted on mappings that did what the row says.  With files named, only the
table of their holes is printed, theirs in it.
"""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

import pagecache as pc

from .blocks import BLOCKS, SCATTERED, SUPPLIES, Blocks
from .common import SEED
from .sharing import CLONES, ENTRIES, SIZE, family

EXTENTS = Path(__file__).parents[1] / "tests" / "data" / "extents"
GIB = 1 << 30
FRACTIONS = (0, 1 / 262_144, 0.001, 0.01, 0.1, 0.5, 1)


def markdown(heads: tuple[str, ...], rows: Iterable[list[object]]) -> str:
    cells = [list(heads), ["---"] * len(heads)]
    cells += [[f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def written(order: int, fraction: float) -> pc.Mapping:
    """A hole of 1 GiB that was read, then written in part, one page at a time at random."""
    file = pc.File(GIB, holes=[(0, GIB)])
    mapping = pc.Mapping(file=file, holes="zero-entries", zero_order=order)
    mapping.read(0, GIB)
    pages = np.random.default_rng(SEED).permutation(GIB >> 12)[: round(fraction * (GIB >> 12))]
    mapping.run(["write"] * len(pages), pages, np.ones(len(pages), np.uint64))
    mapping.check()
    return mapping


def fraction_row(fraction: float) -> list[object]:
    made = [written(order, fraction) for order in (18, 9, 0)]
    pages = made[0].pages
    memory = (pages << 12) + made[0].node_bytes
    whole = GIB + 4161 * 576
    share = f"{fraction:.2%}" if fraction in (0, 1) or fraction > 1e-4 else "one page"
    return [
        share,
        pages,
        *(m.nodes for m in made),
        made[0].zero_entries,
        f"{1 - memory / whole:.2%}",
    ]


def recorded(path: Path) -> pc.File:
    """A file with the extents that were recorded of a real one."""
    with path.open(newline="") as stream:
        rows = [(r["kind"], int(r["page"]), int(r["pages"])) for r in csv.DictReader(stream)]
    end = max(page + pages for kind, page, pages in rows if kind != "resident")
    holes = [(page << 12, pages << 12) for kind, page, pages in rows if kind == "hole"]
    return pc.File(end << 12, holes)


def holes_row(name: str, make: object) -> list[object]:
    """What a file read whole takes with zero pages, and with zero entries."""
    with_pages = pc.Mapping(file=make(), readahead_kb=128)  # type: ignore[operator]
    with_entries = pc.Mapping(file=make(), holes="zero-entries")  # type: ignore[operator]
    for mapping in (with_pages, with_entries):
        mapping.read(0, mapping.size)
    saved = (with_pages.pages - with_entries.pages) << 12
    saved += with_pages.node_bytes - with_entries.node_bytes
    counts = (with_pages.pages, with_pages.nodes, with_entries.pages, with_entries.nodes)
    share = f"{saved / ((with_pages.pages << 12) + with_pages.node_bytes or 1):.1%}"
    return [name, *counts, with_entries.zero_entries, saved, share]


def blocks_row(supply: str, scattered: str, block: str) -> list[object]:
    bench = Blocks()
    bench.setup(supply, scattered, block)
    failed = bench.fault_all()
    mapping = bench.mapping
    orders = sorted(mapping.folios_by_order.items(), reverse=True)
    folios = ", ".join(f"{order}: {count:,}" for order, count in orders) or "-"
    return [supply, scattered, block, f"{failed / len(bench.index):.1%}", folios, mapping.nodes]


def sharing_row(entries: str, clones: int) -> list[object]:
    made = family(entries, clones)
    buddy = made[0].supply.buddy
    row: list[object] = [entries, clones, (buddy.frames - buddy.free_frames)]
    row.append(sum(mapping.nodes for mapping in made))
    before = buddy.free_frames, made[-1].nodes
    made[-1].write(100 << 12, 4096)
    row += [before[0] - buddy.free_frames, made[-1].nodes - before[1], len(made[-1].folios())]
    made[0].truncate(0)
    return [*row, buddy.frames - buddy.free_frames]


def holes_of(paths: list[str]) -> str:
    files = [
        (path.stem, lambda path=path: recorded(path)) for path in sorted(EXTENTS.glob("*.csv"))
    ]
    files = [(path, lambda path=path: pc.File.scan(path)) for path in paths] or files
    heads = (
        "file",
        "pages",
        "nodes",
        "pages, zero entries",
        "nodes",
        "zero entries",
        "bytes saved",
        "",
    )
    return markdown(heads, [holes_row(name, make) for name, make in files])


def main(paths: list[str]) -> None:
    if paths:
        print(holes_of(paths))
        return
    heads = ("written", "pages", "nodes, order 18", "order 9", "order 0", "zero entries", "saved")
    print(markdown(heads, map(fraction_row, FRACTIONS)), end="\n\n")
    print(holes_of([]), end="\n\n")
    rows = [blocks_row(s, share, b) for b in BLOCKS[1:] for share in SCATTERED for s in SUPPLIES]
    print(markdown(("supply", "scattered", "block", "OOM", "folios by order", "nodes"), rows))
    heads = (
        "entries",
        "clones",
        "frames",
        "nodes",
        "frames of a write",
        "its nodes",
        "entries then",
    )
    heads = (*heads, "frames without the first file")
    rows = [sharing_row(kind, int(clones)) for clones in CLONES for kind in ENTRIES]
    print(f"\n{SIZE >> 20} MiB", markdown(heads, rows), sep="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
