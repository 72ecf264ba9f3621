"""The tables of docs/files.md: ``python -m benchmarks.files [FILE...]``

Everything in them is counted on mappings that did what the row says.  With files named, only the
table of their holes is printed, theirs in it.
"""

import csv
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

import pagecache as pc

# Modules and not suites: asv would find what is imported here once more.
from . import blocks, holes, sharing
from .blocks import BLOCKS, POLICIES, SCATTERED
from .common import SEED
from .holes import HOLE_POLICIES
from .sharing import CLONES, ENTRIES, family

EXTENTS = Path(__file__).parents[1] / "tests" / "data" / "extents"
GIB = 1 << 30
WRITTEN = ("written", "pages", "nodes, order 18", "order 9", "order 0", "zero entries", "saved")
BLOCK = ("policy", "scattered", "block", "OOM", "folios by order", "nodes")
AGED = (
    "policy",
    "round",
    "misses",
    "fell back",
    "of order 9",
    "folios",
    "nodes",
    "shadows",
    "M pages/s",
)
SHARED = ("entries", "clones", "frames", "nodes", "frames of a write", "its nodes", "its entries")
EVENTS_OF = ("get", "evict", "truncate", "dirty", "write")
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


def first_write(policy: str) -> float:
    """Seconds of the first write to 1,000 pages of a hole that was read: the best of five."""
    best = float("inf")
    for _ in range(5):
        bench = holes.FirstWrite()
        bench.setup(policy, "thp-multi")
        begun = time.perf_counter()
        bench.time_first_write(policy, "thp-multi")
        best = min(best, time.perf_counter() - begun)
    return best


def first_write_row() -> list[object]:
    """Each policy's first writes : those to pages of zeroes that are cached already."""
    base = first_write("zero-pages")
    return [f"{first_write(policy) / base:.1f}" for policy in HOLE_POLICIES]


def blocks_row(policy: str, scattered: str, block: str) -> list[object]:
    bench = blocks.Blocks()
    bench.setup(policy, scattered, block)
    failed = bench.fault_all()
    mapping = bench.mapping
    orders = sorted(mapping.folios_by_order.items(), reverse=True)
    folios = ", ".join(f"{order}: {count:,}" for order, count in orders) or "-"
    return [policy, scattered, block, f"{failed / len(bench.index):.1%}", folios, mapping.nodes]


def sharing_row(entries: str, clones: int) -> list[object]:
    made = family(entries, clones)
    buddy = made[0].policy.buddy
    row: list[object] = [entries, clones, (buddy.frames - buddy.free_frames)]
    row.append(sum(mapping.nodes for mapping in made))
    before = buddy.free_frames, made[-1].nodes
    made[-1].write(100 << 12, 4096)
    row += [before[0] - buddy.free_frames, made[-1].nodes - before[1], len(made[-1].folios())]
    return row


def aged(policy: str, rounds: int = 5) -> Iterable[list[object]]:
    """A mapping under a limit, in memory half of which is scattered: what each round of reads left.

    A 2 MiB folio is asked for on each miss; the file is four times what may be cached.
    """
    memory = pc.Memory("256M", policy=policy, seed=SEED, min_free=0)
    memory.policy.gfp &= ~0x400
    memory.fragment("keep-one-of", k=8, share=0.5, free="96M")
    mapping = pc.Mapping(memory=memory, file=pc.File("256M", prefer_order=9), limit="64M")
    rng, pages = np.random.default_rng(SEED), 1 << 16
    for k in range(1, rounds + 1):
        before = mapping.stats
        starts = rng.integers(0, pages - 16, 5000).astype(np.uint64)
        begun = time.perf_counter()
        mapping.run(["read"] * len(starts), starts, np.full(len(starts), 16, np.uint64))
        rate = 16 * len(starts) / (time.perf_counter() - begun) / 1e6
        after = mapping.stats
        misses, made, fell = (after[w] - before[w] for w in ("misses", "folios", "fallbacks"))
        mapping.check()
        large = mapping.folios_by_order.get(9, 0)
        row = [k, misses, f"{fell / max(made, 1):.1%}", large, len(mapping.folios()), mapping.nodes]
        yield [policy, *row, mapping.shadows, f"{rate:.1f}"]


def timed(entries: str, clones: int, event: str) -> float:
    """Seconds of one event on the last of a family: the best of five families."""
    best = float("inf")
    for _ in range(5):
        bench = sharing.Lookup() if event == "get" else sharing.Change()
        bench.setup(entries, str(clones))
        begun = time.perf_counter()
        getattr(bench, f"time_{event}")(entries, str(clones))
        best = min(best, time.perf_counter() - begun)
    return best


def times_row(clones: int) -> list[object]:
    """Frame numbers : pointers, in the same run."""
    ratios = [timed("pfns", clones, e) / timed("pointers", clones, e) for e in EVENTS_OF]
    return [clones, *(f"{ratio:.2f}" for ratio in ratios)]


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


def counted() -> list[str]:
    """The tables in which nothing is timed: the same in every run."""
    large = [blocks_row(s, share, b) for b in BLOCKS[1:] for share in SCATTERED for s in POLICIES]
    shared = [sharing_row(kind, int(clones)) for clones in CLONES for kind in ENTRIES]
    return [
        markdown(WRITTEN, map(fraction_row, FRACTIONS)),
        holes_of([]),
        markdown(BLOCK, large),
        markdown(SHARED, shared),
    ]


def main(paths: list[str]) -> None:
    if paths:
        print(holes_of(paths))
        return
    print(*counted(), sep="\n\n", end="\n\n")
    print(markdown(HOLE_POLICIES, [first_write_row()]), end="\n\n")
    print(markdown(AGED, [row for s in ("fallback", "compound") for row in aged(s)]), end="\n\n")
    print(markdown(("clones", *EVENTS_OF), [times_row(int(clones)) for clones in CLONES]))


if __name__ == "__main__":
    main(sys.argv[1:])
